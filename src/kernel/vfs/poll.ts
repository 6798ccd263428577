// poll, ppoll, select and pselect6. fs/select.c
import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLPRI,
  POLLRDBAND,
  POLLRDNORM,
  POLLWRBAND,
  POLLWRNORM,
} from "../../abi/constants/events.js";
import { RLIMIT_NOFILE } from "../../abi/constants/processes.js";
import { EBADF, EINVAL, ERESTARTNOHAND, Errno } from "../../abi/errno.js";
import type { Task } from "../task/task.js";
import { type Sleep, sleepUntil } from "../task/wait.js";

const POLLFD_SIZE = 8;
const POLLIN_SET = POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR;
const POLLOUT_SET = POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR;

function eventsOf(task: Task, fd: number, wanted: number): number {
  if (fd < 0) return 0;
  const file = task.files.find(fd);
  return file === undefined ? POLLNVAL : file.poll(task) & (wanted | POLLERR | POLLHUP | POLLNVAL);
}

/** poll(2). `timeout` in nanoseconds; undefined waits for ever. The number of descriptors with events. */
export function* poll(task: Task, address: number, count: number, timeout: number | undefined): Sleep<number> {
  if (count > task.signal.limits.soft(RLIMIT_NOFILE)) throw new Errno(EINVAL);
  const bytes = task.copyIn(address, count * POLLFD_SIZE);
  const view = new DataView(bytes.buffer);
  const scan = (): number => {
    let ready = 0;
    for (let at = 0; at < bytes.length; at += POLLFD_SIZE) {
      const events = eventsOf(task, view.getInt32(at, true), view.getUint16(at + 4, true));
      view.setUint16(at + 6, events, true);
      if (events !== 0) ready++;
    }
    return ready;
  };
  const deadline = timeout === undefined ? undefined : task.kernel.clock.monotonic() + timeout;
  let ready = scan();
  if (ready === 0 && timeout !== 0) {
    yield* sleepUntil(task, () => (ready = scan()) > 0, deadline, ERESTARTNOHAND);
  }
  for (let at = 0; at < bytes.length; at += POLLFD_SIZE) {
    task.copyOut(address + at + 6, bytes.subarray(at + 6, at + 8));
  }
  return ready;
}

/** select(2). The three sets are bit maps at these addresses, or 0. */
export function* select(
  task: Task,
  count: number,
  sets: readonly [read: number, write: number, except: number],
  timeout: number | undefined,
): Sleep<number> {
  if (count < 0) throw new Errno(EINVAL);
  const limited = Math.min(count, task.files.capacity);
  const size = Math.ceil(limited / (8 * task.longBytes)) * task.longBytes;
  const wanted = sets.map((address) => (address === 0 ? undefined : task.copyIn(address, size)));
  const masks = [POLLIN_SET, POLLOUT_SET, POLLPRI];
  for (let fd = 0; fd < limited; fd++) {
    if (wanted.some((set) => set && has(set, fd)) && task.files.find(fd) === undefined) throw new Errno(EBADF);
  }
  let results: (Uint8Array | undefined)[] = [];
  const scan = (): number => {
    let ready = 0;
    results = wanted.map((set) => set && new Uint8Array(size));
    wanted.forEach((set, kind) => {
      for (let fd = 0; set && fd < limited; fd++) {
        if (!has(set, fd)) continue;
        const interest = kind === 0 ? POLLIN | POLLRDNORM : kind === 1 ? POLLOUT | POLLWRNORM : POLLPRI;
        if (!(eventsOf(task, fd, interest) & masks[kind])) continue;
        const result = results[kind];
        if (result) result[fd >> 3] |= 1 << (fd & 7);
        ready++;
      }
    });
    return ready;
  };
  const deadline = timeout === undefined ? undefined : task.kernel.clock.monotonic() + timeout;
  let ready = scan();
  if (ready === 0 && timeout !== 0) {
    yield* sleepUntil(task, () => (ready = scan()) > 0, deadline, ERESTARTNOHAND);
  }
  sets.forEach((address, kind) => {
    const result = results[kind];
    if (address !== 0 && result) task.copyOut(address, result);
  });
  return ready;
}

function has(set: Uint8Array, fd: number): boolean {
  return (set[fd >> 3] & (1 << (fd & 7))) !== 0;
}
