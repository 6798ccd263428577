// mount -t overlay: directories laid over one another. An inode here stands for one of the upper directory, or for what the lower ones have of
// that name; what is changed is copied up first, and what is removed from below leaves a whiteout. fs/overlayfs
// (The host's tree under a layer in memory is another matter: fs/overlay.)
import * as stat from "../../../abi/constants/files.js";
import { EIO, ENOTDIR, ENOTEMPTY, EPERM, EROFS, Errno, EXDEV } from "../../../abi/errno.js";
import type { Task } from "../../task/task.js";
import type { Dentry } from "../../vfs/dentry.js";
import { DirectoryFile } from "../../vfs/directory-file.js";
import type { SpaceControl } from "../../vfs/fallocate.js";
import type { File } from "../../vfs/file.js";
import { type Attributes, type DirectoryEntry, Inode, type Owner, type Stat, type Statfs } from "../../vfs/inode.js";
import { RegularFile } from "../../vfs/regular-file.js";
import { openSpecial } from "../special.js";

const OPAQUE = "trusted.overlay.opaque";
const OVERLAYFS_SUPER_MAGIC = 0x794c7630;
const COPY_CHUNK = 1 << 20;

/** What all inodes of one such mount have in common. */
export interface Layers {
  readonly dev: number;
  /** Who looks into the layers: he that mounted them. */
  readonly task: Task;
  /** One inode for each file of a layer, whatever it is called. */
  readonly inodes: WeakMap<Inode, MergedInode>;
}

const isWhiteout = (inode: Inode): boolean => inode.type === stat.S_IFCHR && inode.stat().rdev === 0;
const isOpaque = ({ attributes }: Inode): boolean => attributes?.get(OPAQUE)?.[0] === 0x79; // "y"

export class MergedInode extends Inode {
  readonly #layers: Layers;
  readonly #above: MergedInode | undefined;
  #name: string;
  #upper: Inode | undefined;
  /** Of a directory all that are seen through it, of anything else the first. */
  readonly #lowers: readonly Inode[];
  readonly #ino: bigint;
  #users = 0;
  readonly #children = new Map<string, MergedInode>();

  constructor(
    layers: Layers,
    above: MergedInode | undefined,
    name: string,
    upper: Inode | undefined,
    lowers: readonly Inode[],
  ) {
    super();
    this.#layers = layers;
    this.#above = above;
    this.#name = name;
    this.#upper = upper;
    this.#lowers = lowers;
    this.#ino = this.#real.stat().ino;
  }

