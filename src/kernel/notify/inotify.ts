// inotify(7): events of watched files as records to read. fs/notify/inotify

import * as events from "../../abi/constants/events.js";
import { POLLIN, POLLRDNORM } from "../../abi/constants/events.js";
import { FASYNC, O_CLOEXEC, O_NONBLOCK, O_RDONLY } from "../../abi/constants/files.js";
import { RLIMIT_NOFILE } from "../../abi/constants/processes.js";
import { POLL_IN, SIGIO } from "../../abi/constants/signals.js";
import { FIONREAD } from "../../abi/constants/terminals.js";
import { EACCES, EAGAIN, EBADF, EEXIST, EINVAL, EMFILE, ENOSPC, ENOTDIR, Errno } from "../../abi/errno.js";
import type { Kernel } from "../kernel.js";
import { bytesOf } from "../mm/user-access.js";
import { sysctlNumber } from "../sysctl.js";
import type { Task } from "../task/task.js";
import { type Sleep, sleepUntil } from "../task/wait.js";
import { MAY_READ, mayAccess } from "../vfs/credentials.js";
import { File } from "../vfs/file.js";
import { notifyOwner } from "../vfs/file-owner.js";
import type { Inode } from "../vfs/inode.js";
import type { IoVector } from "../vfs/io-vector.js";
import { walkPath } from "../vfs/path-walk.js";
import { addWatch, removeWatch, type Watch } from "./notify.js";

const MAX_QUEUED_EVENTS = 16384;
const MAX_USER_INSTANCES = 128;
const MAX_USER_WATCHES = 65536;
const EVENT_SIZE = 16;
const IN_ALL_EVENTS = 0xfff;
const OPTIONS =
  events.IN_ONLYDIR |
  events.IN_DONT_FOLLOW |
  events.IN_EXCL_UNLINK |
  events.IN_MASK_ADD |
  events.IN_MASK_CREATE |
  events.IN_ONESHOT;
const ALL_BITS =
  IN_ALL_EVENTS | events.IN_UNMOUNT | events.IN_Q_OVERFLOW | events.IN_IGNORED | events.IN_ISDIR | OPTIONS;
const KEPT_BITS = IN_ALL_EVENTS | events.IN_UNMOUNT | events.IN_EXCL_UNLINK | events.IN_ONESHOT;

interface Event {
  readonly wd: number;
  readonly mask: number;
  readonly cookie: number;
  /** Padded with NULs, as it is read. */
  readonly name: Uint8Array;
}

class InotifyWatch implements Watch {
  readonly wd: number;
  readonly inode: Inode;
  readonly #file: InotifyFile;
  options: number;

  constructor(file: InotifyFile, wd: number, inode: Inode, options: number) {
    this.#file = file;
    this.wd = wd;
    this.inode = inode;
    this.options = options;
  }

  get mask(): number {
    return this.options & IN_ALL_EVENTS;
  }

  tell(event: number, cookie: number, name: string | undefined, unlinked: boolean): void {
    if (unlinked && this.options & events.IN_EXCL_UNLINK) return;
    this.#file.queue(this.wd, event, cookie, name);
    if (this.options & events.IN_ONESHOT) {
      removeWatch(this.inode, this);
      this.gone();
    }
  }

  gone(): void {
    this.#file.forget(this);
  }
}

export class InotifyFile extends File {
  readonly #events: Event[] = [];
  readonly #watches = new Map<number, InotifyWatch>();
  readonly #byInode = new Map<Inode, InotifyWatch>();
  readonly #kernel: Kernel;
  readonly #counts: InotifyCounts;
  readonly #uid: number;
  #lastWd = 0;

  constructor(task: Task, flags: number) {
    super(task.kernel.anonFs.dentry("inotify"), O_RDONLY | (flags & O_NONBLOCK));
    this.#kernel = task.kernel;
    this.#counts = task.kernel.inotifyCounts;
    this.#uid = task.cred.uid;
    this.#counts.instances.set(this.#uid, this.#counts.of(this.#uid) + 1);
  }

  override get hasAsync(): boolean {
    return true;
  }

