// The file of a fanotify group: its marks, the events that wait to be read, and those it is asked about. fs/notify/fanotify/fanotify.c
import * as events from "../../abi/constants/events.js";
import { POLLIN, POLLRDNORM } from "../../abi/constants/events.js";
import { O_CLOEXEC, O_NONBLOCK, O_RDWR } from "../../abi/constants/files.js";
import { RLIMIT_NOFILE } from "../../abi/constants/processes.js";
import { CAP_SYS_ADMIN } from "../../abi/constants/security.js";
import { FIONREAD } from "../../abi/constants/terminals.js";
import { EAGAIN, EEXIST, EINVAL, ENOENT, Errno } from "../../abi/errno.js";
import { PidFile } from "../fs/anonfs/pid-fd.js";
import type { Kernel } from "../kernel.js";
import type { Task } from "../task/task.js";
import { type Sleep, sleepUntil } from "../task/wait.js";
import { Dentry } from "../vfs/dentry.js";
import { File } from "../vfs/file.js";
import type { IoVector } from "../vfs/io-vector.js";
import { openFound } from "../vfs/open.js";
import { aboutOf, infoSize, METADATA_SIZE, NO_FD, packEvent, type Reported } from "./fanotify-records.js";
import { addWatch, type Happening, type Marks, type Role, removeWatch, type Watch, type Watched } from "./notify.js";

export const PERMISSION_EVENTS = events.FAN_OPEN_PERM | events.FAN_ACCESS_PERM | events.FAN_OPEN_EXEC_PERM;
export const REPORT_FID = events.FAN_REPORT_FID | events.FAN_REPORT_DIR_FID;
const REPORTS = REPORT_FID | events.FAN_REPORT_NAME | events.FAN_REPORT_TARGET_FID;
const MASK_FLAGS = events.FAN_ONDIR | events.FAN_EVENT_ON_CHILD;
/** struct fanotify_response */
const FAN_ALLOW = 1;
export const FAN_DENY = 2;
const FAN_AUDIT = 0x10;
const LONGEST_QUEUE = 16384;
const RESPONSE_SIZE = 8;

/** How many marks ask for permission: while there are none nobody looks for them. */
export const permissionMarks = { count: 0 };

interface FanotifyEvent extends Reported {
  readonly key: string;
  /** What is waited for: FAN_ALLOW or FAN_DENY once it is known. */
  readonly question?: Question;
}

/** A task's question to a group. */
export interface Question {
  verdict: number | undefined;
}

export class FanotifyMark implements Watch {
  readonly group: FanotifyFile;
  readonly object: Watched;
  wanted = 0;
  ignored = 0;
  /** FAN_MARK_IGNORED_SURV_MODIFY */
  keepsIgnoring = false;
  /** FAN_MARK_IGNORE: the flags of the ignored mask count. */
  hasIgnoreFlags = false;

  constructor(group: FanotifyFile, object: Watched) {
    this.group = group;
    this.object = object;
  }

  get mask(): number {
    return this.wanted | (this.ignored ? events.FAN_MODIFY : 0);
  }

  /** fsnotify_effective_ignore_mask */
  ignoredFor(onDirectory: boolean, role: Role): number {
    if (this.ignored === 0) return 0;
    const flags = this.hasIgnoreFlags ? this.ignored : events.FAN_ONDIR | (this.wanted & events.FAN_EVENT_ON_CHILD);
    return applies(flags, onDirectory, role) ? this.ignored & ~MASK_FLAGS : 0;
  }

  tell(): void {}

  gone(): void {
    this.group.forget(this);
  }
}

/** fsnotify_mask_applicable */
const applies = (mask: number, onDirectory: boolean, role: Role): boolean =>
  (!onDirectory || (mask & events.FAN_ONDIR) !== 0) && (role !== "parent" || (mask & events.FAN_EVENT_ON_CHILD) !== 0);

export class FanotifyFile extends File {
  readonly #kernel: Kernel;
  readonly flagsOfGroup: number;
  readonly #eventFlags: number;
  readonly isPrivileged: boolean;
  readonly #marks = new Map<Watched, FanotifyMark>();
  #events: FanotifyEvent[] = [];
  /** Questions whose event was read, by the descriptor that came with it. */
  readonly #asked = new Map<number, Question>();

