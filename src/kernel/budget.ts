// What a machine may use of the host, whatever its programs try. A program sees the answers of a Linux that has no more.
import { EAGAIN, ENOMEM, ENOSPC, Errno } from "../abi/errno.js";
import { PAGE_SIZE } from "../machine/state-layout.js";

export interface BudgetLimits {
  /** Processes and threads. */
  readonly tasks: number;
  /** Bytes of memory: of all address spaces and of files that are kept in memory. */
  readonly memory: number;
  /** Files, directories and other things with an inode made in memory. */
  readonly files: number;
}

export const DEFAULT_LIMITS: BudgetLimits = { tasks: 2000, memory: 4 * 1024 ** 3, files: 250_000 };

export class Budget {
  limits: BudgetLimits;
  /** Is room set aside for a file taken from it at once? */
  readonly reserves: boolean = false;
  #pages = 0;
  #files = 0;

  constructor(limits: BudgetLimits) {
    this.limits = limits;
  }

  get totalPages(): number {
    return Math.floor(this.limits.memory / PAGE_SIZE);
  }

  get freePages(): number {
    return Math.max(0, this.totalPages - this.#pages);
  }

  /** Throws EAGAIN when there may not be one more than `tasks`. */
  checkTasks(tasks: number): void {
    if (tasks >= this.limits.tasks) throw new Errno(EAGAIN);
  }

  /** False when there are not that many left; then nothing is taken. */
  takePages(count: number): boolean {
    if (count > this.freePages) return false;
    this.#pages += count;
    return true;
  }

  /** For a file's contents: throws ENOSPC. */
  takeFilePages(count: number): void {
    if (!this.takePages(count)) throw new Errno(ENOSPC);
  }

  /** For a whole address space: throws ENOMEM. */
  takeMemory(count: number): void {
    if (!this.takePages(count)) throw new Errno(ENOMEM);
  }

  givePages(count: number): void {
    this.#pages -= count;
  }

  /** Throws ENOSPC. */
  takeFile(): void {
    if (this.#files >= this.limits.files) throw new Errno(ENOSPC);
    this.#files++;
  }

  get freeFiles(): number {
    return Math.max(0, this.limits.files - this.#files);
  }

  giveFile(): void {
    this.#files--;
  }
}
