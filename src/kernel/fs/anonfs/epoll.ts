// epoll(7): interest in files, asked all at once. fs/eventpoll.c. Edge-triggered interest fires
// on each change from not ready, and whenever the file's activity says that more has come.
import {
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLONESHOT,
  EPOLLWAKEUP,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDNORM,
} from "../../../abi/constants/events.js";
import { O_CLOEXEC, O_RDWR } from "../../../abi/constants/files.js";
import { RLIMIT_NOFILE } from "../../../abi/constants/processes.js";
import { EEXIST, EINTR, EINVAL, ELOOP, ENOENT, EPERM, Errno } from "../../../abi/errno.js";
import { checkRange } from "../../mm/user-access.js";
import type { Task } from "../../task/task.js";
import { type Sleep, sleepUntil } from "../../task/wait.js";
import { File } from "../../vfs/file.js";

const EVENT_SIZE = 12; // packed on x86-64
const MOST_EVENTS = Math.floor(0x7fffffff / EVENT_SIZE);
/** EP_MAX_NESTS */
const DEEPEST = 4;
const EXCLUSIVE_BITS = POLLIN | POLLOUT | POLLERR | POLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE;
const NO_OPTIONS = ~(EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE | EPOLLWAKEUP);

interface Interest {
  readonly fd: number;
  readonly file: File;
  events: number;
  data: Uint8Array;
  wasReady: number;
  /** The file's activity when it was last told of. */
  activity: number;
}

export class EpollFile extends File {
  readonly interests = new Map<number, Interest>();
  /** What may have something to tell, in the order in which it came to have it. */
  readonly #queue = new Set<Interest>();
  #strays = 0;
  /** Those that are interested in this one. */
  readonly #above = new Set<EpollFile>();

  constructor(task: Task) {
    super(task.kernel.anonFs.dentry("[eventpoll]"), O_RDWR);
  }

  /** Interests with something to tell, at most `max`. */
  ready(max: number, task?: Task): [Interest, number][] {
    this.#discover(task);
    const found: [Interest, number][] = [];
    for (const interest of this.#queue) {
      if (found.length >= max) break;
      const now = this.#eventsOf(interest, task);
      if (now !== 0) found.push([interest, now]);
      else this.#queue.delete(interest);
    }
    return found;
  }

  /** Puts at the end of the queue whatever has something to tell and is not there yet. */
  #discover(task?: Task): void {
    const news: Interest[] = [];
    const seen = new Set<File>();
    for (const [key, interest] of this.interests) {
      if (!interest.file.isOpen) {
        this.interests.delete(key);
        this.#drop(interest);
        continue;
      }
      if (this.#queue.has(interest) || this.#eventsOf(interest, task) === 0) continue;
      // Of one file, who came last is woken first.
      const sibling = seen.has(interest.file) ? news.findIndex(({ file }) => file === interest.file) : news.length;
      news.splice(sibling, 0, interest);
      seen.add(interest.file);
    }
    for (const interest of news) this.#queue.add(interest);
  }

