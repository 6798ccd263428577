// Inodes of /proc: text made when it is read, links, and directories whose names are made when they are asked for.
import * as stat from "../../../abi/constants/files.js";
import { PROC_SUPER_MAGIC } from "../../../abi/constants/files.js";
import { EINVAL, EISDIR, ENOENT, Errno } from "../../../abi/errno.js";
import { bytesOf } from "../../mm/user-access.js";
import type { Task } from "../../task/task.js";
import type { Dentry } from "../../vfs/dentry.js";
import { DirectoryFile } from "../../vfs/directory-file.js";
import { File, seekTo } from "../../vfs/file.js";
import { type DirectoryEntry, Inode, type Stat, type Statfs } from "../../vfs/inode.js";
import type { IoVector } from "../../vfs/io-vector.js";
import type { FileSystem } from "../file-system.js";

export abstract class ProcInode extends Inode {
  readonly fs: FileSystem;
  readonly ino: bigint;
  readonly mode: number;
  readonly #owner: { readonly uid: number; readonly gid: number };
  readonly #born: bigint;

  constructor(fs: FileSystem, mode: number, owner?: { uid: number; gid: number }) {
    super();
    this.fs = fs;
    this.ino = fs.nextIno();
    this.mode = mode;
    this.#owner = owner ?? { uid: 0, gid: 0 };
    this.#born = fs.now();
  }

  /** Of a process, its own: it may have become another's. */
  get uid(): number {
    return this.#owner.uid;
  }

  get gid(): number {
    return this.#owner.gid;
  }

  get volume(): object {
    return this.fs;
  }

  get size(): number {
    return 0;
  }

  stat(): Stat {
    return {
      dev: this.fs.dev,
      ino: this.ino,
      mode: this.mode,
      nlink: this.isDirectory ? 2 : 1,
      uid: this.uid,
      gid: this.gid,
      rdev: 0,
      size: this.size,
      blksize: this.isDirectory || this.isSymlink || this.isRegular ? 1024 : 4096,
      blocks: 0,
      atime: this.#born,
      mtime: this.#born,
      ctime: this.#born,
      btime: 0n,
    };
  }

  statfs(): Statfs {
    return this.fs.statfs();
  }

  override checkNew(): void {
    if (this.fs.magic === PROC_SUPER_MAGIC) throw new Errno(ENOENT);
  }
}

export type Text = (task: Task) => string | Uint8Array;

/** A file whose text is made at the first read. */
export class ProcText extends ProcInode {
  readonly text: Text;
  readonly #write: ((task: Task, text: string) => void) | undefined;

  constructor(
    fs: FileSystem,
    text: Text,
    owner?: { uid: number; gid: number },
    write?: (task: Task, text: string) => void,
    mode = write ? 0o644 : 0o444,
  ) {
    super(fs, stat.S_IFREG | mode, owner);
    this.text = text;
    this.#write = write;
  }

  open(dentry: Dentry, flags: number, _task?: Task): File {
    return new ProcTextFile(dentry, flags, this);
  }

  written(task: Task, text: string): void {
    if (this.#write === undefined) throw new Errno(EINVAL);
    this.#write(task, text);
  }

  override truncate(): void {}
}

class ProcTextFile extends File {
  readonly #source: ProcText;
  #bytes: Uint8Array | undefined;

  constructor(dentry: Dentry, flags: number, source: ProcText) {
    super(dentry, flags);
    this.#source = source;
  }

  override get seekable(): boolean {
    return true;
  }

  override get splices(): boolean {
    return true;
  }

  override read(into: IoVector, task: Task, position?: number): number {
    const start = position ?? this.position;
    if (this.#bytes === undefined || start === 0) {
      const text = this.#source.text(task);
      this.#bytes = typeof text === "string" ? bytesOf(text) : text;
    }
    const rest = this.#bytes.subarray(start, start + into.remaining);
    if (rest.length === 0) return 0;
    const count = into.put(rest);
    if (position === undefined) this.position = start + count;
    return count;
  }

  override write(from: IoVector, task: Task): number {
    const bytes = from.take(from.remaining);
    this.#source.written(task, String.fromCharCode(...bytes));
    return bytes.length;
  }

  override seek(offset: number, whence: number): number {
    return seekTo(this, offset, whence, 0);
  }
}

/** A link; `jump` leads past the text for those whose target may have no path. */
export class ProcLink extends ProcInode {
  readonly #target: (task: Task) => string;
  readonly #jump: ((task: Task) => Dentry | undefined) | undefined;

  constructor(
    fs: FileSystem,
    target: (task: Task) => string,
    jump?: (task: Task) => Dentry | undefined,
    owner?: { uid: number; gid: number },
    mode = 0o777,
  ) {
    super(fs, stat.S_IFLNK | mode, owner);
    this.#target = target;
    this.#jump = jump;
  }

  open(): File {
    throw new Errno(ENOENT);
  }

  override readlink(task: Task): string {
    return this.#target(task);
  }

  override jump(task: Task): Dentry | undefined {
    return this.#jump?.(task);
  }
}

/** A directory with fixed names, or with names that come and go (`dynamic`). */
export class ProcDirectory extends ProcInode {
  readonly #names: Map<string, Inode>;
  readonly #find: ((name: string, task: Task) => Inode | undefined) | undefined;
  readonly #list: ((task: Task) => readonly string[]) | undefined;

  constructor(
    fs: FileSystem,
    names: Readonly<Record<string, Inode>>,
    dynamic?: { find: (name: string, task: Task) => Inode | undefined; list: (task: Task) => readonly string[] },
    owner?: { uid: number; gid: number },
    mode = 0o555,
  ) {
    super(fs, stat.S_IFDIR | mode, owner);
    this.#names = new Map(Object.entries(names));
    this.#find = dynamic?.find;
    this.#list = dynamic?.list;
  }

  open(dentry: Dentry, flags: number): File {
    return new DirectoryFile(dentry, flags);
  }

  override lookup(name: string, task: Task): Inode | undefined {
    return this.#names.get(name) ?? this.#find?.(name, task);
  }

  override readdir(task: Task): DirectoryEntry[] {
    const names = [...this.#names.keys(), ...(this.#list?.(task) ?? [])];
    return names.flatMap((name) => {
      const inode = this.lookup(name, task);
      return inode ? [{ name, ino: inode.stat().ino, type: inode.type }] : [];
    });
  }

  override readAt(): number {
    throw new Errno(EISDIR);
  }
}

/** A name looked up again each time. */
export function volatile<T extends Inode>(inode: T): T {
  Object.defineProperty(inode, "cacheable", { value: false });
  return inode;
}
