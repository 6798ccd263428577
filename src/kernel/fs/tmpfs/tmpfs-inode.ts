// A file system in memory: its inodes. overlay/ builds on it.
import * as stat from "../../../abi/constants/files.js";
import { EISDIR, EMLINK, ENOTDIR, ENOTEMPTY, Errno } from "../../../abi/errno.js";
import type { Task } from "../../task/task.js";
import type { Dentry } from "../../vfs/dentry.js";
import { DirectoryFile } from "../../vfs/directory-file.js";
import type { SpaceControl } from "../../vfs/fallocate.js";
import type { File } from "../../vfs/file.js";
import { type Attributes, type DirectoryEntry, Inode, type Owner, type Stat, type Statfs } from "../../vfs/inode.js";
import { RegularFile } from "../../vfs/regular-file.js";
import type { FileSystem } from "../file-system.js";
import { openSpecial } from "../special.js";
import { Contents } from "./contents.js";

/** Nanoseconds after which relatime moves a time of access in any case. */
const DAY = 86_400_000_000_000n;

/** Of what is no directory. */
const NO_CHILDREN = new Map<string, never>();
/** EXT4_LINK_MAX */
const MAX_LINKS = 65000;

export class TmpfsInode extends Inode {
  readonly fs: FileSystem;
  readonly ino: bigint;
  mode: number;
  uid: number;
  gid: number;
  readonly rdev: number;
  nlink = 1;
  protected atime: bigint;
  protected mtime: bigint;
  protected ctime: bigint;
  protected btime: bigint;
  protected readonly children: Map<string, TmpfsInode>;
  #contents: Contents | undefined;
  #users = 0;
  #counted = false;
  #target = "";
  #tmpfileLinkable = false;

  constructor(fs: FileSystem, ino: bigint, mode: number, owner: Owner, rdev = 0) {
    super();
    this.fs = fs;
    this.ino = ino;
    this.mode = mode;
    this.uid = owner.uid;
    this.gid = owner.gid;
    this.rdev = rdev;
    this.atime = this.mtime = this.ctime = this.btime = 0n;
    this.children = this.isDirectory ? new Map() : NO_CHILDREN;
    if (this.isDirectory) this.nlink = 2;
  }

  protected get contents(): Contents {
    this.#contents ??= new Contents(this.fs.budget);
    return this.#contents;
  }

  /** A new inode of the same file system, born now. */
  protected born(mode: number, owner: Owner, rdev = 0): TmpfsInode {
    this.fs.budget?.takeFile();
    const inode = this.make(mode, owner, rdev);
    inode.#counted = true;
    inode.atime = inode.mtime = inode.ctime = inode.btime = this.fs.now();
    return inode;
  }

  protected make(mode: number, owner: Owner, rdev: number): TmpfsInode {
    return new TmpfsInode(this.fs, this.fs.nextIno(), mode, owner, rdev);
  }

  get volume(): object {
    return this.fs;
  }

  get size(): number {
    if (this.isDirectory) return this.nlink > 0 ? 4096 : 0;
    return this.isSymlink ? this.#target.length : this.contents.size;
  }

  stat(): Stat {
    return this.statWith(this.size, this.isDirectory ? 8 : this.contents.blocks);
  }

  protected statWith(size: number, blocks: number, blksize = 4096, dev = this.fs.dev): Stat {
    return {
      dev,
      ino: this.ino,
      mode: this.mode,
      nlink: this.nlink,
      uid: this.uid,
      gid: this.gid,
      rdev: this.rdev,
      size,
      blksize,
      blocks,
      atime: this.atime,
      mtime: this.mtime,
      ctime: this.ctime,
      btime: this.btime,
    };
  }

  statfs(): Statfs {
    return this.fs.statfs();
  }

  open(dentry: Dentry, flags: number, task: Task): File {
    if (this.isDirectory) return new DirectoryFile(dentry, flags);
    if (this.isRegular) return new RegularFile(dentry, flags);
    return openSpecial(dentry, flags, task);
  }

  override lookup(name: string, _task: Task): Inode | undefined {
    if (!this.isDirectory) throw new Errno(ENOTDIR);
    return this.children.get(name);
  }

  override readdir(_task: Task): DirectoryEntry[] {
    return [...this.children].map(([name, inode]) => ({ name, ino: inode.stat().ino, type: inode.type }));
  }

  override create(name: string, mode: number, owner: Owner): Inode {
    return this.adopt(name, this.born(stat.S_IFREG | mode, owner));
  }

  override mkdir(name: string, mode: number, owner: Owner): Inode {
    this.nlink++;
    return this.adopt(name, this.born(stat.S_IFDIR | mode, owner));
  }

  override mknod(name: string, mode: number, rdev: number, owner: Owner): Inode {
    return this.adopt(name, this.born(mode, owner, rdev));
  }

  override symlink(name: string, target: string, owner: Owner): Inode {
    const inode = this.born(stat.S_IFLNK | 0o777, owner);
    inode.#target = target;
    return this.adopt(name, inode);
  }

  override link(name: string, inode: Inode): void {
    const linked = inode as TmpfsInode;
    if (this.isOnDisk && linked.nlink >= MAX_LINKS) throw new Errno(EMLINK);
    if (this.countsNames && linked.nlink > 0) this.fs.budget?.takeFile();
    linked.nlink++;
    linked.#tmpfileLinkable = false;
    linked.changed();
    this.adopt(name, linked);
  }

