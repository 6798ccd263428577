// Path resolution: from a string to a dentry, through symlinks, mounts and "..". fs/namei.c: link_path_walk

import {
  NAME_MAX,
  PATH_MAX,
  RESOLVE_BENEATH,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_SYMLINKS,
  RESOLVE_NO_XDEV,
  S_ISVTX,
} from "../../abi/constants/files.js";
import { MS_NOSYMFOLLOW } from "../../abi/constants/mounts.js";
import { EACCES, EEXIST, EINVAL, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, Errno, EXDEV } from "../../abi/errno.js";
import { sysctlNumber } from "../sysctl.js";
import type { Task } from "../task/task.js";
import { accessed } from "./access-time.js";
import { MAY_EXEC, mayAccess } from "./credentials.js";
import type { Dentry } from "./dentry.js";
import type { Inode } from "./inode.js";

const MAX_SYMLINKS = 40;

/** The last component of a path and the directory it is in. */
export interface LastComponent {
  readonly parent: Dentry;
  readonly name: string;
  /** undefined when nothing has that name. */
  readonly dentry: Dentry | undefined;
  readonly trailingSlash: boolean;
}

/** The dentry a path names. Follows a final symlink unless told not to; `resolve`: RESOLVE_*. Throws ENOENT and its kin. */
export function walkPath(task: Task, start: Dentry, path: string, followLast = true, resolve = 0): Dentry {
  const walk = new Walk(task, start, resolve);
  const last = walk.toLast(path, followLast || path.endsWith("/"));
  const dentry = last.dentry;
  if (dentry === undefined) throw new Errno(ENOENT);
  if (last.trailingSlash && !dentry.inode.isDirectory) throw new Errno(ENOTDIR);
  return dentry;
}

/** For calls that make or remove a name. `followLast` is for open(O_CREAT), which creates what a dangling symlink names. */
export function walkToLast(task: Task, start: Dentry, path: string, followLast = false, resolve = 0): LastComponent {
  return new Walk(task, start, resolve).toLast(path, followLast);
}

/** As walkToLast, for making a new name: refuses one that exists and ".." and "." */
export function walkToNew(task: Task, start: Dentry, path: string, isDirectory: boolean): LastComponent {
  const last = walkToLast(task, start, path);
  if (last.dentry || last.name === "." || last.name === "..") throw new Errno(EEXIST);
  if (last.trailingSlash && !isDirectory) throw new Errno(ENOENT);
  last.parent.inode.checkNew();
  return last;
}

/** may_follow_link: /proc/sys/fs/protected_symlinks, once somebody has set it. */
function checkProtected(task: Task, directory: Inode, link: Inode): void {
  const isOpenToAll = (directory.mode & (S_ISVTX | 0o2)) === (S_ISVTX | 0o2);
  if (!isOpenToAll || link.uid === task.cred.fsuid || link.uid === directory.uid) return;
  if (sysctlNumber(task.kernel, "fs/protected_symlinks", 0) !== 0) throw new Errno(EACCES);
}

const isScoped = (resolve: number): boolean => (resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) !== 0;

/** The root of the mounted file system it is in. */
function mountRoot(dentry: Dentry): Dentry {
  let at = dentry;
  while (at.parent) at = at.parent;
  return at;
}

class Walk {
  readonly #task: Task;
  #at: Dentry;
  #symlinks = 0;
  readonly #resolve: number;
  /** Where absolute paths begin, and which ".." does not leave. */
  readonly #root: Dentry;
  /** It has been looked for: with the first absolute path or "..", or because the walk is scoped. */
  #rootIsKnown: boolean;

  constructor(task: Task, start: Dentry, resolve: number) {
    this.#task = task;
    this.#at = start;
    this.#resolve = resolve;
    this.#root = isScoped(resolve) ? start : task.fs.root;
    this.#rootIsKnown = isScoped(resolve);
  }

