// epoll(7): interest in files, asked all at once. fs/eventpoll.c. Edge-triggered interest fires
// on each change from not ready, and whenever the file's activity says that more has come.
import {
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLET,
  EPOLLONESHOT,
  POLLERR,
  POLLHUP,
  POLLIN,
} from "../../../abi/constants/events.js";
import { O_CLOEXEC, O_RDWR } from "../../../abi/constants/files.js";
import { RLIMIT_NOFILE } from "../../../abi/constants/processes.js";
import { EEXIST, EINTR, EINVAL, ENOENT, EPERM, Errno } from "../../../abi/errno.js";
import type { Task } from "../../task/task.js";
import { type Sleep, sleepUntil } from "../../task/wait.js";
import { File } from "../../vfs/file.js";

const EVENT_SIZE = 12; // packed on x86-64

interface Interest {
  readonly file: File;
  events: number;
  data: Uint8Array;
  wasReady: number;
  /** The file's activity when it was last told of. */
  activity: number;
}

class EpollFile extends File {
  readonly interests = new Map<number, Interest>();

  constructor(task: Task) {
    super(task.kernel.anonFs.dentry("[eventpoll]"), O_RDWR);
  }

  /** Interests with something to tell, at most `max`. */
  ready(max: number, task?: Task): [Interest, number][] {
    const found: [Interest, number][] = [];
    for (const [fd, interest] of this.interests) {
      if (!interest.file.isOpen) {
        this.interests.delete(fd);
        continue;
      }
      const now = interest.file.poll(task) & (interest.events | POLLERR | POLLHUP);
      const isQuiet = interest.activity === interest.file.activity;
      const told = interest.events & EPOLLET && isQuiet ? now & ~interest.wasReady : now;
      if (told === 0) interest.wasReady = now;
      if (told !== 0 && found.length < max && (interest.events & 0xffff) !== 0) found.push([interest, now]);
    }
    return found;
  }

  override poll(task?: Task): number {
    return this.ready(1, task).length > 0 ? POLLIN : 0;
  }
}

export function createEpoll(task: Task, flags: number): number {
  if (flags & ~O_CLOEXEC) throw new Errno(EINVAL);
  const limit = task.signal.limits.soft(RLIMIT_NOFILE);
  return task.files.install(new EpollFile(task), (flags & O_CLOEXEC) !== 0, limit);
}

function epollFile(task: Task, fd: number): EpollFile {
  const file = task.files.get(fd);
  if (!(file instanceof EpollFile)) throw new Errno(EINVAL);
  return file;
}

export function controlEpoll(task: Task, epfd: number, operation: number, fd: number, event: number): void {
  const bytes = operation === EPOLL_CTL_DEL ? new Uint8Array(EVENT_SIZE) : task.copyIn(event, EVENT_SIZE);
  task.files.get(epfd);
  const file = task.files.get(fd);
  if (file.inode.isRegular || file.inode.isDirectory) throw new Errno(EPERM);
  const epoll = epollFile(task, epfd);
  if (file === epoll) throw new Errno(EINVAL);
  const old = epoll.interests.get(fd);
  const events = new DataView(bytes.buffer).getInt32(0, true);
  const data = bytes.slice(4);
  if (operation === EPOLL_CTL_ADD) {
    if (old?.file.isOpen) throw new Errno(EEXIST);
    epoll.interests.set(fd, { file, events, data, wasReady: 0, activity: -1 });
  } else if (operation === EPOLL_CTL_MOD) {
    if (old === undefined) throw new Errno(ENOENT);
    Object.assign(old, { events, data, wasReady: 0, activity: -1 });
  } else if (operation === EPOLL_CTL_DEL) {
    if (!epoll.interests.delete(fd)) throw new Errno(ENOENT);
  } else throw new Errno(EINVAL);
}

/** epoll_wait(2). `timeout` in nanoseconds; undefined waits for ever. */
export function* waitEpoll(
  task: Task,
  epfd: number,
  address: number,
  max: number,
  timeout: number | undefined,
): Sleep<number> {
  task.files.get(epfd);
  if (max <= 0) throw new Errno(EINVAL);
  const epoll = epollFile(task, epfd);
  const deadline = timeout === undefined ? undefined : task.kernel.clock.monotonic() + timeout;
  let ready = epoll.ready(max, task);
  if (ready.length === 0 && timeout !== 0) {
    yield* sleepUntil(task, () => (ready = epoll.ready(max, task)).length > 0, deadline, EINTR);
  }
  ready.forEach(([interest, events], index) => {
    const bytes = new Uint8Array(EVENT_SIZE);
    new DataView(bytes.buffer).setUint32(0, events, true);
    bytes.set(interest.data, 4);
    task.copyOut(address + index * EVENT_SIZE, bytes);
    interest.wasReady = events;
    interest.activity = interest.file.activity;
    if (interest.events & EPOLLONESHOT) interest.events &= EPOLLONESHOT | EPOLLET;
  });
  return ready.length;
}
