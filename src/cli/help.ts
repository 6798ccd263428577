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

export function helpText(name: string): string {
  let text = `Usage: ${name} [-ACffhiknNqqrtttTvVwxxyyzZ] [-e EXPR]... [-a COLUMN] [-o FILE] [-s STRSIZE]
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
  for (const group of groups) {
    text += `\n${group}:\n`;
    for (const option of optionTable) {
      if (option.group === group) text += `  ${spelling(option)}\n${wrapped(option.help)}`;
    }
  }
  return text;
}
