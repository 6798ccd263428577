// Files of the host that the program may really change: what lies under the directories given with `rw`.
import { EISDIR, ENOENT, ENOTDIR, Errno } from "../../../abi/errno.js";
import type { HostFiles, HostStat } from "../../../host/host.js";
import type { Task } from "../../task/task.js";
import type { Dentry } from "../../vfs/dentry.js";
import { DirectoryFile } from "../../vfs/directory-file.js";
import type { File } from "../../vfs/file.js";
import { type Attributes, type DirectoryEntry, Inode, type Owner, type Stat, type Statfs } from "../../vfs/inode.js";
import { RegularFile } from "../../vfs/regular-file.js";
import { openSpecial } from "../special.js";
import { hostCall } from "./host-call.js";
import { HostContents } from "./host-contents.js";

export class HostInode extends Inode {
  readonly #files: HostFiles;
  #parent: HostInode | undefined;
  #name: string;
  #found: HostStat;
  readonly #contents: HostContents;

  private constructor(files: HostFiles, parent: HostInode | undefined, name: string, found: HostStat) {
    super();
    this.#files = files;
    this.#parent = parent;
    this.#name = name;
    this.#found = found;
    this.#contents = new HostContents(files, () => this.path, true);
  }

  static root(files: HostFiles, path: string, found: HostStat): HostInode {
    return new HostInode(files, undefined, path, found);
  }

  get path(): string {
    return this.#parent ? `${this.#parent.path}/${this.#name}` : this.#name;
  }

  get volume(): object {
    return this.#parent?.volume ?? this;
  }

  get mode(): number {
    return this.#found.mode;
  }

  get uid(): number {
    return this.#found.uid;
  }

  get gid(): number {
    return this.#found.gid;
  }

  override sizeUpTo(wanted: number): number {
    return this.isRegular ? this.#contents.sizeUpTo(wanted) : this.size;
  }

  get size(): number {
    return this.isRegular ? this.#contents.size() : this.#found.size;
  }

  stat(): Stat {
    const found = hostCall(() => this.#files.lstat(this.path));
    if (found === undefined) throw new Errno(ENOENT);
    this.#found = found;
    return found;
  }

  statfs(): Statfs {
    return hostCall(() => this.#files.statfs(this.path));
  }

  open(dentry: Dentry, flags: number, task: Task): File {
    if (this.isDirectory) return new DirectoryFile(dentry, flags);
    if (this.isRegular) return new RegularFile(dentry, flags);
    return openSpecial(dentry, flags, task);
  }

  override lookup(name: string): Inode | undefined {
    if (!this.isDirectory) throw new Errno(ENOTDIR);
    const found = hostCall(() => this.#files.lstat(`${this.path}/${name}`));
    return found && new HostInode(this.#files, this, name, found);
  }

  override readdir(): DirectoryEntry[] {
    return hostCall(() => this.#files.readdir(this.path));
  }

  #made(name: string): Inode {
    const inode = this.lookup(name);
    if (inode === undefined) throw new Errno(ENOENT);
    return inode;
  }

  override create(name: string, mode: number): Inode {
    hostCall(() => this.#files.create(`${this.path}/${name}`, mode));
    return this.#made(name);
  }

  override mkdir(name: string, mode: number): Inode {
    hostCall(() => this.#files.mkdir(`${this.path}/${name}`, mode));
    return this.#made(name);
  }

  override symlink(name: string, target: string, _owner: Owner): Inode {
    hostCall(() => this.#files.symlink(target, `${this.path}/${name}`));
    return this.#made(name);
  }

  override link(name: string, inode: Inode): void {
    hostCall(() => this.#files.link((inode as HostInode).path, `${this.path}/${name}`));
  }

  override unlink(name: string): void {
    hostCall(() => this.#files.unlink(`${this.path}/${name}`));
  }

  override rmdir(name: string): void {
    hostCall(() => this.#files.rmdir(`${this.path}/${name}`));
  }

  override rename(name: string, inode: Inode, into: Inode, newName: string): void {
    const target = into as HostInode;
    const moved = inode as HostInode;
    hostCall(() => this.#files.rename(`${this.path}/${name}`, `${target.path}/${newName}`));
    moved.#parent = target;
    moved.#name = newName;
  }

  override get isLinkable(): boolean {
    return this.#files.lstat(this.path) !== undefined;
  }

  override readlink(_task: Task): string {
    return hostCall(() => this.#files.readlink(this.path));
  }

  override readAt(position: number, into: Uint8Array): number {
    if (this.isDirectory) throw new Errno(EISDIR);
    return this.#contents.readAt(position, into);
  }

  override writeAt(position: number, from: Uint8Array): number {
    return this.#contents.writeAt(position, from);
  }

  override truncate(size: number): void {
    hostCall(() => this.#files.truncate(this.path, size));
  }

  override setattr(attributes: Attributes): void {
    const path = this.path;
    const { mode, uid, gid, atime, mtime } = attributes;
    hostCall(() => {
      if (uid !== undefined || gid !== undefined) this.#files.chown(path, uid ?? this.uid, gid ?? this.gid);
      if (mode !== undefined) this.#files.chmod(path, mode & 0o7777);
      if (atime !== undefined || mtime !== undefined) {
        const old = this.stat();
        this.#files.utimes(path, atime ?? old.atime, mtime ?? old.mtime);
      }
    });
    this.stat();
  }

  override acquire(): void {
    if (this.isRegular) this.#contents.acquire();
  }

  override release(): void {
    if (this.isRegular) this.#contents.release();
  }
}
