// F_NOTIFY: a signal when something happens in a directory. fs/notify/dnotify
import * as events from "../../abi/constants/events.js";
import * as fcntl from "../../abi/constants/files.js";
import { POLL_MSG, SIGIO } from "../../abi/constants/signals.js";
import { ENOTDIR, Errno } from "../../abi/errno.js";
import type { Kernel } from "../kernel.js";
import type { Task } from "../task/task.js";
import type { File } from "../vfs/file.js";
import { notifyOwner } from "../vfs/file-owner.js";
import { addWatch, removeWatch, type Watch } from "./notify.js";

/** IN_* bits of each DN_* bit. */
const MEANINGS: readonly (readonly [number, number])[] = [
  [fcntl.DN_ACCESS, events.IN_ACCESS],
  [fcntl.DN_MODIFY, events.IN_MODIFY],
  [fcntl.DN_CREATE, events.IN_CREATE | events.IN_MOVED_TO],
  [fcntl.DN_DELETE, events.IN_DELETE | events.IN_MOVED_FROM],
  [fcntl.DN_RENAME, events.IN_MOVED_FROM],
  [fcntl.DN_ATTRIB, events.IN_ATTRIB],
];

export class DirectoryNotice implements Watch {
  readonly #kernel: Kernel;
  readonly #file: File;
  readonly #fd: number;
  mask: number;
  #again: boolean;

  constructor(kernel: Kernel, file: File, fd: number, wanted: number) {
    this.#kernel = kernel;
    this.#file = file;
    this.#fd = fd;
    this.mask = maskOf(wanted);
    this.#again = (wanted & fcntl.DN_MULTISHOT) !== 0;
  }

  add(wanted: number): void {
    this.mask |= maskOf(wanted);
    this.#again ||= (wanted & fcntl.DN_MULTISHOT) !== 0;
  }

  tell(_event: number, _cookie: number, name: string | undefined): void {
    if (name === undefined) return;
    notifyOwner(this.#kernel, this.#file, this.#fd, SIGIO, POLL_MSG);
    if (!this.#again) this.remove();
  }

  remove(): void {
    removeWatch(this.#file.inode, this);
    this.#file.notice = undefined;
  }

  gone(): void {
    this.#file.notice = undefined;
  }
}

function maskOf(wanted: number): number {
  return MEANINGS.reduce((mask, [bit, meaning]) => (wanted & bit ? mask | meaning : mask), 0);
}

export function notifyDirectory(task: Task, fd: number, file: File, wanted: number): void {
  if ((wanted & ~fcntl.DN_MULTISHOT) === 0) {
    file.notice?.remove();
    return;
  }
  if (!file.inode.isDirectory) throw new Errno(ENOTDIR);
  file.owner ??= { kind: "process", id: task.tgid, uid: task.cred.uid, euid: task.cred.euid };
  if (file.notice) {
    file.notice.add(wanted);
    return;
  }
  file.notice = new DirectoryNotice(task.kernel, file, fd, wanted);
  addWatch(file.inode, file.notice);
}
