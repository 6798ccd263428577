// struct sigevent: how timers and queues tell of what has come. include/uapi/asm-generic/siginfo.h
import type { Task } from "../task/task.js";

const SIGEVENT_SIZE = 64;

export interface Sigevent {
  /** sigev_value, a pointer at its widest. */
  readonly value: bigint;
  readonly signal: number;
  readonly notify: number;
  /** sigev_notify_thread_id. */
  readonly tid: number;
}

export function readSigevent(task: Task, address: number): Sigevent {
  const view = new DataView(task.copyIn(address, SIGEVENT_SIZE).buffer);
  const at = task.pointerBytes;
  const value = at === 8 ? view.getBigUint64(0, true) : BigInt(view.getUint32(0, true));
  return {
    value,
    signal: view.getInt32(at, true),
    notify: view.getInt32(at + 4, true),
    tid: view.getInt32(at + 8, true),
  };
}
