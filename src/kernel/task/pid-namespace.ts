// Linux's pid_namespace: numbers of its own for the tasks in it. The machine's numbers are those of the first one. kernel/pid_namespace.c
import type { Task } from "./task.js";

export class PidNamespace {
  /** Undefined for the first. */
  readonly parent: PidNamespace | undefined;
  readonly level: number;
  /** Process 1, whose end is the end of all others. */
  init: Task | undefined;
  readonly #inside = new Map<number, number>();
  readonly #outside = new Map<number, number>();
  #last = 0;

  constructor(parent: PidNamespace | undefined) {
    this.parent = parent;
    this.level = parent ? parent.level + 1 : 0;
  }

  /** A number here for a task that is the machine's `pid`: the first of those that are wanted, if any are. */
  enter(pid: number, wanted: readonly number[] = []): void {
    if (this.parent === undefined) return;
    let [number] = wanted;
    if (number === undefined) {
      do number = ++this.#last;
      while (this.#outside.has(number));
    }
    this.#inside.set(pid, number);
    this.#outside.set(number, pid);
    this.parent.enter(pid, wanted.slice(1));
  }

  leave(pid: number): void {
    const number = this.#inside.get(pid);
    if (number === undefined) return;
    this.#inside.delete(pid);
    this.#outside.delete(number);
    this.parent?.leave(pid);
  }

  /** pid_nr_ns: what the machine's number is here; 0 when the task is not seen from here. */
  inside(pid: number): number {
    return this.parent === undefined ? pid : (this.#inside.get(pid) ?? 0);
  }

  /** find_pid_ns: the machine's number, or -1 for nobody. */
  outside(number: number): number {
    return this.parent === undefined ? number : (this.#outside.get(number) ?? -1);
  }

  /** This or one within it? */
  holds(other: PidNamespace): boolean {
    for (let at: PidNamespace | undefined = other; at; at = at.parent) if (at === this) return true;
    return false;
  }
}
