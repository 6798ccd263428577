// The normalised words through yargs: every option with its values, in the order given.
import yargs, { type Options } from "yargs";
import { type OptionDeclaration, optionTable } from "./option-table.js";
import type { Parsed } from "./parsed.js";

/** Put before every value: yargs would take an empty one for none. */
const MARK = ":";

function marked(word: string): string {
  const equals = word.indexOf("=");
  return equals < 0 ? word : `${word.slice(0, equals + 1)}${MARK}${word.slice(equals + 1)}`;
}

export function parse(words: readonly string[], table: readonly OptionDeclaration[] = optionTable): Parsed {
  const declarations: Record<string, Options> = {};
  for (const option of table) {
    // Answered before yargs is asked, which has its own ideas of them.
    if (option.name === "help" || option.name === "version") continue;
    declarations[option.name] =
      option.value === undefined ? { type: "boolean", count: true } : { type: "string", array: true };
  }
  const result: Record<string, unknown> = yargs(words.map(marked))
    .parserConfiguration({
      "boolean-negation": false,
      "camel-case-expansion": false,
      "dot-notation": false,
      "greedy-arrays": false,
      "parse-numbers": false,
      "short-option-groups": false,
    })
    .options(declarations)
    .help(false)
    .version(false)
    .exitProcess(false)
    .parseSync();
  const all = (name: string): readonly string[] => {
    const value = result[name];
    return Array.isArray(value) ? value.map((each) => String(each).slice(MARK.length)) : [];
  };
  return {
    all,
    last: (name) => all(name).at(-1),
    count: (name) => {
      const value = result[name];
      return Array.isArray(value) ? value.length : Number(value ?? 0);
    },
  };
}
