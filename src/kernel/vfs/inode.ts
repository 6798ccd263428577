// Linux's inode: a file as the file system knows it, without name or position. File systems derive from it; what they leave out
// fails as Linux fails it.
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from "../../abi/constants/files.js";
import { EACCES, EINVAL, EISDIR, ENOTDIR, EOPNOTSUPP, EPERM, EROFS, Errno } from "../../abi/errno.js";
import type { SharedMapping } from "../mm/shared-mapping.js";
import type { Watch } from "../notify/notify.js";
import type { Task } from "../task/task.js";
import type { Dentry } from "./dentry.js";
import type { SpaceControl } from "./fallocate.js";
import type { File } from "./file.js";
import { FileLocks } from "./file-locks.js";

/** What stat(2) tells. Times are nanoseconds since the epoch. */
export interface Stat {
  readonly dev: number;
  readonly ino: bigint;
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdev: number;
  readonly size: number;
  readonly blksize: number;
  readonly blocks: number;
  readonly atime: bigint;
  readonly mtime: bigint;
  readonly ctime: bigint;
  readonly btime: bigint;
}

export interface DirectoryEntry {
  readonly name: string;
  readonly ino: bigint;
  /** S_IFMT bits. */
  readonly type: number;
}

export interface Statfs {
  readonly type: number;
  readonly bsize: number;
  readonly blocks: number;
  readonly bfree: number;
  readonly bavail: number;
  readonly files: number;
  readonly ffree: number;
}

/** Fields of setattr; absent ones stay. */
export interface Attributes {
  mode?: number;
  uid?: number;
  gid?: number;
  atime?: bigint;
  mtime?: bigint;
}

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export abstract class Inode {
  /** What shared mappings show of it, once there was one: i_mapping. */
  mapping: SharedMapping | undefined;
  /** Open files, and those of them that may write. */
  openFiles = 0;
  writers = 0;
  /** F_SEAL_*; undefined for files that cannot be sealed. */
  seals: number | undefined;
  /** Extended attributes by name, once there are any. */
  attributes: Map<string, Uint8Array> | undefined;
  /** FS_*_FL that chattr(1) set. */
  flags = 0;
  /** RWH_WRITE_LIFE_*. */
  writeHint = 0;
  /** Who is told what happens to it; undefined when nobody is. */
  watches: Watch[] | undefined;
  #locks: FileLocks | undefined;

  get locks(): FileLocks {
    this.#locks ??= new FileLocks();
    return this.#locks;
  }

  /** The locks, when there ever were any. */
  get findLocks(): FileLocks | undefined {
    return this.#locks;
  }

  /** Throws ENOENT when the host's file has gone. */
  abstract stat(): Stat;
  abstract statfs(): Statfs;
  /** File type and permissions, without asking the host again. */
  abstract get mode(): number;
  /** Which file system it belongs to: names are linked and moved only within one. */
  abstract get volume(): object;
  abstract get uid(): number;
  abstract get gid(): number;
  abstract get size(): number;

  /** The size; a file that others may change may say what it lately was if that is at least `wanted`. */
  sizeUpTo(_wanted: number): number {
    return this.size;
  }

  /** Makes the open file. Permissions have been checked. */
  abstract open(dentry: Dentry, flags: number, task: Task): File;

  get type(): number {
    return this.mode & S_IFMT;
  }

  get isDirectory(): boolean {
    return (this.mode & S_IFMT) === S_IFDIR;
  }

  get isSymlink(): boolean {
    return (this.mode & S_IFMT) === S_IFLNK;
  }

  get isRegular(): boolean {
    return (this.mode & S_IFMT) === S_IFREG;
  }

  /** Is a dentry found earlier still good? False for what comes and goes by itself (procfs). */
  get cacheable(): boolean {
    return true;
  }

  lookup(_name: string, _task: Task): Inode | undefined {
    throw new Errno(ENOTDIR);
  }

  /** Without "." and "..". */
  readdir(_task: Task): DirectoryEntry[] {
    throw new Errno(ENOTDIR);
  }

  /** Throws ENOENT where no names can be made: of these even the lookup fails. */
  checkNew(): void {}

  create(_name: string, _mode: number, _owner: Owner): Inode {
    throw new Errno(EACCES);
  }

  mkdir(_name: string, _mode: number, _owner: Owner): Inode {
    throw new Errno(EPERM);
  }

  mknod(_name: string, _mode: number, _rdev: number, _owner: Owner): Inode {
    throw new Errno(EPERM);
  }

  symlink(_name: string, _target: string, _owner: Owner): Inode {
    throw new Errno(EPERM);
  }

  link(_name: string, _inode: Inode): void {
    throw new Errno(EPERM);
  }

  unlink(_name: string, _inode: Inode): void {
    throw new Errno(EPERM);
  }

  rmdir(_name: string, _inode: Inode, _task: Task): void {
    throw new Errno(EPERM);
  }

  /** Moves `name` of this directory to `newName` in `into`, which belongs to the same file system; replaces what is there. */
  rename(_name: string, _inode: Inode, _into: Inode, _newName: string): void {
    throw new Errno(EPERM);
  }

  exchange(_name: string, _into: Inode, _newName: string): void {
    throw new Errno(EINVAL);
  }

  readlink(_task: Task): string {
    throw new Errno(EINVAL);
  }

  /** Magic links of /proc: where following them leads, past any path. */
  jump(_task: Task): Dentry | undefined {
    return undefined;
  }

  /** How its space is controlled, for files whose file system can. */
  get space(): SpaceControl | undefined {
    return undefined;
  }

  /** The next position from `position` on with data, or without: the size when there is none. A hole follows every file. */
  seekData(position: number, data: boolean): number {
    return data ? position : this.size;
  }

  /** A new file that no name leads to (O_TMPFILE); one that is linkable may be given a name. */
  tmpfile(_mode: number, _owner: Owner, _linkable: boolean): Inode {
    throw new Errno(EOPNOTSUPP);
  }

  /** May linkat give it a name? Not once its last one is gone. */
  get isLinkable(): boolean {
    return true;
  }

  /** Does it behave as on a disk: blocks, direct transfers, ext4's flags? */
  get isOnDisk(): boolean {
    return false;
  }

  /** Bytes read; fewer than asked only at the end of the file. */
  readAt(_position: number, _into: Uint8Array): number {
    throw new Errno(this.isDirectory ? EISDIR : EINVAL);
  }

  writeAt(_position: number, _from: Uint8Array): number {
    throw new Errno(EINVAL);
  }

  /** Its contents change: so do its times. */
  modified(): void {}

  /** What was written to memory that shows it, and when was said by `modified`. */
  writeBack(position: number, from: Uint8Array): void {
    this.writeAt(position, from);
  }

  truncate(_size: number): void {
    throw new Errno(EINVAL);
  }

  /** Truncates it, and what mappings show of it. */
  setSize(size: number): void {
    this.mapping?.flush();
    this.truncate(size);
    this.mapping?.invalidate(size, Number.POSITIVE_INFINITY);
  }

  setattr(_attributes: Attributes): void {
    throw new Errno(EROFS);
  }

  /** The inode whose extended attributes count: another one, where file systems lie over one another. */
  attributesIn(_writes: boolean): Inode {
    return this;
  }

  /** It was read; `relative`: only a time of access that is not later than the others, or old, moves. */
  touchAtime(_relative: boolean): void {}

  /** An open file or a mapping uses the inode / does no longer. */
  acquire(): void {}
  release(): void {}
}
