// --syscalls: the table of system calls and how far each is implemented, for people or as JSON.
import Table from "cli-table3";
import { callSupport } from "../session/support.js";
import { plainTable } from "./plain-table.js";

export function syscallsText(json: boolean): string {
  const calls = callSupport();
  if (json) return `${JSON.stringify(calls, undefined, 2)}\n`;
  const table = new Table({
    head: ["number", "name", "status", "missing"],
    colAligns: ["right"],
    ...plainTable,
  });
  for (const { number, name, status, missing } of calls) table.push([number, name, status, missing ?? ""]);
  const count = (wanted: string): string => `${calls.filter(({ status }) => status === wanted).length} ${wanted}`;
  const lines = table.toString().replace(/ +$/gm, "");
  return `${lines}\n${calls.length} calls: ${["implemented", "partial", "ENOSYS"].map(count).join(", ")}\n`;
}