  /** What there is to tell of it now. */
  #eventsOf(interest: Interest, task?: Task): number {
    if ((interest.events & NO_OPTIONS) === 0) return 0;
    const now = interest.file.poll(task) & (interest.events | POLLERR | POLLHUP);
    const isQuiet = interest.activity === interest.file.activity;
    const told = interest.events & EPOLLET && isQuiet ? now & ~interest.wasReady : now;
    if (told === 0) interest.wasReady = now;
    return told === 0 ? 0 : now;
  }

  #drop(interest: Interest): void {
    this.#queue.delete(interest);
    if (interest.file instanceof EpollFile) interest.file.#above.delete(this);
  }

  /** They have been told of: what is level-triggered waits behind the others for its next turn. */
  told(reported: readonly [Interest, number][]): void {
    for (const [interest, events] of reported) {
      this.#queue.delete(interest);
      interest.wasReady = events;
      interest.activity = interest.file.activity;
      if (interest.events & EPOLLONESHOT) interest.events &= ~NO_OPTIONS;
      else if (!(interest.events & EPOLLET)) this.#queue.add(interest);
    }
  }

  add(interest: Interest, task: Task): void {
    if (interest.file instanceof EpollFile) interest.file.#above.add(this);
    // A descriptor that was closed while its file stayed open elsewhere keeps its interest, which nobody can name any longer.
    const stray = this.interests.get(interest.fd);
    if (stray) this.interests.set(-++this.#strays, stray);
    this.interests.set(interest.fd, interest);
    this.#discover(task);
  }

  change(interest: Interest, events: number, data: Uint8Array, task: Task): void {
    Object.assign(interest, { events, data, wasReady: 0, activity: -1 });
    this.#discover(task);
  }

  remove(interest: Interest): void {
    this.interests.delete(interest.fd);
    this.#drop(interest);
  }

  /** How many of its kind are in a row below it, itself included. */
  get depth(): number {
    let deepest = 0;
    for (const { file } of this.interests.values())
      if (file instanceof EpollFile) deepest = Math.max(deepest, file.depth);
    return deepest + 1;
  }

  /** And above it. */
  get height(): number {
    let highest = 0;
    for (const each of this.#above) highest = Math.max(highest, each.isOpen ? each.height + 1 : 0);
    return highest;
  }

  /** Does it, or one below it, ask about `other`? */
  leadsTo(other: EpollFile): boolean {
    if (this === other) return true;
    return [...this.interests.values()].some(({ file }) => file instanceof EpollFile && file.leadsTo(other));
  }

  override get activity(): number {
    let sum = 0;
    for (const { file } of this.interests.values()) sum += file.activity;
    return sum;
  }

  override poll(task?: Task): number {
    return this.ready(1, task).length > 0 ? POLLIN | POLLRDNORM : 0;
  }

  override get info(): string {
    let text = "";
    for (const { fd, file, events, data } of this.interests.values()) {
      if (fd < 0 || !file.isOpen) continue;
      const { ino, dev } = file.inode.stat();
      const value = new DataView(data.buffer, data.byteOffset).getBigUint64(0, true).toString(16).padStart(16);
      const asked = ((events | POLLERR | POLLHUP) >>> 0).toString(16).padStart(8);
      text += `tfd: ${String(fd).padStart(8)} events: ${asked} data: ${value}  pos:${file.position} ino:${ino.toString(16)} sdev:${dev.toString(16)}\n`;
    }
    return text;
  }

  override seek(): number {
    return 0;
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
  if (file.poll === File.prototype.poll) throw new Errno(EPERM); // it can always be read and written
  const epoll = epollFile(task, epfd);
  if (file === epoll) throw new Errno(EINVAL);
  const events = new DataView(bytes.buffer).getInt32(0, true);
  if (events & EPOLLEXCLUSIVE) checkExclusive(operation, file, events);
  if (operation === EPOLL_CTL_ADD && file instanceof EpollFile) {
    if (file.leadsTo(epoll) || epoll.height + file.depth > DEEPEST) throw new Errno(ELOOP);
  }
  const data = bytes.slice(4);
  const known = epoll.interests.get(fd);
  const old = known?.file === file ? known : undefined;
  if (operation === EPOLL_CTL_ADD) {
    if (old !== undefined) throw new Errno(EEXIST);
    epoll.add({ fd, file, events, data, wasReady: 0, activity: -1 }, task);
    return;
  }
  if (operation !== EPOLL_CTL_MOD && operation !== EPOLL_CTL_DEL) throw new Errno(EINVAL);
  if (old === undefined) throw new Errno(ENOENT);
  if (operation === EPOLL_CTL_DEL) epoll.remove(old);
  else if (old.events & EPOLLEXCLUSIVE) throw new Errno(EINVAL);
  else epoll.change(old, events, data, task);
}

function checkExclusive(operation: number, file: File, events: number): void {
  if (operation === EPOLL_CTL_MOD) throw new Errno(EINVAL);
  const isPlain = !(file instanceof EpollFile) && (events & ~EXCLUSIVE_BITS) === 0;
  if (operation === EPOLL_CTL_ADD && !isPlain) throw new Errno(EINVAL);
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
  if (max <= 0 || max > MOST_EVENTS) throw new Errno(EINVAL);
  checkRange(address, max * EVENT_SIZE);
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
  });
  epoll.told(ready);
  return ready.length;
}