  override unlink(name: string, inode: Inode): void {
    if (inode.isDirectory) throw new Errno(EISDIR);
    const unlinked = inode as TmpfsInode;
    if (this.countsNames && unlinked.nlink > 1) this.fs.budget?.giveFile();
    unlinked.nlink--;
    unlinked.changed();
    this.abandon(name);
    unlinked.freeIfUnused();
  }

  override rmdir(name: string, inode: Inode, task?: Task): void {
    const removed = inode as TmpfsInode;
    if (!removed.isDirectory) throw new Errno(ENOTDIR);
    if (!removed.isEmpty(task)) throw new Errno(ENOTEMPTY);
    removed.nlink = 0;
    this.nlink--;
    this.abandon(name);
    removed.freeIfUnused();
  }

  override acquire(): void {
    this.#users++;
  }

  override release(): void {
    this.#users--;
    this.freeIfUnused();
  }

  /** Only open files keep it from now on. */
  dropNames(): void {
    this.nlink = 0;
    this.freeIfUnused();
  }

  /** iput: without names and open files it takes no room. */
  protected freeIfUnused(): void {
    if (this.nlink > 0 || this.#users > 0) return;
    this.contents.truncate(0);
    if (this.#counted) this.fs.budget?.giveFile();
    this.#counted = false;
  }

  protected isEmpty(_task?: Task): boolean {
    return this.children.size === 0;
  }

  override rename(name: string, inode: Inode, into: Inode, newName: string): void {
    const moved = inode as TmpfsInode;
    const target = into as TmpfsInode;
    const replaced = target.existing(newName);
    if (replaced) {
      if (replaced.isDirectory) target.rmdir(newName, replaced);
      else target.unlink(newName, replaced);
    }
    this.abandon(name);
    target.adopt(newName, moved);
    if (moved.isDirectory && target !== this) {
      this.nlink--;
      target.nlink++;
    }
    moved.changed();
  }

  override exchange(name: string, into: Inode, newName: string): void {
    const target = into as TmpfsInode;
    const mine = this.existing(name);
    const other = target.existing(newName);
    if (mine === undefined || other === undefined) return;
    this.adopt(name, other);
    target.adopt(newName, mine);
  }

  /** The inode `name` stands for; the caller has looked it up. */
  protected existing(name: string): TmpfsInode | undefined {
    return this.children.get(name);
  }

  override readlink(_task: Task): string {
    return this.#target;
  }

  protected get ownTarget(): string {
    return this.#target;
  }

  override readAt(position: number, into: Uint8Array): number {
    if (this.isDirectory) throw new Errno(EISDIR);
    return this.contents.readAt(position, into);
  }

  override writeAt(position: number, from: Uint8Array): number {
    const count = this.contents.writeAt(position, from);
    this.mtime = this.ctime = this.fs.now();
    return count;
  }

  override modified(): void {
    this.mtime = this.fs.now();
    this.changed();
  }

  override writeBack(position: number, from: Uint8Array): void {
    const { mtime, ctime } = this;
    this.writeAt(position, from);
    this.mtime = mtime;
    this.ctime = ctime;
  }

  override truncate(size: number): void {
    this.contents.truncate(size);
    this.mtime = this.ctime = this.fs.now();
  }

  override get space(): SpaceControl {
    return {
      movesRanges: this.hasRanges,
      allocate: (start, end) => this.#changeSpace(() => this.contents.allocate(start, end)),
      punch: (start, end) => this.#changeSpace(() => this.contents.punch(start, end)),
      shift: (start, length) => this.#changeSpace(() => this.contents.shift(start, length)),
    };
  }

  /** Is every name one of the file system's inodes? So it is for tmpfs. */
  protected get countsNames(): boolean {
    return true;
  }

  /** Does its file system move ranges, as ext4 does? tmpfs does not. */
  protected get hasRanges(): boolean {
    return false;
  }

  #changeSpace(change: () => void): void {
    change();
    this.mtime = this.ctime = this.fs.now();
  }

  override seekData(position: number, data: boolean): number {
    return this.contents.seek(position, data);
  }

  override tmpfile(mode: number, owner: Owner, linkable: boolean): TmpfsInode {
    const inode = this.born(stat.S_IFREG | mode, owner);
    inode.nlink = 0;
    inode.#tmpfileLinkable = linkable;
    return inode;
  }

  override get isLinkable(): boolean {
    return this.nlink > 0 || this.#tmpfileLinkable;
  }

  override setattr(attributes: Attributes): void {
    if (attributes.mode !== undefined) this.mode = this.type | (attributes.mode & 0o7777);
    if (attributes.uid !== undefined) this.uid = attributes.uid;
    if (attributes.gid !== undefined) this.gid = attributes.gid;
    if (attributes.atime !== undefined) this.atime = attributes.atime;
    if (attributes.mtime !== undefined) this.mtime = attributes.mtime;
    this.changed();
  }

  override touchAtime(relative: boolean): void {
    const now = this.fs.now();
    const isLater = this.atime > this.mtime && this.atime > this.ctime;
    if (!(relative && isLater && now - this.atime < DAY)) this.atime = now;
  }

  protected changed(): void {
    this.ctime = this.fs.now();
  }

  /** Makes `name` stand for `inode`, whatever it stood for. */
  protected adopt(name: string, inode: TmpfsInode): TmpfsInode {
    this.children.set(name, inode);
    this.mtime = this.ctime = this.fs.now();
    return inode;
  }

  protected abandon(name: string): void {
    this.children.delete(name);
    this.mtime = this.ctime = this.fs.now();
  }
}