  get #real(): Inode {
    return this.#upper ?? this.#lowers[0];
  }

  /** Where its attributes are kept; to change them it is copied up. */
  override attributesIn(writes: boolean): Inode {
    return writes ? this.#copyUp() : this.#real;
  }

  get mode(): number {
    return this.#real.mode;
  }

  get uid(): number {
    return this.#real.uid;
  }

  get gid(): number {
    return this.#real.gid;
  }

  get size(): number {
    return this.#real.size;
  }

  get volume(): object {
    return this.#layers;
  }

  override get isOnDisk(): boolean {
    return this.#real.isOnDisk;
  }

  override get isLinkable(): boolean {
    return this.#real.isLinkable;
  }

  stat(): Stat {
    const found = this.#real.stat();
    const isMerged = this.isDirectory && (this.#upper ? 1 : 0) + this.#lowers.length > 1;
    return { ...found, dev: this.#layers.dev, ino: this.#ino, nlink: isMerged ? 1 : found.nlink };
  }

  statfs(): Statfs {
    return { ...this.#real.statfs(), type: OVERLAYFS_SUPER_MAGIC };
  }

  open(dentry: Dentry, flags: number, task: Task): File {
    if (this.isDirectory) return new DirectoryFile(dentry, flags);
    if (!this.isRegular) return openSpecial(dentry, flags, task);
    if ((flags & stat.O_ACCMODE) !== stat.O_RDONLY || flags & stat.O_TRUNC) this.#copyUp();
    return new RegularFile(dentry, flags);
  }

  override lookup(name: string): MergedInode | undefined {
    if (!this.isDirectory) throw new Errno(ENOTDIR);
    const { task } = this.#layers;
    const above = this.#upper?.lookup(name, task);
    if (above && isWhiteout(above)) return undefined;
    const lowers = above && (!above.isDirectory || isOpaque(above)) ? [] : this.#below(name, above !== undefined);
    if (above === undefined && lowers.length === 0) return undefined;
    return this.#child(name, above, lowers);
  }

  /** What the lower directories have of that name: directories down to the first that hides what is below. */
  #below(name: string, onlyDirectories: boolean): Inode[] {
    const found: Inode[] = [];
    for (const lower of this.#lowers) {
      const inode = lower.lookup(name, this.#layers.task);
      if (inode === undefined) continue;
      if (isWhiteout(inode)) break;
      if (!inode.isDirectory) {
        if (found.length === 0 && !onlyDirectories) found.push(inode);
        break;
      }
      found.push(inode);
      if (isOpaque(inode)) break;
    }
    return found;
  }

  #child(name: string, upper: Inode | undefined, lowers: readonly Inode[]): MergedInode {
    const known = this.#children.get(name);
    if (known && known.#upper === upper && known.#lowers[0] === lowers[0]) return known;
    const real = upper ?? lowers[0];
    const shared = real.isDirectory ? undefined : this.#layers.inodes.get(real);
    const child = shared ?? new MergedInode(this.#layers, this, name, upper, lowers);
    if (!real.isDirectory) this.#layers.inodes.set(real, child);
    this.#children.set(name, child);
    return child;
  }

  override readdir(task: Task): DirectoryEntry[] {
    const entries = new Map<string, DirectoryEntry | undefined>();
    for (const layer of this.#upper ? [this.#upper, ...this.#lowers] : this.#lowers) {
      for (const entry of layer.readdir(task)) {
        if (entries.has(entry.name)) continue;
        const inode = entry.type === stat.S_IFCHR ? layer.lookup(entry.name, task) : undefined;
        entries.set(entry.name, inode && isWhiteout(inode) ? undefined : entry);
      }
    }
    return [...entries.values()].filter((entry) => entry !== undefined);
  }

  /** ovl_copy_up: the inode in the upper layer, with everything above it. */
  #copyUp(): Inode {
    if (this.#upper) return this.#upper;
    if (this.#above === undefined) throw new Errno(EROFS);
    const into = this.#above.#copyUp();
    const lower = this.#lowers[0];
    const { atime, mtime, rdev, mode, uid, gid } = lower.stat();
    const owner = { uid, gid };
    const made = this.#make(into, lower, mode & 0o7777, rdev, owner);
    if (this.isRegular) copyContents(lower, made);
    if (lower.attributes) made.attributes = new Map(lower.attributes);
    made.setattr({ atime, mtime });
    for (let i = 0; i < this.#users; i++) made.acquire();
    this.#upper = made;
    if (!this.isDirectory) this.#layers.inodes.set(made, this);
    return made;
  }

  #make(into: Inode, lower: Inode, permissions: number, rdev: number, owner: Owner): Inode {
    if (this.isDirectory) return into.mkdir(this.#name, permissions, owner);
    if (this.isRegular) return into.create(this.#name, permissions, owner);
    if (this.isSymlink) return into.symlink(this.#name, lower.readlink(this.#layers.task), owner);
    return into.mknod(this.#name, lower.type | permissions, rdev, owner);
  }

  /** The upper directory with the name free in it; was there a whiteout? */
  #freed(name: string): { upper: Inode; wasHidden: boolean } {
    const upper = this.#copyUp();
    const found = upper.lookup(name, this.#layers.task);
    if (found === undefined || !isWhiteout(found)) return { upper, wasHidden: false };
    upper.unlink(name, found);
    return { upper, wasHidden: true };
  }

  override create(name: string, mode: number, owner: Owner): Inode {
    return this.#child(name, this.#freed(name).upper.create(name, mode, owner), []);
  }

  override mkdir(name: string, mode: number, owner: Owner): Inode {
    const { upper, wasHidden } = this.#freed(name);
    const made = upper.mkdir(name, mode, owner);
    if (wasHidden) setOpaque(made);
    return this.#child(name, made, []);
  }

  /** A whiteout would not be seen. */
  override mknod(name: string, mode: number, rdev: number, owner: Owner): Inode {
    if ((mode & stat.S_IFMT) === stat.S_IFCHR && rdev === 0) throw new Errno(EPERM);
    return this.#child(name, this.#freed(name).upper.mknod(name, mode, rdev, owner), []);
  }

  override symlink(name: string, target: string, owner: Owner): Inode {
    return this.#child(name, this.#freed(name).upper.symlink(name, target, owner), []);
  }

  override link(name: string, inode: Inode): void {
    const linked = (inode as MergedInode).#copyUp();
    this.#freed(name).upper.link(name, linked);
  }

  override tmpfile(mode: number, owner: Owner, linkable: boolean): Inode {
    const made = this.#copyUp().tmpfile(mode, owner, linkable);
    return new MergedInode(this.#layers, this, "", made, []);
  }

  override unlink(name: string, inode: Inode): void {
    const hides = this.#below(name, false).length > 0;
    const upper = this.#copyUp();
    const above = (inode as MergedInode).#upper;
    if (above && upper.lookup(name, this.#layers.task) === above) upper.unlink(name, above);
    if (hides) this.#hide(upper, name);
    this.#children.delete(name);
  }

  #hide(upper: Inode, name: string): void {
    upper.mknod(name, stat.S_IFCHR, 0, { uid: 0, gid: 0 });
  }

  override rmdir(name: string, inode: Inode, task: Task): void {
    const removed = inode as MergedInode;
    if (removed.readdir(task).length > 0) throw new Errno(ENOTEMPTY);
    const hides = this.#below(name, false).length > 0;
    const upper = this.#copyUp();
    if (removed.#upper) {
      clearWhiteouts(removed.#upper, task);
      upper.rmdir(name, removed.#upper, task);
    }
    if (hides) this.#hide(upper, name);
    this.#children.delete(name);
  }

  /** Directories of lower layers stay where they are: EXDEV. */
  #movable(): Inode {
    if (this.isDirectory && this.#lowers.length > 0) throw new Errno(EXDEV);
    return this.#copyUp();
  }

  override rename(name: string, inode: Inode, into: Inode, newName: string): void {
    const moved = inode as MergedInode;
    const target = into as MergedInode;
    const { task } = this.#layers;
    const real = moved.#movable();
    const hides = this.#below(name, false).length > 0;
    const replaced = target.lookup(newName);
    if (replaced?.isDirectory) target.rmdir(newName, replaced, task);
    else if (replaced) target.unlink(newName, replaced);
    const { upper, wasHidden } = target.#freed(newName);
    const from = this.#copyUp();
    from.rename(name, real, upper, newName);
    if (moved.isDirectory && wasHidden) setOpaque(real);
    if (hides) this.#hide(from, name);
    this.#children.delete(name);
    moved.#name = newName;
    target.#children.set(newName, moved);
  }

  override exchange(name: string, into: Inode, newName: string): void {
    const target = into as MergedInode;
    const [mine, other] = [this.lookup(name), target.lookup(newName)];
    if (mine === undefined || other === undefined) throw new Errno(EIO);
    mine.#movable();
    other.#movable();
    this.#copyUp().exchange(name, target.#copyUp(), newName);
    [mine.#name, other.#name] = [newName, name];
    this.#children.set(name, other);
    target.#children.set(newName, mine);
  }

  override readlink(task: Task): string {
    return this.#real.readlink(task);
  }

  override readAt(position: number, into: Uint8Array): number {
    return this.#real.readAt(position, into);
  }

  override writeAt(position: number, from: Uint8Array): number {
    return this.#copyUp().writeAt(position, from);
  }

  override modified(): void {
    this.#copyUp().modified();
  }

  override writeBack(position: number, from: Uint8Array): void {
    this.#copyUp().writeBack(position, from);
  }

  override truncate(size: number): void {
    this.#copyUp().truncate(size);
  }

  override get space(): SpaceControl | undefined {
    return this.#copyUp().space;
  }

  override seekData(position: number, data: boolean): number {
    return this.#real.seekData(position, data);
  }

  override setattr(attributes: Attributes): void {
    this.#copyUp().setattr(attributes);
  }

  override touchAtime(relative: boolean): void {
    this.#upper?.touchAtime(relative);
  }

  override acquire(): void {
    this.#users++;
    this.#real.acquire();
    if (this.#upper) this.#lowers[0]?.acquire();
  }

  override release(): void {
    this.#users--;
    this.#real.release();
    if (this.#upper) this.#lowers[0]?.release();
  }
}

function copyContents(from: Inode, to: Inode): void {
  from.mapping?.flush();
  const { size } = from;
  const buffer = new Uint8Array(Math.min(size, COPY_CHUNK));
  for (let at = 0; at < size; ) {
    const count = from.readAt(at, buffer);
    if (count === 0) break;
    to.writeAt(at, buffer.subarray(0, count));
    at += count;
  }
}

function setOpaque(directory: Inode): void {
  directory.attributes ??= new Map();
  directory.attributes.set(OPAQUE, Uint8Array.of(0x79));
}

/** A directory in which nothing is seen may still hide things. */
function clearWhiteouts(directory: Inode, task: Task): void {
  for (const { name } of directory.readdir(task)) {
    const inode = directory.lookup(name, task);
    if (inode && isWhiteout(inode)) directory.unlink(name, inode);
  }
}
