// Collects the steps of each call's way through the entry code, as that code reports them, and hands them on when the call is over.
import type { PathObserver, PathValues } from "../kernel/entry/cpu.js";
import type { Task } from "../kernel/task/task.js";
import type { CallPath, PathStep } from "../strace/path-text.js";

const LONGEST_PATH = 1000;

interface OpenPath {
  readonly number: number;
  readonly steps: PathStep[];
  isTraced: boolean;
}

export class EntryPaths implements PathObserver {
  readonly #open = new Map<number, OpenPath>();
  readonly #tracedOnly: boolean;
  readonly #nameOf: (number: number) => string;
  readonly #done: (path: CallPath) => void;

  /** `tracedOnly`: calls that did not stop for a tracer are left out. */
  constructor(tracedOnly: boolean, nameOf: (number: number) => string, done: (path: CallPath) => void) {
    this.#tracedOnly = tracedOnly;
    this.#nameOf = nameOf;
    this.#done = done;
  }

  step(name: string, task: Task, values: PathValues): void {
    if (name === "syscall") {
      const number = Number(BigInt.asIntN(64, task.kernel.cpu.processor.registers.get64(0)));
      this.#open.set(task.pid, { number, steps: [], isTraced: false });
    }
    const path = this.#open.get(task.pid);
    if (path === undefined) return;
    if (name === "syscall_trace_enter_phase2") path.isTraced = true;
    if (path.steps.length < LONGEST_PATH) path.steps.push({ name, values });
    if (name === "sysretq" || name === "iretq") this.#close(task.pid, path);
  }

  /** What is left are calls that do not return. */
  finish(): void {
    for (const [pid, path] of this.#open) this.#close(pid, path);
  }

  #close(pid: number, { number, steps, isTraced }: OpenPath): void {
    this.#open.delete(pid);
    if (isTraced || !this.#tracedOnly) this.#done({ pid, call: this.#nameOf(number), number, isTraced, steps });
  }
}
