// fanotify(7): events of files, directories, mounts and file systems, each with a descriptor of what it is about. fs/notify/fanotify

import * as events from "../../abi/constants/events.js";
import { POLLIN, POLLRDNORM } from "../../abi/constants/events.js";
import { AT_FDCWD, O_ACCMODE, O_CLOEXEC, O_NONBLOCK, O_RDONLY, O_RDWR } from "../../abi/constants/files.js";
import { RLIMIT_NOFILE } from "../../abi/constants/processes.js";
import { CAP_SYS_ADMIN } from "../../abi/constants/security.js";
import { FIONREAD } from "../../abi/constants/terminals.js";
import { EACCES, EAGAIN, EINVAL, ENOENT, ENOTDIR, EPERM, Errno } from "../../abi/errno.js";
import type { Kernel } from "../kernel.js";
import type { Task } from "../task/task.js";
import { type Sleep, sleepUntil } from "../task/wait.js";
import { dentryAt } from "../vfs/attributes.js";
import { MAY_READ, mayAccess } from "../vfs/credentials.js";
import { Dentry } from "../vfs/dentry.js";
import { File } from "../vfs/file.js";
import type { IoVector } from "../vfs/io-vector.js";
import { openFound } from "../vfs/open.js";
import { addWatch, removeWatch, type Watch, type Watched } from "./notify.js";

const CLASS_MASK = events.FAN_CLASS_CONTENT | events.FAN_CLASS_PRE_CONTENT;
const REPORT_FID = events.FAN_REPORT_FID | events.FAN_REPORT_DIR_FID;
const ADMIN_FLAGS =
  CLASS_MASK |
  events.FAN_UNLIMITED_QUEUE |
  events.FAN_UNLIMITED_MARKS |
  events.FAN_ENABLE_AUDIT |
  events.FAN_REPORT_TID |
  events.FAN_REPORT_PIDFD;
const ALL_FLAGS = CLASS_MASK | 0x30 | events.FAN_REPORT_TID | events.FAN_CLOEXEC | events.FAN_NONBLOCK;
const EVENT_FILE_FLAGS = 0x2d7003 | O_CLOEXEC | O_NONBLOCK; // access, append, sync, large files, noatime

const MARK_TYPES = events.FAN_MARK_MOUNT | events.FAN_MARK_FILESYSTEM;
const MARK_COMMANDS = events.FAN_MARK_ADD | events.FAN_MARK_REMOVE | events.FAN_MARK_FLUSH;
const MARK_FLAGS =
  MARK_TYPES |
  MARK_COMMANDS |
  events.FAN_MARK_DONT_FOLLOW |
  events.FAN_MARK_ONLYDIR |
  events.FAN_MARK_IGNORED_MASK |
  events.FAN_MARK_IGNORED_SURV_MODIFY |
  events.FAN_MARK_IGNORE |
  events.FAN_MARK_EVICTABLE;
/** Those that have a file to open. */
const FD_EVENTS =
  events.FAN_ACCESS |
  events.FAN_MODIFY |
  events.FAN_CLOSE_WRITE |
  events.FAN_CLOSE_NOWRITE |
  events.FAN_OPEN |
  events.FAN_OPEN_EXEC;
const MASK_FLAGS = events.FAN_ONDIR | events.FAN_EVENT_ON_CHILD;

const METADATA_SIZE = 24;
const METADATA_VERSION = 3;
const NO_FD = -1;
const LONGEST_QUEUE = 16384;

interface FanotifyEvent {
  mask: number;
  readonly pid: number;
  /** Undefined for an overflow. */
  readonly place: Dentry | undefined;
}

class FanotifyMark implements Watch {
  readonly #group: FanotifyFile;
  readonly object: Watched;
  wanted = 0;
  ignored = 0;
  /** FAN_MARK_IGNORED_SURV_MODIFY */
  keepsIgnoring = false;

  constructor(group: FanotifyFile, object: Watched) {
    this.#group = group;
    this.object = object;
  }

  get mask(): number {
    return (this.wanted | (this.ignored ? events.FAN_MODIFY : 0)) & FD_EVENTS;
  }

  tell(event: number, _cookie: number, name: string | undefined, _unlinked: boolean, place?: Dentry): void {
    if (event & events.FAN_MODIFY && !this.keepsIgnoring) this.ignored = 0;
    if (place === undefined || (name !== undefined && !(this.wanted & events.FAN_EVENT_ON_CHILD))) return;
    if (place.inode.isDirectory && !(this.wanted & events.FAN_ONDIR)) return;
    this.#group.queue(event & this.wanted & FD_EVENTS, place);
  }

  gone(): void {
    this.#group.forget(this);
  }
}

