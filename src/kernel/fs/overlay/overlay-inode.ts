// The host's tree under a layer in memory. An inode begins as a view of a host file; what is changed of it (names, contents,
// attributes) is kept here and the host never sees it.
import * as uapi from "../../../abi/constants/files.js";
import { FS_EXTENT_FL } from "../../../abi/constants/ioctls.js";
import { EISDIR, ENOENT, ENOTDIR, Errno } from "../../../abi/errno.js";
import type { HostFiles, HostStat } from "../../../host/host.js";
import type { Budget } from "../../budget.js";
import type { Task } from "../../task/task.js";
import type { SpaceControl } from "../../vfs/fallocate.js";
import type { DirectoryEntry, Inode, Owner, Stat, Statfs } from "../../vfs/inode.js";
import { FileSystem } from "../file-system.js";
import { hostCall } from "../hostfs/host-call.js";
import { HostContents } from "../hostfs/host-contents.js";
import { HostInode } from "../hostfs/host-inode.js";
import { TmpfsInode } from "../tmpfs/tmpfs-inode.js";

/** Inode numbers of files made in memory: beyond any the host is likely to use, within the 32 bits some programs have for them. */
const FIRST_INO = 0xc0000000n;

export class OverlayFs extends FileSystem {
  readonly files: HostFiles;
  /** Host directories whose changes go to the host. */
  readonly writable: readonly string[];
  /** Host files with several names, by dev:ino, so that their names share one inode. */
  readonly shared = new Map<string, OverlayInode>();

  constructor(files: HostFiles, rootDev: number, now: () => bigint, writable: readonly string[], budget: Budget) {
    super({ name: "overlay", dev: rootDev, magic: 0x794c7630, now, budget }, FIRST_INO);
    this.files = files;
    this.writable = writable;
  }

  root(hostPath: string): Inode {
    const found = hostCall(() => this.files.lstat(hostPath));
    if (found === undefined || (found.mode & uapi.S_IFMT) !== uapi.S_IFDIR) throw new Errno(ENOTDIR);
    return this.inodeFor(hostPath, found);
  }

  inodeFor(path: string, found: HostStat): Inode {
    if (this.writable.includes(path)) return HostInode.root(this.files, path, found);
    if (found.nlink < 2 || (found.mode & uapi.S_IFMT) === uapi.S_IFDIR) return new OverlayInode(this, found, path);
    const key = `${found.dev}:${found.ino}`;
    let inode = this.shared.get(key);
    if (inode === undefined) {
      inode = new OverlayInode(this, found, path);
      this.shared.set(key, inode);
    }
    return inode;
  }
}

/** Nanoseconds for which what the host has just said of a file still holds: looking it up and asking for its status is one question. */
const FRESH = 500_000n;

export interface Difference {
  readonly name: string;
  /** undefined for what is there no longer. */
  readonly inode: OverlayInode | undefined;
  /** Made or moved here; other contents or attributes; a directory above a change, perhaps; gone. */
  readonly kind: "made" | "changed" | "above" | "removed";
}

/** Of what is no directory. */
const NO_NAMES = new Set<never>();

export class OverlayInode extends TmpfsInode {
  declare readonly fs: OverlayFs;
  /** The host file below; "" for one made here. */
  readonly #lower: string;
  #found: HostStat | undefined;
  /** When the host was asked for it. */
  #foundAt = 0n;
  #hostContents: HostContents | undefined;
  readonly #whiteouts: Set<string>;
  /** Contents live here, not in the host's file. */
  #copiedUp: boolean;
  #attributesChanged = false;
  #dataChanged = false;
  #atimeIsOwn = false;
  readonly #dev: number;

  constructor(
    fs: OverlayFs,
    found: HostStat | undefined,
    lower: string,
    ino = found?.ino ?? fs.nextIno(),
    mode = 0,
    owner: Owner = { uid: 0, gid: 0 },
    rdev = 0,
    dev = fs.dev,
  ) {
    super(fs, ino, found?.mode ?? mode, found ?? owner, found?.rdev ?? rdev);
    if (this.isRegular || this.isDirectory) this.flags = FS_EXTENT_FL;
    this.#whiteouts = this.isDirectory ? new Set() : NO_NAMES;
    this.#lower = lower;
    this.#found = found;
    this.#copiedUp = found === undefined;
    this.#dev = found?.dev ?? dev;
    if (found === undefined) return;
    this.#foundAt = fs.now();
    this.#takeTimes(found);
    this.nlink = found.nlink;
  }