  protected override released(): void {
    for (const watch of this.#watches.values()) removeWatch(watch.inode, watch);
    this.#counts.watches -= this.#watches.size;
    this.#counts.instances.set(this.#uid, this.#counts.of(this.#uid) - 1);
  }

  /** An event like the last one in the queue says nothing new. inotify_merge */
  queue(wd: number, mask: number, cookie: number, text: string | undefined): void {
    const length = text === undefined ? 0 : Math.ceil((text.length + 1) / EVENT_SIZE) * EVENT_SIZE;
    const name = new Uint8Array(length);
    if (text !== undefined) name.set(bytesOf(text));
    const last = this.#events.at(-1);
    if (last && isSame(last, wd, mask, name)) return;
    if (this.#events.length < sysctlNumber(this.#kernel, "fs/inotify/max_queued_events", MAX_QUEUED_EVENTS))
      this.#events.push({ wd, mask, cookie, name });
    else if (last && !(last.mask & events.IN_Q_OVERFLOW)) {
      this.#events.push({ wd: -1, mask: events.IN_Q_OVERFLOW, cookie: 0, name: new Uint8Array(0) });
    } else return;
    if (this.flags & FASYNC) notifyOwner(this.#kernel, this, this.asyncFd, SIGIO, POLL_IN);
  }

  forget(watch: InotifyWatch): void {
    this.queue(watch.wd, events.IN_IGNORED, 0, undefined);
    this.#byInode.delete(watch.inode);
    if (this.#watches.delete(watch.wd)) this.#counts.watches--;
  }

  watch(inode: Inode, mask: number): number {
    const old = this.#byInode.get(inode);
    const options = mask & KEPT_BITS;
    if (old) {
      if (mask & events.IN_MASK_CREATE) throw new Errno(EEXIST);
      old.options = mask & events.IN_MASK_ADD ? old.options | options : options;
      return old.wd;
    }
    if (this.#counts.watches >= sysctlNumber(this.#kernel, "fs/inotify/max_user_watches", MAX_USER_WATCHES))
      throw new Errno(ENOSPC);
    const watch = new InotifyWatch(this, ++this.#lastWd, inode, options);
    this.#watches.set(watch.wd, watch);
    this.#byInode.set(inode, watch);
    this.#counts.watches++;
    addWatch(inode, watch);
    return watch.wd;
  }

  unwatch(wd: number): void {
    const watch = this.#watches.get(wd);
    if (watch === undefined) throw new Errno(EINVAL);
    removeWatch(watch.inode, watch);
    watch.gone();
  }

  override read(into: IoVector, task: Task): number | Sleep<number> {
    if (this.#events.length > 0) return this.#take(into);
    if (this.flags & O_NONBLOCK) throw new Errno(EAGAIN);
    return this.#readLater(into, task);
  }

  *#readLater(into: IoVector, task: Task): Sleep<number> {
    yield* sleepUntil(task, () => this.#events.length > 0);
    return this.#take(into);
  }

  #take(into: IoVector): number {
    let done = 0;
    for (;;) {
      const event = this.#events.at(0);
      if (event === undefined || into.remaining < EVENT_SIZE + event.name.length) break;
      this.#events.shift();
      done += into.put(pack(event));
    }
    if (done === 0) throw new Errno(EINVAL);
    return done;
  }

  override write(): number {
    throw new Errno(EBADF);
  }

  override seek(): number {
    return 0; // noop_llseek
  }

  override poll(): number {
    return this.#events.length > 0 ? POLLIN | POLLRDNORM : 0;
  }

  override ioctl(command: number, argument: number, task: Task): number {
    if (command !== FIONREAD) return super.ioctl(command, argument, task) as number;
    task.writeU32(
      argument,
      this.#events.reduce((sum, { name }) => sum + EVENT_SIZE + name.length, 0),
    );
    return 0;
  }
}

function isSame(last: Event, wd: number, mask: number, name: Uint8Array): boolean {
  if (last.mask & events.IN_IGNORED || last.wd !== wd || last.mask !== mask) return false;
  return last.name.length === name.length && last.name.every((byte, index) => byte === name[index]);
}

/** struct inotify_event and its name. */
function pack({ wd, mask, cookie, name }: Event): Uint8Array {
  const bytes = new Uint8Array(EVENT_SIZE + name.length);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, wd, true);
  view.setUint32(4, mask, true);
  view.setUint32(8, cookie, true);
  view.setUint32(12, name.length, true);
  bytes.set(name, EVENT_SIZE);
  return bytes;
}

/** What there is of it in the whole system: instances by user, and watches. */
export class InotifyCounts {
  readonly instances = new Map<number, number>();
  watches = 0;

  of(uid: number): number {
    return this.instances.get(uid) ?? 0;
  }
}

export function inotifyInit(task: Task, flags: number): number {
  if (flags & ~(O_CLOEXEC | O_NONBLOCK)) throw new Errno(EINVAL);
  const most = sysctlNumber(task.kernel, "fs/inotify/max_user_instances", MAX_USER_INSTANCES);
  if (task.kernel.inotifyCounts.of(task.cred.uid) >= most) throw new Errno(EMFILE);
  const file = new InotifyFile(task, flags);
  return task.files.install(file, (flags & O_CLOEXEC) !== 0, task.signal.limits.soft(RLIMIT_NOFILE));
}

function inotifyFile(task: Task, fd: number): InotifyFile {
  const file = task.files.get(fd);
  if (!(file instanceof InotifyFile)) throw new Errno(EINVAL);
  return file;
}

export function inotifyAddWatch(task: Task, fd: number, path: number, mask: number): number {
  if (mask & ~ALL_BITS || mask === 0) throw new Errno(EINVAL);
  task.files.get(fd);
  if (mask & events.IN_MASK_ADD && mask & events.IN_MASK_CREATE) throw new Errno(EINVAL);
  const file = inotifyFile(task, fd);
  const { inode } = walkPath(task, task.fs.cwd, task.copyInPath(path), !(mask & events.IN_DONT_FOLLOW));
  if (mask & events.IN_ONLYDIR && !inode.isDirectory) throw new Errno(ENOTDIR);
  if (!mayAccess(inode, task.cred, MAY_READ)) throw new Errno(EACCES);
  return file.watch(inode, mask);
}

export function inotifyRmWatch(task: Task, fd: number, wd: number): void {
  inotifyFile(task, fd).unwatch(wd);
}