export class FanotifyFile extends File {
  readonly #kernel: Kernel;
  readonly #tellsThreads: boolean;
  readonly #eventFlags: number;
  readonly #marks = new Map<Watched, FanotifyMark>();
  #events: FanotifyEvent[] = [];

  constructor(task: Task, flags: number, eventFlags: number) {
    super(task.kernel.anonFs.dentry("[fanotify]"), O_RDWR | (flags & events.FAN_NONBLOCK ? O_NONBLOCK : 0));
    this.#kernel = task.kernel;
    this.#tellsThreads = (flags & events.FAN_REPORT_TID) !== 0;
    this.#eventFlags = eventFlags;
  }

  protected override released(): void {
    for (const mark of this.#marks.values()) removeWatch(mark.object, mark);
  }

  /** An event of the same file and process adds to one that waits: fanotify_merge. */
  queue(mask: number, place: Dentry): void {
    const left = mask & ~this.#ignoredFor(place);
    const { running } = this.#kernel;
    if (left === 0 || running === undefined) return;
    const pid = this.#tellsThreads ? running.pid : running.tgid;
    const same = this.#events.find((event) => event.pid === pid && event.place?.inode === place.inode);
    if (same) same.mask |= left;
    else if (this.#events.length < LONGEST_QUEUE) this.#events.push({ mask: left, pid, place });
    else if (this.#events.at(-1)?.place) this.#events.push({ mask: events.FAN_Q_OVERFLOW, pid: 0, place: undefined });
    this.#kernel.wake();
  }

  #ignoredFor({ inode, mount, parent }: Dentry): number {
    let ignored = 0;
    for (const object of [inode, mount, mount?.superBlock]) {
      if (object) ignored |= this.#marks.get(object)?.ignored ?? 0;
    }
    const above = parent && this.#marks.get(parent.inode);
    return above && above.ignored & events.FAN_EVENT_ON_CHILD ? ignored | above.ignored : ignored;
  }

  forget(mark: FanotifyMark): void {
    this.#marks.delete(mark.object);
  }

  add(object: Watched, mask: number, flags: number): void {
    let mark = this.#marks.get(object);
    if (mark === undefined) {
      mark = new FanotifyMark(this, object);
      this.#marks.set(object, mark);
      addWatch(object, mark);
    }
    if (!(flags & (events.FAN_MARK_IGNORED_MASK | events.FAN_MARK_IGNORE))) mark.wanted |= mask;
    else {
      mark.ignored |= mask;
      if (flags & events.FAN_MARK_IGNORED_SURV_MODIFY) mark.keepsIgnoring = true;
    }
  }

  /** ENOENT where there is no mark. */
  remove(object: Watched, mask: number, flags: number): void {
    const mark = this.#marks.get(object);
    if (mark === undefined) throw new Errno(ENOENT);
    if (flags & (events.FAN_MARK_IGNORED_MASK | events.FAN_MARK_IGNORE)) mark.ignored &= ~mask;
    else mark.wanted &= ~mask;
    if (((mark.wanted | mark.ignored) & FD_EVENTS) !== 0) return;
    removeWatch(object, mark);
    this.#marks.delete(object);
  }

  /** FAN_MARK_FLUSH: all marks of a kind. */
  flushMarks(isOfKind: (object: Watched) => boolean): void {
    for (const mark of [...this.#marks.values()]) {
      if (!isOfKind(mark.object)) continue;
      removeWatch(mark.object, mark);
      this.#marks.delete(mark.object);
    }
  }

  override read(into: IoVector, task: Task): number | Sleep<number> {
    if (this.#events.length > 0) return this.#take(into, task);
    if (this.flags & O_NONBLOCK) throw new Errno(EAGAIN);
    return this.#readLater(into, task);
  }

  *#readLater(into: IoVector, task: Task): Sleep<number> {
    yield* sleepUntil(task, () => this.#events.length > 0);
    return this.#take(into, task);
  }

  #take(into: IoVector, task: Task): number {
    let done = 0;
    while (this.#events.length > 0 && into.remaining >= METADATA_SIZE) {
      const [event] = this.#events;
      try {
        done += into.put(pack(event, this.#openFor(event, task), task));
      } catch (error) {
        if (!(error instanceof Errno) || done === 0) throw error;
        return done;
      }
      this.#events.shift();
    }
    if (done === 0) throw new Errno(EINVAL);
    return done;
  }

  /** A descriptor whose own use is not told of. */
  #openFor({ place }: FanotifyEvent, task: Task): number {
    if (place === undefined) return NO_FD;
    const silent = new Dentry(place.name, place.parent, place.inode);
    Object.assign(silent, { mount: place.mount, covers: place.covers, unlinked: place.unlinked, isSilent: true });
    const file = openFound(task, silent, this.#eventFlags);
    const closes = (this.#eventFlags & O_CLOEXEC) !== 0;
    return task.files.install(file, closes, task.signal.limits.soft(RLIMIT_NOFILE));
  }

  /** Answers are for events that ask for permission, and nothing here does. */
  override write(): number {
    throw new Errno(EINVAL);
  }

  override poll(): number {
    return this.#events.length > 0 ? POLLIN | POLLRDNORM : 0;
  }

  override ioctl(command: number, argument: number, task: Task): number {
    if (command !== FIONREAD) return super.ioctl(command, argument, task) as number;
    task.writeU32(argument, this.#events.length * METADATA_SIZE);
    return 0;
  }
}

/** struct fanotify_event_metadata. */
function pack({ mask, pid }: FanotifyEvent, fd: number, task: Task): Uint8Array {
  const view = new DataView(new ArrayBuffer(METADATA_SIZE));
  view.setUint32(0, METADATA_SIZE, true);
  view.setUint8(4, METADATA_VERSION);
  view.setUint16(6, METADATA_SIZE, true);
  view.setBigUint64(8, BigInt(mask), true);
  view.setInt32(16, fd, true);
  view.setInt32(20, task.pidNamespace.inside(pid), true);
  return new Uint8Array(view.buffer);
}

/** Groups that report files by handle, as those of other users must, are not to be had. */
export function fanotifyInit(task: Task, flags: number, eventFlags: number): number {
  if (!task.cred.capable(CAP_SYS_ADMIN) && (flags & ADMIN_FLAGS || !(flags & REPORT_FID))) throw new Errno(EPERM);
  if (flags & ~ALL_FLAGS || (flags & CLASS_MASK) === CLASS_MASK) throw new Errno(EINVAL);
  if ((eventFlags & O_ACCMODE) === O_ACCMODE || eventFlags & ~EVENT_FILE_FLAGS) throw new Errno(EINVAL);
  const file = new FanotifyFile(task, flags, eventFlags | O_RDONLY);
  return task.files.install(file, (flags & events.FAN_CLOEXEC) !== 0, task.signal.limits.soft(RLIMIT_NOFILE));
}

export function fanotifyMark(
  task: Task,
  fd: number,
  flags: number,
  mask: number,
  dirfd: number,
  pathname: number,
): void {
  checkMark(flags, mask);
  const group = task.files.get(fd);
  if (!(group instanceof FanotifyFile)) throw new Errno(EINVAL);
  const command = flags & MARK_COMMANDS;
  const type = flags & MARK_TYPES;
  if (command === events.FAN_MARK_FLUSH) {
    group.flushMarks((object) => kindOf(object) === type);
    return;
  }
  const { inode, mount } = markedPlace(task, flags, dirfd, pathname);
  const marked =
    type === events.FAN_MARK_MOUNT ? mount : type === events.FAN_MARK_FILESYSTEM ? mount?.superBlock : inode;
  if (marked === undefined) throw new Errno(EINVAL);
  if (command === events.FAN_MARK_ADD) group.add(marked, mask, flags);
  else group.remove(marked, mask, flags);
}

function checkMark(flags: number, mask: number): void {
  const command = flags & MARK_COMMANDS;
  if (flags & ~MARK_FLAGS || (flags & MARK_TYPES) === MARK_TYPES) throw new Errno(EINVAL);
  if (command === events.FAN_MARK_FLUSH) {
    if (flags & ~(MARK_TYPES | events.FAN_MARK_FLUSH)) throw new Errno(EINVAL);
    return;
  }
  if ((command !== events.FAN_MARK_ADD && command !== events.FAN_MARK_REMOVE) || mask === 0) throw new Errno(EINVAL);
  if (mask > 0xffffffff || mask & ~(FD_EVENTS | MASK_FLAGS)) throw new Errno(EINVAL);
}

function kindOf(object: Watched): number {
  if ("superBlock" in object) return events.FAN_MARK_MOUNT;
  return "views" in object ? events.FAN_MARK_FILESYSTEM : 0;
}

/** fanotify_find_path: without a name, what the descriptor is. */
function markedPlace(task: Task, flags: number, dirfd: number, pathname: number): Dentry {
  const noFollow = flags & events.FAN_MARK_DONT_FOLLOW ? 0x100 : 0;
  const dentry =
    pathname === 0
      ? dirfd === AT_FDCWD
        ? task.fs.cwd
        : task.files.get(dirfd).dentry
      : dentryAt(task, dirfd, task.copyInPath(pathname), noFollow);
  if (flags & events.FAN_MARK_ONLYDIR && !dentry.inode.isDirectory) throw new Errno(ENOTDIR);
  if (!mayAccess(dentry.inode, task.cred, MAY_READ)) throw new Errno(EACCES);
  return dentry;
}
