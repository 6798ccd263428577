// --tips: a piece of advice at the end.
import { UsageError } from "./getopt.js";

const TIPS = [
  "-f follows children. Without it the trace of a shell script is that of the shell alone.",
  "-y shows which file a descriptor stands for, -yy also the addresses of sockets and what devices are.",
  "-e trace=%file shows who looks for what; with -Z only what is not found.",
  "-k prints the functions that led to each call: who in the program wants it.",
  "-c says which calls take the time, -C does so beside the trace, and -w counts the time that passes by the clock on the wall.",
  "-e inject=CALL:error=ERRNO:when=3 lets the third call fail: does the program notice?",
  "--record keeps a trace as a test, --expect makes it again and shows what has changed, call by call.",
  "--ps lists what runs under your other terminals' tsstrace, and -p PID traces it from now on.",
  "--path shows each step of a call's way into the kernel and back, with the registers.",
  "--format=perfetto writes a timeline of all processes for https://ui.perfetto.dev.",
  "--rw DIR lets the program's changes below DIR be real. All others are forgotten at the end, or made real by --commit.",
  "-o '|COMMAND' hands the trace to a command. -o FILE -ff writes a file for each process.",
];

const WIDTH = 46;

/** What `value` of --tips asks for; undefined for nothing. Throws a UsageError. */
export function tipText(value: string): string | undefined {
  let id = Math.floor(Math.random() * TIPS.length);
  let format = "compact";
  for (const part of value === "" ? [] : value.split(",")) {
    const [, key, word] = /^(?:(id|format):)?(.*)$/.exec(part) ?? [];
    if (key !== "format" && /^\d+$/.test(word)) id = Number(word) % TIPS.length;
    else if (key !== "id" && ["none", "compact", "full"].includes(word)) format = word;
    else if (key === "format" || word !== "random") throw new UsageError(`invalid --tips argument: '${value}'`);
  }
  return format === "none" ? undefined : framed(TIPS[id]);
}

function framed(tip: string): string {
  const lines = [""];
  for (const word of tip.split(" ")) {
    const line = lines[lines.length - 1];
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length > WIDTH) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  const rule = `  +${"-".repeat(WIDTH + 2)}+\n`;
  return rule + lines.map((line) => `  | ${line.padEnd(WIDTH)} |\n`).join("") + rule;
}
