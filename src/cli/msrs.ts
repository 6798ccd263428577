// --msrs: what boot wrote for system calls, for people or as JSON.
import Table from "cli-table3";
import { bootState } from "../session/boot-state.js";
import type { KernelConfig } from "../session/run-program.js";
import { plainTable } from "./plain-table.js";

const COLUMNS = 3;
const WIDTH = 26;

export function msrsText(json: boolean, config: Partial<KernelConfig>): string {
  const state = bootState(config);
  if (json) return `${JSON.stringify(state, undefined, 2)}\n`;
  const msrs = new Table({ head: ["msr", "name", "value"], ...plainTable });
  for (const { number, name, value } of state.msrs) msrs.push([number, name, value]);
  const gates = new Table({ head: ["vector", "gate", "dpl"], colAligns: ["right"], ...plainTable });
  for (const { vector, handler, dpl } of state.gates) gates.push([vector, handler, dpl]);
  const slots = state.slots.map(({ number, symbol }) => `${String(number).padStart(3)} ${symbol}`);
  const rows: string[] = [];
  for (let i = 0; i < slots.length; i += COLUMNS) {
    rows.push(
      slots
        .slice(i, i + COLUMNS)
        .map((slot) => slot.padEnd(WIDTH))
        .join(" "),
    );
  }
  const text = [msrs.toString(), "", gates.toString(), "", `sys_call_table, ${slots.length} slots filled:`, ...rows];
  return `${text.join("\n").replace(/ +$/gm, "")}\n`;
}
