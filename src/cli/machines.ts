// --ps and --cat: the running machines and the files of their /proc, for people or as JSON.
import Table from "cli-table3";
import { listMachines, readMachineFile } from "../control/client.js";
import { UsageError } from "./getopt.js";
import { plainTable } from "./plain-table.js";
import { print } from "./print.js";

const STATES: Readonly<Record<string, string>> = {
  running: "R",
  sleeping: "S",
  stopped: "T",
  traced: "t",
  zombie: "Z",
};
const SHORTEST_WAIT = 0.1;

export async function processesText(json: boolean): Promise<string> {
  const machines = await listMachines();
  if (json) return `${JSON.stringify(machines, undefined, 2)}\n`;
  const table = new Table({
    head: ["machine", "pid", "ppid", "state", "threads", "call", "time", "command"],
    colAligns: ["right", "right", "right", "left", "right", "left", "right", "left"],
    ...plainTable,
  });
  for (const { machine, processes } of machines) {
    for (const { pid, ppid, state, threads, call, time, command, tracer } of processes) {
      const letter = `${STATES[state] ?? state}${tracer === 0 ? "" : "+"}`;
      const words = printable(command.join(" "));
      table.push([machine, pid, ppid, letter, threads, call ?? "-", time.toFixed(2), words]);
    }
  }
  if (table.length === 0) return "no machine is running\n";
  return `${table.toString().replace(/ +$/gm, "")}\n`;
}

/** No control characters of a program's reach the terminal. */
function printable(text: string): string {
  return Buffer.from(text, "latin1")
    .toString()
    .replace(/[\x00-\x1f\x7f-\x9f]/g, "?");
}

/** `wait`: the seconds between one look and the next; undefined for a single one. */
export async function printFiles(paths: readonly string[], wait: string | undefined): Promise<number> {
  const seconds = wait === "" ? 1 : Number(wait ?? 0);
  if (!(seconds >= SHORTEST_WAIT || wait === undefined) || seconds > 86400) {
    throw new UsageError(`invalid --watch argument: '${wait}'`);
  }
  for (;;) {
    for (const path of paths) {
      process.stdout.on("error", () => {});
      const status = await print(Buffer.from(await readMachineFile(path), "latin1"));
      if (status !== 0) return status;
    }
    if (wait === undefined) return 0;
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  }
}
