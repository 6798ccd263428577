// Collects the steps of each call's way through the entry code, as that code reports them, and hands them on when the call is over.
import type { PathObserver, PathValues } from "../kernel/entry/cpu.js";
import { slotOf, type TableName, X32_SYSCALL_BIT } from "../kernel/entry/syscall-table.js";
import type { Task } from "../kernel/task/task.js";
import type { Personality } from "../strace/call.js";
import type { CallPath, PathStep } from "../strace/path-text.js";

const LONGEST_PATH = 1000;
const RETURNS = new Set(["sysretq", "iretq", "sysretl", "do_exit"]);

/** What a call begins with, and whose number it has. */
const DOORS: Readonly<Record<string, TableName>> = {
  syscall: "x64",
  "int $0x80": "i386",
  sysenter: "i386",
  "syscall (compatibility mode)": "i386",
};

export interface WatchedCall {
  readonly number: number;
  /** Which call of which table that is. */
  readonly slot: number;
  readonly personality: Personality;
  /** It stopped for a tracer. */
  readonly isTraced: boolean;
}

interface OpenPath extends WatchedCall {
  readonly table: TableName;
  readonly steps: PathStep[];
  isTraced: boolean;
}

export class EntryPaths implements PathObserver {
  readonly #open = new Map<number, OpenPath>();
  readonly #wants: (call: WatchedCall) => boolean;
  readonly #nameOf: (number: number, table: TableName) => string | undefined;
  readonly #watches: (task: Task) => boolean;
  readonly #done: (path: CallPath) => void;

  /** `wants`: which calls are handed on; `watches`: of which tasks. A call without a name is called by its number. */
  constructor(
    wants: (call: WatchedCall) => boolean,
    nameOf: (number: number, table: TableName) => string | undefined,
    done: (path: CallPath) => void,
    watches: (task: Task) => boolean = () => true,
  ) {
    this.#wants = wants;
    this.#nameOf = nameOf;
    this.#done = done;
    this.#watches = watches;
  }

  step(name: string, task: Task, values: PathValues): void {
    const door = DOORS[name];
    if (door !== undefined && this.#watches(task)) {
      const bits = door === "i386" ? 32 : 64;
      const number = Number(BigInt.asIntN(bits, task.kernel.cpu.processor.registers.get64(0)));
      const isX32 = door === "x64" && number > 0 && (number & X32_SYSCALL_BIT) !== 0;
      const table = isX32 ? "x32" : door;
      const personality = table === "x64" ? "x86_64" : table;
      this.#open.set(task.pid, {
        number,
        slot: slotOf(number, table),
        personality,
        table,
        steps: [],
        isTraced: false,
      });
    }
    const path = this.#open.get(task.pid);
    if (path === undefined) return;
    if (name === "syscall_trace_enter_phase2" || name === "syscall_trace_enter") path.isTraced = true;
    const isLast = RETURNS.has(name);
    if (path.steps.length < LONGEST_PATH || isLast) path.steps.push({ name, values });
    if (isLast) this.#close(task.pid, path);
  }

  /** What is left are calls that tasks were in when nobody watched any more. */
  finish(): void {
    for (const [pid, path] of this.#open) this.#close(pid, path);
  }

  #close(pid: number, path: OpenPath): void {
    const { number, table, steps, isTraced } = path;
    this.#open.delete(pid);
    if (this.#wants(path))
      this.#done({ pid, call: this.#nameOf(number, table) ?? `syscall_${number}`, number, isTraced, steps });
  }
}