  protected override make(mode: number, owner: Owner, rdev: number): TmpfsInode {
    return new OverlayInode(this.fs, undefined, "", this.fs.nextIno(), mode, owner, rdev, this.#dev);
  }

  #takeTimes(found: HostStat): void {
    if (!this.#atimeIsOwn || found.atime > this.atime) this.atime = found.atime;
    this.mtime = found.mtime;
    this.ctime = found.ctime;
    this.btime = found.btime;
  }

  /** Asks the host again, as long as nothing was changed here. */
  #refresh(): HostStat | undefined {
    if (this.#lower === "" || this.#dataChanged || this.#attributesChanged) return this.#found;
    if (this.fs.now() - this.#foundAt < FRESH) return this.#found;
    const found = hostCall(() => this.fs.files.lstat(this.#lower));
    if (found === undefined) throw new Errno(ENOENT);
    this.#found = found;
    this.#foundAt = this.fs.now();
    this.#takeTimes(found);
    this.mode = found.mode;
    this.uid = found.uid;
    this.gid = found.gid;
    this.nlink = found.nlink;
    return found;
  }

  /** The bytes of the host's file; undefined when there are none. */
  get #below(): HostContents | undefined {
    if (this.#lower === "" || !this.isRegular) return undefined;
    this.#hostContents ??= new HostContents(this.fs.files, () => this.#lower, false);
    return this.#hostContents;
  }

  override get size(): number {
    if (this.#copiedUp || this.#found === undefined) return super.size;
    return this.#below && !this.#attributesChanged ? this.#below.size() : this.#found.size;
  }

  override sizeUpTo(wanted: number): number {
    if (this.#copiedUp || this.#found === undefined || this.#attributesChanged || !this.#below) return this.size;
    return this.#below.sizeUpTo(wanted);
  }

  override stat(): Stat {
    const found = this.#refresh();
    const { size, blocks } = this.#copiedUp || found === undefined ? super.stat() : found;
    return this.statWith(size, blocks, found?.blksize, this.#dev);
  }

  override statfs(): Statfs {
    return this.#lower === ""
      ? hostCall(() => this.fs.files.statfs("/"))
      : hostCall(() => this.fs.files.statfs(this.#lower));
  }

  override lookup(name: string, _task?: Task): Inode | undefined {
    if (!this.isDirectory) throw new Errno(ENOTDIR);
    const mine = this.children.get(name);
    if (mine) return mine;
    if (this.#lower === "" || this.#whiteouts.has(name)) return undefined;
    const path = this.#lowerPath(name);
    const found = hostCall(() => this.fs.files.lstat(path));
    if (found === undefined) return undefined;
    const inode = this.fs.inodeFor(path, found);
    if (inode instanceof OverlayInode) this.children.set(name, inode);
    return inode;
  }

  #lowerPath(name: string): string {
    return this.#lower === "/" ? `/${name}` : `${this.#lower}/${name}`;
  }

  override readdir(task: Task): DirectoryEntry[] {
    if (this.#lower === "") return super.readdir(task);
    const entries: DirectoryEntry[] = [];
    const seen = new Set<string>();
    for (const entry of hostCall(() => this.fs.files.readdir(this.#lower))) {
      if (this.#whiteouts.has(entry.name)) continue;
      seen.add(entry.name);
      entries.push(entry);
    }
    for (const [name, inode] of this.children) {
      if (!seen.has(name) && (inode as OverlayInode).#madeHere(this, name)) {
        entries.push({ name, ino: inode.ino, type: inode.type });
      }
    }
    return entries;
  }

  /** Is this inode under `name` by a change of ours, not because the host has it there? */
  #madeHere(directory: OverlayInode, name: string): boolean {
    return this.#lower === "" || this.#lower !== directory.#lowerPath(name);
  }

  protected override isEmpty(task: Task): boolean {
    return this.readdir(task).length === 0;
  }

  protected override existing(name: string): TmpfsInode | undefined {
    const found = this.lookup(name);
    return found instanceof TmpfsInode ? found : undefined;
  }

  protected override adopt(name: string, inode: TmpfsInode): TmpfsInode {
    if (this.#lower !== "") this.#whiteouts.add(name);
    this.#attributesChanged = true;
    return super.adopt(name, inode);
  }

  protected override abandon(name: string): void {
    if (this.#lower !== "") this.#whiteouts.add(name);
    this.#attributesChanged = true;
    super.abandon(name);
  }

  override readlink(task: Task): string {
    return this.#lower === "" ? super.readlink(task) : hostCall(() => this.fs.files.readlink(this.#lower));
  }

  override readAt(position: number, into: Uint8Array): number {
    if (this.isDirectory) throw new Errno(EISDIR);
    if (this.#copiedUp || this.#below === undefined) return super.readAt(position, into);
    return this.#below.readAt(position, into);
  }

  override writeAt(position: number, from: Uint8Array): number {
    this.#copyUp(Number.POSITIVE_INFINITY);
    return super.writeAt(position, from);
  }

  /** The host's file below is one stretch of data, as far as is known. */
  override seekData(position: number, data: boolean): number {
    if (this.#copiedUp) return super.seekData(position, data);
    return data ? position : this.size;
  }

  protected override get countsNames(): boolean {
    return false;
  }

  /** That is no change that anybody would want to hear of or keep. */
  override touchAtime(relative: boolean): void {
    this.#atimeIsOwn = true;
    super.touchAtime(relative);
  }

  override get isOnDisk(): boolean {
    return true;
  }

  protected override get hasRanges(): boolean {
    return true;
  }

  override get space(): SpaceControl {
    this.#copyUp(Number.POSITIVE_INFINITY);
    return super.space;
  }

  override truncate(size: number): void {
    this.#copyUp(size);
    super.truncate(size);
  }

  /** Brings the first `length` bytes of the host's file into memory. */
  #copyUp(length: number): void {
    this.#dataChanged = true;
    if (this.#copiedUp) return;
    const wanted = Math.min(length, this.#found?.size ?? 0);
    const buffer = new Uint8Array(Math.min(wanted, 1 << 20));
    for (let at = 0; at < wanted; at += buffer.length) {
      const count = this.#below?.readAt(at, buffer.subarray(0, Math.min(buffer.length, wanted - at))) ?? 0;
      if (count === 0) break;
      this.contents.writeAt(at, buffer.subarray(0, count));
    }
    this.#copiedUp = true;
  }

  protected override changed(): void {
    this.#attributesChanged = true;
    super.changed();
  }

  override acquire(): void {
    super.acquire();
    this.#below?.acquire();
  }

  override release(): void {
    super.release();
    this.#hostContents?.release();
  }

  // What became different from the host's tree: for the count at the end, and for --commit.

  /** Names of this directory of the host's whose inode is not the host's any more, or that lead to such. */
  differences(): Difference[] {
    const found: Difference[] = [];
    for (const [name, child] of this.children) {
      const inode = child as OverlayInode;
      if (inode.#madeHere(this, name)) found.push({ name, inode, kind: "made" });
      else if (inode.#dataChanged || inode.#attributesChanged) found.push({ name, inode, kind: "changed" });
      else if (inode.isDirectory) found.push({ name, inode, kind: "above" });
    }
    for (const name of this.#whiteouts) {
      if (this.#lower !== "" && this.fs.files.lstat(this.#lowerPath(name)) && !this.#hasHosts(name))
        found.push({ name, inode: undefined, kind: "removed" });
    }
    return found;
  }

  #hasHosts(name: string): boolean {
    const inode = this.children.get(name) as OverlayInode | undefined;
    return inode !== undefined && !inode.#madeHere(this, name);
  }

  hostPathOf(name: string): string {
    return this.#lowerPath(name);
  }

  /** All of this directory, what the host has of it too. */
  everything(): [name: string, inode: OverlayInode][] {
    const names = new Set(this.children.keys());
    if (this.#lower !== "") {
      for (const { name } of this.fs.files.readdir(this.#lower)) if (!this.#whiteouts.has(name)) names.add(name);
    }
    return [...names].flatMap((name): [string, OverlayInode][] => {
      const inode = this.lookup(name);
      return inode instanceof OverlayInode ? [[name, inode]] : [];
    });
  }

  get hasOwnData(): boolean {
    return this.#dataChanged;
  }

  /** What a symbolic link says. */
  target(): string {
    return this.#lower === "" ? this.ownTarget : this.fs.files.readlink(this.#lower);
  }

  ownStat(): Stat {
    return super.stat();
  }

  /** Files below that differ from the host's: made, rewritten, moved or removed. */
  countChanges(): number {
    const differences = this.differences();
    const made = new Set(differences.flatMap(({ name, kind }) => (kind === "made" ? [name] : [])));
    let count = 0;
    for (const { name, kind, inode } of differences) {
      if (kind === "made" || (kind === "removed" && !made.has(name))) count++;
      else if (kind === "changed" && !inode?.isDirectory) count++;
      if (inode?.isDirectory) count += inode.countChanges();
    }
    return count;
  }
}