  toLast(path: string, followLast: boolean): LastComponent {
    if (path === "") throw new Errno(ENOENT);
    if (path.length >= PATH_MAX) throw new Errno(ENAMETOOLONG);
    if (path.charCodeAt(0) === 0x2f) this.#toRoot();
    const names = path.split("/");
    let last = names.length - 1;
    while (last >= 0 && names[last] === "") last--;
    if (last < 0) return { parent: this.#at, name: ".", dentry: this.#at, trailingSlash: false };
    for (let i = 0; i < last; i++) if (names[i] !== "") this.#step(names[i]);
    return this.#last(names[last], followLast, last < names.length - 1);
  }

  /** Into a directory on the way. */
  #step(name: string): void {
    const from = this.#at;
    const next = this.#find(name);
    if (next === undefined) throw new Errno(ENOENT);
    if (next.inode.isSymlink) {
      this.#at = from;
      this.#at = this.#follow(next);
    } else this.#at = next;
    if (!this.#at.inode.isDirectory) throw new Errno(ENOTDIR);
  }

  #last(name: string, follow: boolean, trailingSlash: boolean): LastComponent {
    const parent = this.#at;
    const dentry = this.#find(name);
    if (dentry?.inode.isSymlink && follow) {
      const target = this.#jump(dentry);
      if (target) return { parent: target.up, name: target.name, dentry: target, trailingSlash };
      this.#countSymlink();
      if (this.#task.kernel.sysctls.size > 0) checkProtected(this.#task, parent.inode, dentry.inode);
      accessed(dentry);
      const last = this.toLast(dentry.inode.readlink(this.#task), true);
      return trailingSlash ? { ...last, trailingSlash } : last;
    }
    return { parent, name, dentry, trailingSlash };
  }

  #find(name: string): Dentry | undefined {
    const directory = this.#at;
    if (!directory.inode.isDirectory) throw new Errno(ENOTDIR);
    if (!mayAccess(directory.inode, this.#task.cred, MAY_EXEC)) throw new Errno(EACCES);
    if (name === ".") return directory;
    if (name === "..") return this.#up(directory);
    if (name.length > NAME_MAX) throw new Errno(ENAMETOOLONG);
    const found = directory.child(name, this.#task);
    if (found) this.#checkMount(directory, found);
    return found;
  }

  #up(directory: Dentry): Dentry {
    this.#rootIsKnown = true;
    if (directory === this.#root) {
      if (this.#resolve & RESOLVE_BENEATH) throw new Errno(EXDEV);
      return directory;
    }
    this.#checkMount(directory, directory.up);
    return directory.up;
  }

  /**
   * nd_jump_root. That the path given begins with the root is no step to another mount; a symlink to it is one even on the same, unless the
   * walk has come across the root before.
   */
  #toRoot(): void {
    if (this.#resolve & RESOLVE_BENEATH) throw new Errno(EXDEV);
    if (this.#symlinks > 0) {
      if (this.#resolve & RESOLVE_NO_XDEV && !this.#rootIsKnown) throw new Errno(EXDEV);
      this.#checkMount(this.#at, this.#root);
    }
    this.#rootIsKnown = true;
    this.#at = this.#root;
  }

  /** nd_jump_link: where a link of /proc leads without a path. */
  #jump(link: Dentry): Dentry | undefined {
    if (this.#resolve & RESOLVE_NO_SYMLINKS || (link.mount?.flags ?? 0) & MS_NOSYMFOLLOW) throw new Errno(ELOOP);
    const target = link.inode.jump(this.#task);
    if (target === undefined || this.#resolve === 0) return target;
    if (this.#resolve & RESOLVE_NO_MAGICLINKS) throw new Errno(ELOOP);
    this.#checkMount(this.#at, target);
    if (isScoped(this.#resolve)) throw new Errno(EXDEV);
    return target;
  }

  #checkMount(from: Dentry, to: Dentry): void {
    if (this.#resolve & RESOLVE_NO_XDEV && mountRoot(from) !== mountRoot(to)) throw new Errno(EXDEV);
  }

  /** The directory a symlink on the way leads to. */
  #follow(link: Dentry): Dentry {
    const target = this.#jump(link);
    if (target) return target;
    this.#countSymlink();
    accessed(link);
    const last = this.toLast(link.inode.readlink(this.#task), true);
    if (last.dentry === undefined) throw new Errno(ENOENT);
    return last.dentry;
  }

  #countSymlink(): void {
    if (++this.#symlinks > MAX_SYMLINKS) throw new Errno(ELOOP);
  }
}

/** Is `name` one that rmdir and unlink refuse? "." is EINVAL, ".." is ENOTEMPTY: the caller knows which. */
export function isDots(name: string): boolean {
  return name === "." || name === "..";
}

/** rmdir("."): EINVAL. */
export function refuseDot(name: string): void {
  if (name === ".") throw new Errno(EINVAL);
}
