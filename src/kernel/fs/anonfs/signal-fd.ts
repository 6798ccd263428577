// signalfd(2): pending signals as records to read. They are the reader's own, whoever made the descriptor. fs/signalfd.c

import { POLLIN } from "../../../abi/constants/events.js";
import { O_CLOEXEC, O_NONBLOCK, O_RDWR } from "../../../abi/constants/files.js";
import { RLIMIT_NOFILE } from "../../../abi/constants/processes.js";
import { EAGAIN, EINVAL, Errno } from "../../../abi/errno.js";
import { layoutOf } from "../../../abi/siginfo-layout.js";
import { readSet } from "../../signal/control.js";
import type { PendingSignal } from "../../signal/pending.js";
import { SignalSet } from "../../signal/signal-set.js";
import type { Task } from "../../task/task.js";
import { type Sleep, sleepUntil } from "../../task/wait.js";
import { File } from "../../vfs/file.js";
import type { IoVector } from "../../vfs/io-vector.js";

const RECORD = 128;
const SIGSET_SIZE = 8;

class SignalFile extends File {
  /** What is not read here: the set as dequeueSignal takes it. */
  #others: SignalSet;
  readonly #maker: Task;

  constructor(task: Task, wanted: SignalSet, flags: number) {
    super(task.kernel.anonFs.dentry("[signalfd]"), O_RDWR | (flags & O_NONBLOCK));
    this.#others = complement(wanted);
    this.#maker = task;
  }

  set wanted(wanted: SignalSet) {
    this.#others = complement(wanted);
  }

  #isReady(task: Task): boolean {
    return (task.pending.next(this.#others) || task.signal.pending.next(this.#others)) !== 0;
  }

  override read(into: IoVector, task: Task): number | Sleep<number> {
    if (into.remaining < RECORD) throw new Errno(EINVAL);
    if (this.#isReady(task)) return this.#take(into, task);
    if (this.flags & O_NONBLOCK) throw new Errno(EAGAIN);
    return this.#readLater(into, task);
  }

  *#readLater(into: IoVector, task: Task): Sleep<number> {
    yield* sleepUntil(task, () => this.#isReady(task));
    return this.#take(into, task);
  }

  #take(into: IoVector, task: Task): number {
    let done = 0;
    while (into.remaining >= RECORD && this.#isReady(task)) {
      const taken = task.dequeueSignal(this.#others);
      if (taken === undefined) break;
      done += into.put(record(taken));
    }
    return done;
  }

  override get info(): string {
    const { low, high } = complement(this.#others);
    const hex = (half: number): string => (half >>> 0).toString(16).padStart(8, "0");
    return `sigmask:\t${hex(high)}${hex(low)}\n`;
  }

  override seek(): number {
    return 0; // noop_llseek
  }

  override poll(task = this.#maker): number {
    return this.#isReady(task) ? POLLIN : 0;
  }
}

function complement(set: SignalSet): SignalSet {
  return new SignalSet(~set.low, ~set.high);
}

/** struct signalfd_siginfo. */
function record({ signal, info }: PendingSignal): Uint8Array {
  const from = new DataView(info.buffer, info.byteOffset);
  const view = new DataView(new ArrayBuffer(RECORD));
  const copy32 = (to: number, at: number): void => view.setUint32(to, from.getUint32(at, true), true);
  const copy64 = (to: number, at: number): void => view.setBigUint64(to, from.getBigUint64(at, true), true);
  const SSI = { pid: 12, uid: 16, fd: 20, tid: 24, band: 28, overrun: 32, status: 40, int: 44, ptr: 48, utime: 56 };
  view.setUint32(0, signal, true);
  copy32(4, 4);
  copy32(8, 8);
  switch (layoutOf(signal, from.getInt32(8, true))) {
    case "kill":
      copy32(SSI.pid, 16);
      copy32(SSI.uid, 20);
      break;
    case "timer":
      copy32(SSI.tid, 16);
      copy32(SSI.overrun, 20);
      copy64(SSI.ptr, 24);
      copy32(SSI.int, 24);
      break;
    case "poll":
      copy32(SSI.band, 16);
      copy32(SSI.fd, 24);
      break;
    case "fault":
      copy64(72, 16);
      break;
    case "child":
      copy32(SSI.pid, 16);
      copy32(SSI.uid, 20);
      copy32(SSI.status, 24);
      copy64(SSI.utime, 32);
      copy64(64, 40);
      break;
    case "queue":
      copy32(SSI.pid, 16);
      copy32(SSI.uid, 20);
      copy64(SSI.ptr, 24);
      copy32(SSI.int, 24);
      break;
    case "sys":
      copy64(88, 16);
      copy32(84, 24);
      copy32(96, 28);
      break;
  }
  return new Uint8Array(view.buffer);
}

/** signalfd4(2): a new descriptor for -1, else another mask for the one there is. */
export function signalfd(task: Task, fd: number, mask: number, size: number, flags: number): number {
  if (size !== SIGSET_SIZE) throw new Errno(EINVAL);
  const wanted = readSet(task, mask).blockable();
  if (flags & ~(O_NONBLOCK | O_CLOEXEC)) throw new Errno(EINVAL);
  if (fd === -1) {
    const file = new SignalFile(task, wanted, flags);
    return task.files.install(file, (flags & O_CLOEXEC) !== 0, task.signal.limits.soft(RLIMIT_NOFILE));
  }
  const file = task.files.get(fd);
  if (!(file instanceof SignalFile)) throw new Errno(EINVAL);
  file.wanted = wanted;
  task.kernel.wake();
  return fd;
}
