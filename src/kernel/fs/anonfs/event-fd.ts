// eventfd(2): a counter as a file. fs/eventfd.c
import { EFD_SEMAPHORE, POLLIN, POLLOUT } from "../../../abi/constants/events.js";
import { O_CLOEXEC, O_NONBLOCK, O_RDWR } from "../../../abi/constants/files.js";
import { RLIMIT_NOFILE } from "../../../abi/constants/processes.js";
import { EAGAIN, EINVAL, Errno } from "../../../abi/errno.js";
import type { Task } from "../../task/task.js";
import { type Sleep, sleepUntil } from "../../task/wait.js";
import { File } from "../../vfs/file.js";
import type { IoVector } from "../../vfs/io-vector.js";

const MAX = 0xffff_ffff_ffff_fffen;

export class EventFile extends File {
  /** Whoever adds to it when somebody looks: polls of AIO that nobody else asks about. */
  readonly sources = new Set<{ refresh(): void }>();
  #count: bigint;
  #changes = 0;
  readonly #semaphore: boolean;
  readonly #id: number;

  constructor(task: Task, initial: number, flags: number) {
    super(task.kernel.anonFs.dentry("[eventfd]"), O_RDWR | (flags & O_NONBLOCK));
    this.#count = BigInt(initial);
    this.#id = task.kernel.anonFs.nextEventId++;
    this.#semaphore = (flags & EFD_SEMAPHORE) !== 0;
  }

  #refresh(): void {
    for (const source of [...this.sources]) source.refresh();
  }

  /** eventfd_signal */
  add(value: bigint): void {
    this.#count = this.#count + value > MAX ? MAX : this.#count + value;
    this.#changes++;
  }

  override seek(): number {
    return 0; // noop_llseek
  }

  override read(into: IoVector, task: Task): number | Sleep<number> {
    if (into.remaining < 8) throw new Errno(EINVAL);
    this.#refresh();
    if (this.#count > 0n) return this.#take(into);
    if (this.flags & O_NONBLOCK) throw new Errno(EAGAIN);
    return this.#readLater(into, task);
  }

  *#readLater(into: IoVector, task: Task): Sleep<number> {
    yield* sleepUntil(task, () => {
      this.#refresh();
      return this.#count > 0n;
    });
    return this.#take(into);
  }

  #take(into: IoVector): number {
    const value = this.#semaphore ? 1n : this.#count;
    this.#count -= value;
    this.#changes++;
    return into.put(new Uint8Array(new BigUint64Array([value]).buffer));
  }

  override write(from: IoVector, task: Task): number | Sleep<number> {
    if (from.remaining < 8) throw new Errno(EINVAL);
    const bytes = from.take(8);
    const value = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
    if (value > MAX) throw new Errno(EINVAL);
    if (this.#count + value <= MAX) {
      this.#count += value;
      this.#changes++;
      return 8;
    }
    if (this.flags & O_NONBLOCK) throw new Errno(EAGAIN);
    return this.#writeLater(value, task);
  }

  *#writeLater(value: bigint, task: Task): Sleep<number> {
    yield* sleepUntil(task, () => this.#count + value <= MAX);
    this.#count += value;
    this.#changes++;
    return 8;
  }

  override get activity(): number {
    this.#refresh();
    return this.#changes;
  }

  override get info(): string {
    const count = this.#count.toString(16).padStart(16);
    return `eventfd-count: ${count}\neventfd-id: ${this.#id}\neventfd-semaphore: ${this.#semaphore ? 1 : 0}\n`;
  }

  override poll(): number {
    this.#refresh();
    return (this.#count > 0n ? POLLIN : 0) | (this.#count < MAX ? POLLOUT : 0);
  }
}

export function eventfd(task: Task, initial: number, flags: number): number {
  if (flags & ~(EFD_SEMAPHORE | O_NONBLOCK | O_CLOEXEC)) throw new Errno(EINVAL);
  const file = new EventFile(task, initial, flags);
  return task.files.install(file, (flags & O_CLOEXEC) !== 0, task.signal.limits.soft(RLIMIT_NOFILE));
}
