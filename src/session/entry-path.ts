// Collects the steps of each call's way through the entry code, as that code reports them, and hands them on when the call is over.
import type { PathObserver, PathValues } from "../kernel/entry/cpu.js";
import { type TableName, X32_SYSCALL_BIT } from "../kernel/entry/syscall-table.js";
import type { Task } from "../kernel/task/task.js";
import type { CallPath, PathStep } from "../strace/path-text.js";

const LONGEST_PATH = 1000;
const RETURNS = new Set(["sysretq", "iretq", "sysretl"]);

/** What a call begins with, and whose number it has. */
const DOORS: Readonly<Record<string, TableName>> = {
  syscall: "x64",
  "int $0x80": "i386",
  sysenter: "i386",
};

interface OpenPath {
  readonly number: number;
  readonly table: TableName;
  readonly steps: PathStep[];
  isTraced: boolean;
}

export class EntryPaths implements PathObserver {
  readonly #open = new Map<number, OpenPath>();
  readonly #tracedOnly: boolean;
  readonly #nameOf: (number: number, table: TableName) => string;
  readonly #done: (path: CallPath) => void;

  /** `tracedOnly`: calls that did not stop for a tracer are left out. */
  constructor(
    tracedOnly: boolean,
    nameOf: (number: number, table: TableName) => string,
    done: (path: CallPath) => void,
  ) {
    this.#tracedOnly = tracedOnly;
    this.#nameOf = nameOf;
    this.#done = done;
  }

  step(name: string, task: Task, values: PathValues): void {
    const door = DOORS[name];
    if (door !== undefined) {
      const bits = door === "i386" ? 32 : 64;
      const number = Number(BigInt.asIntN(bits, task.kernel.cpu.processor.registers.get64(0)));
      const isX32 = door === "x64" && number > 0 && (number & X32_SYSCALL_BIT) !== 0;
      this.#open.set(task.pid, { number, table: isX32 ? "x32" : door, steps: [], isTraced: false });
    }
    const path = this.#open.get(task.pid);
    if (path === undefined) return;
    if (name === "syscall_trace_enter_phase2" || name === "syscall_trace_enter") path.isTraced = true;
    if (path.steps.length < LONGEST_PATH) path.steps.push({ name, values });
    if (RETURNS.has(name)) this.#close(task.pid, path);
  }

  /** What is left are calls that do not return. */
  finish(): void {
    for (const [pid, path] of this.#open) this.#close(pid, path);
  }

  #close(pid: number, { number, table, steps, isTraced }: OpenPath): void {
    this.#open.delete(pid);
    if (!isTraced && this.#tracedOnly) return;
    this.#done({ pid, call: this.#nameOf(number, table), number, isTraced, steps });
  }
}
