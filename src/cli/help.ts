// The help and the version, made from the option table.
import { groups, type OptionDeclaration, optionTable } from "./option-table.js";

const TEXT_COLUMN = 17;
const WIDTH = 100;

function spelling(option: OptionDeclaration): string {
  const short =
    option.short === undefined
      ? []
      : [`-${option.short}${option.value === undefined || option.optional ? "" : ` ${option.value}`}`];
  const value = option.value === undefined ? "" : option.optional ? `[=${option.value}]` : `=${option.value}`;
  return [...short, `--${option.name}${value}`].join(", ");
}

function wrapped(text: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && TEXT_COLUMN + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => `${" ".repeat(TEXT_COLUMN)}${each}\n`).join("");
}

/** The options of a table, group by group. */
export function optionsText(table: readonly OptionDeclaration[]): string {
  let text = "";
  for (const group of groups) {
    const its = table.filter((option) => option.group === group);
    if (its.length > 0) text += `\n${group}:\n`;
    for (const option of its) text += `  ${spelling(option)}\n${wrapped(option.help)}`;
  }
  return text;
}

export function helpText(name: string): string {
  const usage = `Usage: ${name} [-ACffhiknNqqrtttTvVwxxyyzZ] [-e EXPR]... [-a COLUMN] [-o FILE] [-s STRSIZE]
              [-X FORMAT] [-O OVERHEAD] [-S SORTBY] [-P PATH]... [-U COLUMNS]
              [--root DIR] [--rw DIR]... [--net=host] [-E VAR=VAL]... PROG [ARGS]
   or: ${name} -c[fwzZ] [-e EXPR]... [-S SORTBY] [-U COLUMNS] PROG [ARGS]
   or: ${name} --run PROG [ARGS]
   or: ${name} [-f] [-e EXPR]... [-o FILE] -p PID[,PID...]
   or: ${name} --record=FILE [OPTIONS] PROG [ARGS]
   or: ${name} --expect=FILE [--update] [PROG [ARGS]]
   or: ${name} --diff A B
   or: ${name} --ps [--json]
   or: ${name} --cat=/proc/PID/FILE [--watch]
   or: ${name} --syscalls [--json]
`;
  return usage + optionsText(optionTable);
}
