// getopt_long's grammar, in front of yargs: bundled short options, attached values, abbreviated long names. What comes out is one
// `--name=value` or `--name` for each option, in order, and the words from the first that is no option on.
import { UserError } from "../lib/errors.js";
import { type OptionDeclaration, optionTable } from "./option-table.js";

export interface Words {
  readonly options: readonly string[];
  readonly rest: readonly string[];
}

/** A misuse of the command line: the message is followed by a hint at the help. */
export class UsageError extends UserError {}

type Table = readonly OptionDeclaration[];

export function normalise(argv: readonly string[], table: Table = optionTable): Words {
  const options: string[] = [];
  const counts = new Map<string, number>();
  const add = (option: OptionDeclaration, value: string | undefined): void => {
    options.push(canonical(option, value, counts));
  };
  let at = 0;
  const nextWord = (): string | undefined => argv[++at];
  for (; at < argv.length; at++) {
    const word = argv[at] as string;
    if (word === "--") {
      at++;
      break;
    }
    if (!word.startsWith("-") || word === "-") break;
    if (word.startsWith("--")) readLong(word.slice(2), nextWord, add, table);
    else readShort(word.slice(1), nextWord, add, table);
  }
  return { options, rest: argv.slice(at) };
}

type Add = (option: OptionDeclaration, value: string | undefined) => void;

function readShort(letters: string, nextWord: () => string | undefined, add: Add, table: Table): void {
  for (let i = 0; i < letters.length; i++) {
    const letter = letters[i] as string;
    const option = table.find(({ short }) => short === letter);
    if (option === undefined) throw new UsageError(`invalid option -- '${letter}'`);
    if (option.value === undefined || option.optional) {
      add(option, undefined);
      continue;
    }
    const attached = letters.slice(i + 1);
    const value = attached === "" ? nextWord() : attached;
    if (value === undefined) throw new UsageError(`option requires an argument -- '${letter}'`);
    add(option, value);
    return;
  }
}

function readLong(text: string, nextWord: () => string | undefined, add: Add, table: Table): void {
  const equals = text.indexOf("=");
  const name = equals < 0 ? text : text.slice(0, equals);
  const option = findLong(name, text, table);
  let value = equals < 0 ? undefined : text.slice(equals + 1);
  if (option.value === undefined) {
    if (value !== undefined) throw new UsageError(`option '--${option.name}' doesn't allow an argument`);
  } else if (value === undefined && !option.optional) {
    value = nextWord();
    if (value === undefined) throw new UsageError(`option '--${option.name}' requires an argument`);
  } else if (value === "" && option.optional && !option.mayBeEmpty && !option.alias?.[0].startsWith("expression=")) {
    throw new UsageError(`invalid --${option.name} argument: ''`);
  }
  add(option, value);
}

function findLong(name: string, text: string, table: Table): OptionDeclaration {
  const exact = table.find((option) => option.name === name);
  if (exact !== undefined) return exact;
  const candidates = table.filter((option) => option.name.startsWith(name));
  if (candidates.length === 1) return candidates[0] as OptionDeclaration;
  if (candidates.length === 0) throw new UsageError(`unrecognized option '--${text}'`);
  const possibilities = candidates.map((option) => ` '--${option.name}'`).join("");
  throw new UsageError(`option '--${text}' is ambiguous; possibilities:${possibilities}`);
}

function canonical(option: OptionDeclaration, value: string | undefined, counts: Map<string, number>): string {
  const { alias } = option;
  if (alias === undefined) {
    // An optional value that is left out is the empty one.
    return option.value === undefined ? `--${option.name}` : `--${option.name}=${value ?? ""}`;
  }
  if (value !== undefined) {
    const target = alias[0] as string;
    // `trace=` and its like take the value after the qualifier's own `=`.
    const qualifier = target.startsWith("expression=")
      ? `expression=${target.slice(11).split("=")[0]}=`
      : `${option.name}=`;
    return `--${qualifier}${value}`;
  }
  const count = (counts.get(option.name) ?? 0) + 1;
  counts.set(option.name, count);
  return `--${alias[Math.min(count, alias.length) - 1]}`;
}
