// Timeouts as calls take them, in nanoseconds; undefined waits for ever.
import { EINVAL, Errno } from "../../abi/errno.js";
import type { Task } from "../task/task.js";
import { readPair, readTimespec } from "./sleep.js";

/** poll(2), epoll_wait(2): negative is for ever. */
export function millisecondTimeout(milliseconds: number): number | undefined {
  return milliseconds < 0 ? undefined : milliseconds * 1e6;
}

export function timespecTimeout(task: Task, address: number): number | undefined {
  return address === 0 ? undefined : readTimespec(task, address);
}

/** select(2): too many microseconds are carried over. */
export function timevalTimeout(task: Task, address: number): number | undefined {
  if (address === 0) return undefined;
  const { seconds, fraction: microseconds } = readPair(task, address);
  if (seconds < 0 || microseconds < 0) throw new Errno(EINVAL);
  return seconds * 1e9 + microseconds * 1000;
}