  constructor(task: Task, flags: number, eventFlags: number) {
    super(task.kernel.anonFs.dentry("[fanotify]"), O_RDWR | (flags & events.FAN_NONBLOCK ? O_NONBLOCK : 0));
    this.#kernel = task.kernel;
    this.flagsOfGroup = flags;
    this.#eventFlags = eventFlags;
    this.isPrivileged = task.cred.can(CAP_SYS_ADMIN);
  }

  /** FAN_REPORT_FID and its kin. */
  get reports(): number {
    return this.flagsOfGroup & REPORTS;
  }

  protected override released(): void {
    for (const mark of [...this.#marks.values()]) this.#drop(mark);
    for (const { question } of this.#events) if (question) question.verdict ??= FAN_ALLOW;
    for (const question of this.#asked.values()) question.verdict ??= FAN_ALLOW;
    this.#kernel.wake();
  }

  /** Which of an event's bits the marks want, and which kinds of marks those are. fanotify_group_event_mask */
  #wanted({ event, inode, directory, place }: Happening, marks: Marks): { mask: number; roles: Set<Role> } {
    const onDirectory = (event & events.FAN_ONDIR) !== 0;
    const roles = new Set<Role>();
    if (this.reports === 0 && (place === undefined || !(inode.isRegular || inode.isDirectory)))
      return { mask: 0, roles };
    if (this.reports && !(this.reports & events.FAN_REPORT_FID) && !directory && !onDirectory)
      return { mask: 0, roles };
    let wanted = 0;
    let ignored = 0;
    for (const [role, watch] of marks) {
      const mark = watch as FanotifyMark;
      ignored |= mark.ignoredFor(onDirectory, role);
      if (!applies(mark.wanted, onDirectory, role)) continue;
      wanted |= mark.wanted;
      if (mark.wanted & event & ~MASK_FLAGS) roles.add(role);
    }
    return { mask: event & wanted & ~ignored & ~MASK_FLAGS, roles };
  }

  hear(what: Happening, marks: Marks): void {
    const { mask, roles } = this.#wanted(what, marks);
    if (what.event & events.FAN_MODIFY) {
      for (const [, watch] of marks) if (!(watch as FanotifyMark).keepsIgnoring) (watch as FanotifyMark).ignored = 0;
    }
    if (mask === 0) return;
    const onDirectory = this.reports ? what.event & events.FAN_ONDIR : 0;
    this.#queue(mask | onDirectory, what, roles);
  }

  /** The question, when a mark of the group wants to be asked about it. */
  ask(what: Happening, marks: Marks): Question | undefined {
    const { mask, roles } = this.#wanted(what, marks);
    if ((mask & PERMISSION_EVENTS) === 0) return undefined;
    const question: Question = { verdict: undefined };
    this.#queue(mask, what, roles, question);
    return question;
  }

  /** An event like one that waits, of the same process, adds to it: fanotify_merge. */
  #queue(mask: number, what: Happening, roles: ReadonlySet<Role>, question?: Question): void {
    const { running } = this.#kernel;
    if (running === undefined) return;
    const pid = this.flagsOfGroup & events.FAN_REPORT_TID ? running.pid : running.tgid;
    const about = this.reports ? aboutOf(this.reports, mask, what, roles) : undefined;
    if (about)
      for (const dentry of [what.place, ...(what.directories ?? [])])
        if (dentry) this.#kernel.fileHandles.remember(dentry);
    const apart = mask & (events.FAN_ONDIR | events.FAN_RENAME);
    const subject = about ? about.key : `${what.inode.stat().dev}:${what.inode.stat().ino}`;
    const key = `${pid} ${apart} ${subject}`;
    const same = question ? undefined : this.#events.find((event) => event.key === key && !event.question);
    const { place } = what;
    if (same) same.mask |= mask;
    else if (this.#events.length < LONGEST_QUEUE || question)
      this.#events.push({ mask, pid, place, about, key, question });
    else if (this.#events.at(-1)?.key !== "")
      this.#events.push({ mask: events.FAN_Q_OVERFLOW, pid: 0, place: undefined, about: undefined, key: "" });
    this.#kernel.wake();
  }

  forget(mark: FanotifyMark): void {
    if (mark.wanted & PERMISSION_EVENTS) permissionMarks.count--;
    this.#marks.delete(mark.object);
  }

  #drop(mark: FanotifyMark): void {
    removeWatch(mark.object, mark);
    this.forget(mark);
  }

  add(object: Watched, mask: number, flags: number): void {
    let mark = this.#marks.get(object);
    if (mark === undefined) {
      mark = new FanotifyMark(this, object);
      this.#marks.set(object, mark);
      addWatch(object, mark);
    }
    if (!(flags & (events.FAN_MARK_IGNORED_MASK | events.FAN_MARK_IGNORE))) {
      const had = mark.wanted & PERMISSION_EVENTS;
      mark.wanted |= mask;
      if (!had && mask & PERMISSION_EVENTS) permissionMarks.count++;
      return;
    }
    const hasFlags = (flags & events.FAN_MARK_IGNORE) !== 0;
    if (mark.ignored && mark.hasIgnoreFlags && !hasFlags) throw new Errno(EEXIST);
    mark.hasIgnoreFlags ||= hasFlags;
    mark.ignored |= mask;
    if (flags & events.FAN_MARK_IGNORED_SURV_MODIFY) mark.keepsIgnoring = true;
  }

  /** ENOENT where there is no mark. */
  remove(object: Watched, mask: number, flags: number): void {
    const mark = this.#marks.get(object);
    if (mark === undefined) throw new Errno(ENOENT);
    const asked = mark.wanted & PERMISSION_EVENTS;
    if (flags & (events.FAN_MARK_IGNORED_MASK | events.FAN_MARK_IGNORE)) mark.ignored &= ~mask;
    else mark.wanted &= ~mask;
    if (asked && !(mark.wanted & PERMISSION_EVENTS)) permissionMarks.count--;
    if (((mark.wanted | mark.ignored) & ~MASK_FLAGS) === 0) this.#drop(mark);
  }

  /** FAN_MARK_FLUSH: all marks of a kind. */
  flushMarks(isOfKind: (object: Watched) => boolean): void {
    for (const mark of [...this.#marks.values()]) if (isOfKind(mark.object)) this.#drop(mark);
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
    while (this.#events.length > 0) {
      const [event] = this.#events;
      const tellsProcess = (this.flagsOfGroup & events.FAN_REPORT_PIDFD) !== 0;
      if (into.remaining < METADATA_SIZE + infoSize(event, this.reports, tellsProcess)) break;
      try {
        const fd = this.#openFor(event, task);
        const shown = this.isPrivileged || event.pid === task.tgid ? task.pidNamespace.inside(event.pid) : 0;
        const pidFd = tellsProcess ? this.#openProcess(event.pid, task) : undefined;
        done += into.put(packEvent(event, this.reports, fd, shown, pidFd));
        if (event.question) this.#asked.set(fd, event.question);
      } catch (error) {
        if (!(error instanceof Errno) || done === 0) throw error;
        return done;
      }
      this.#events.shift();
    }
    if (done === 0) throw new Errno(EINVAL);
    return done;
  }

  #install(file: File, closesOnExec: boolean, task: Task): number {
    return task.files.install(file, closesOnExec, task.signal.limits.soft(RLIMIT_NOFILE));
  }

  /** A descriptor whose own use is not told of. */
  #openFor({ place, about }: FanotifyEvent, task: Task): number {
    if (place === undefined || about) return NO_FD;
    const silent = new Dentry(place.name, place.parent, place.inode);
    Object.assign(silent, { mount: place.mount, covers: place.covers, unlinked: place.unlinked, isSilent: true });
    return this.#install(openFound(task, silent, this.#eventFlags), (this.#eventFlags & O_CLOEXEC) !== 0, task);
  }

  #openProcess(pid: number, task: Task): number {
    const target = this.#kernel.tasks.get(pid);
    return target === undefined ? NO_FD : this.#install(new PidFile(target, 0), true, task);
  }

  /** struct fanotify_response: the answer to a question. */
  override write(from: IoVector): number {
    if (from.remaining < RESPONSE_SIZE) throw new Errno(EINVAL);
    const bytes = from.takeAll(RESPONSE_SIZE);
    const view = new DataView(bytes.buffer);
    const [fd, response] = [view.getInt32(0, true), view.getUint32(4, true)];
    const verdict = response & ~FAN_AUDIT;
    const isContent = (this.flagsOfGroup & (events.FAN_CLASS_CONTENT | events.FAN_CLASS_PRE_CONTENT)) !== 0;
    if (!isContent || (verdict !== FAN_ALLOW && verdict !== FAN_DENY)) throw new Errno(EINVAL);
    const question = this.#asked.get(fd);
    if (question === undefined) throw new Errno(ENOENT);
    question.verdict = verdict;
    this.#asked.delete(fd);
    this.#kernel.wake();
    return RESPONSE_SIZE;
  }

  override seek(): number {
    return 0; // noop_llseek
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
