// Calls that a supervisor decides about: SECCOMP_RET_USER_NOTIF, and the descriptor by which he is told. kernel/seccomp.c
import { POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../../abi/constants/events.js";
import { O_CLOEXEC, O_RDWR } from "../../abi/constants/files.js";
import {
  SECCOMP_ADDFD_FLAG_SEND,
  SECCOMP_ADDFD_FLAG_SETFD,
  SECCOMP_USER_NOTIF_FLAG_CONTINUE,
} from "../../abi/constants/ioctls.js";
import { RLIMIT_NOFILE } from "../../abi/constants/processes.js";
import { EINPROGRESS, EINVAL, ENOENT, ENOSYS, Errno } from "../../abi/errno.js";
import { addDescriptor, notice as noticeStruct, reply as replyStruct } from "../../abi/seccomp-notices.js";
import type { SyscallValue } from "../entry/syscall-table.js";
import type { Task } from "../task/task.js";
import { type Sleep, sleepUntil } from "../task/wait.js";
import { File } from "../vfs/file.js";

/** SECCOMP_IOCTL_NOTIF_*: '!' is their letter. */
const RECV = 0xc0502100;
const SEND = 0xc0182101;
const ID_VALID = 0x40082102;
const ID_VALID_WRONG_DIRECTION = 0x80082102;
const ADDFD = 0x40182103;
const SET_FLAGS = 0x40082104;
/** SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP: where the supervisor goes on, of which there is one processor here. */
const KNOWN_FLAGS = 1;

interface Answer {
  readonly value: bigint;
  /** 0, or a negative errno. */
  readonly error: number;
  readonly flags: number;
}

/** A call that waits for its answer. */
export class Notification {
  readonly id: bigint;
  readonly task: Task;
  /** struct seccomp_data. */
  readonly data: Uint8Array;
  sent = false;
  answer: Answer | undefined;

  constructor(id: bigint, task: Task, data: Uint8Array) {
    this.id = id;
    this.task = task;
    this.data = data;
  }

  /** The supervisor lets the call be made after all. */
  get goesOn(): boolean {
    return ((this.answer?.flags ?? 0) & SECCOMP_USER_NOTIF_FLAG_CONTINUE) !== 0;
  }
}

/** What a filter with a listener has. */
export class Notifications {
  readonly #waiting: Notification[] = [];
  readonly #isKillable: boolean;
  #next: bigint;
  #isOpen = true;
  #changes = 0;

  /** `isKillable`: SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: once received, only a fatal signal ends the wait. */
  constructor(isKillable: boolean, firstId: bigint) {
    this.#isKillable = isKillable;
    this.#next = firstId;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get changes(): number {
    return this.#changes;
  }

  /** undefined when nobody listens any longer. */
  add(task: Task, data: Uint8Array): Notification | undefined {
    if (!this.#isOpen) return undefined;
    const notification = new Notification(this.#next, task, data);
    this.#next = BigInt.asUintN(64, this.#next + 1n);
    this.#waiting.push(notification);
    this.#changed(task);
    return notification;
  }

  #changed(task: Task): void {
    this.#changes++;
    task.kernel.wake();
  }

  /** The call's wait: what it returns, unless it goes on. */
  *wait(notification: Notification): Sleep<SyscallValue> {
    const { task } = notification;
    try {
      while (notification.answer === undefined) {
        if (this.#isKillable && notification.sent) yield { ready: () => notification.answer !== undefined };
        else
          yield* sleepUntil(task, () => notification.answer !== undefined || (this.#isKillable && notification.sent));
      }
    } finally {
      this.#waiting.splice(this.#waiting.indexOf(notification), 1);
    }
    const { value, error } = notification.answer;
    if (error !== 0) throw new Errno(-error);
    return value;
  }

  get unsent(): Notification | undefined {
    return this.#waiting.find(({ sent, answer }) => !sent && answer === undefined);
  }

  get hasSent(): boolean {
    return this.#waiting.some(({ sent, answer }) => sent && answer === undefined);
  }

  find(id: bigint): Notification | undefined {
    return this.#waiting.find((each) => each.id === id);
  }

  receive(notification: Notification): void {
    notification.sent = true;
    this.#changed(notification.task);
  }

  answer(notification: Notification, answer: Answer): void {
    notification.answer = answer;
    this.#changed(notification.task);
  }

  close(): void {
    this.#isOpen = false;
    for (const each of this.#waiting) each.answer ??= { value: 0n, error: -ENOSYS, flags: 0 };
    this.#waiting[0]?.task.kernel.wake();
  }
}

export class ListenerFile extends File {
  readonly #notifications: Notifications;
  /** Whether a task is left that the filter binds. */
  readonly #isUsed: () => boolean;

  constructor(task: Task, notifications: Notifications, isUsed: () => boolean) {
    super(task.kernel.anonFs.dentry("seccomp notify"), O_RDWR);
    this.#notifications = notifications;
    this.#isUsed = isUsed;
  }

  protected override released(): void {
    this.#notifications.close();
  }

  override get activity(): number {
    return this.#notifications.changes;
  }

  override poll(): number {
    const { unsent, hasSent } = this.#notifications;
    const ready = (unsent ? POLLIN | POLLRDNORM : 0) | (hasSent ? POLLOUT | POLLWRNORM : 0);
    return ready | (this.#isUsed() ? 0 : POLLHUP);
  }

  override ioctl(command: number, argument: number, task: Task): number | Sleep<number> {
    switch (command) {
      case RECV:
        return this.#receive(argument, task);
      case SEND:
        return this.#send(argument, task);
      case ID_VALID:
      case ID_VALID_WRONG_DIRECTION:
        return this.#check(task.copyIn(argument, 8));
      case ADDFD:
        return this.#addDescriptor(argument, task);
      case SET_FLAGS:
        if (argument & ~KNOWN_FLAGS) throw new Errno(EINVAL);
        return 0;
      default:
        throw new Errno(EINVAL);
    }
  }

  *#receive(address: number, task: Task): Sleep<number> {
    const notifications = this.#notifications;
    if (task.copyIn(address, noticeStruct.size()).some((byte) => byte !== 0)) throw new Errno(EINVAL);
    yield* sleepUntil(task, () => notifications.unsent !== undefined || !this.#isUsed());
    const notification = notifications.unsent;
    if (notification === undefined) throw new Errno(ENOENT);
    const { id, data } = notification;
    task.copyOut(address, noticeStruct.encode({ id, pid: notification.task.pid, data }));
    notifications.receive(notification);
    return 0;
  }

  /** One that has been received and not answered. */
  #find(id: bigint): Notification {
    const notification = this.#notifications.find(id);
    if (notification === undefined) throw new Errno(ENOENT);
    if (!notification.sent || notification.answer) throw new Errno(EINPROGRESS);
    return notification;
  }

  #send(address: number, task: Task): number {
    const view = task.readStruct(replyStruct, address);
    const value = view.getBigInt64(replyStruct.offset("val"), true);
    const error = replyStruct.get(view, "error") | 0;
    const flags = replyStruct.get(view, "flags");
    if (flags & ~SECCOMP_USER_NOTIF_FLAG_CONTINUE) throw new Errno(EINVAL);
    if (flags !== 0 && (error !== 0 || value !== 0n)) throw new Errno(EINVAL);
    const notification = this.#find(view.getBigUint64(replyStruct.offset("id"), true));
    this.#notifications.answer(notification, { value, error, flags });
    return 0;
  }

  #check(bytes: Uint8Array): number {
    const notification = this.#notifications.find(new DataView(bytes.buffer).getBigUint64(0, true));
    if (!notification?.sent || notification.answer) throw new Errno(ENOENT);
    return 0;
  }

  /** A descriptor of the supervisor's becomes one of the task's, which may be the answer as well. */
  #addDescriptor(address: number, task: Task): number {
    const view = task.readStruct(addDescriptor, address);
    const [flags, source, target, targetFlags] = (["flags", "srcfd", "newfd", "newfd_flags"] as const).map((name) =>
      addDescriptor.get(view, name),
    );
    if (targetFlags & ~O_CLOEXEC) throw new Errno(EINVAL);
    if (flags & ~(SECCOMP_ADDFD_FLAG_SETFD | SECCOMP_ADDFD_FLAG_SEND)) throw new Errno(EINVAL);
    if (target !== 0 && !(flags & SECCOMP_ADDFD_FLAG_SETFD)) throw new Errno(EINVAL);
    const file = task.files.get(source);
    const notification = this.#find(view.getBigUint64(0, true));
    const { files, signal } = notification.task;
    const limit = signal.limits.soft(RLIMIT_NOFILE);
    const closes = (targetFlags & O_CLOEXEC) !== 0;
    const fd =
      flags & SECCOMP_ADDFD_FLAG_SETFD
        ? files.put(file.hold(), target, closes, limit)
        : files.install(file.hold(), closes, limit);
    if (flags & SECCOMP_ADDFD_FLAG_SEND)
      this.#notifications.answer(notification, { value: BigInt(fd), error: 0, flags: 0 });
    return fd;
  }
}
