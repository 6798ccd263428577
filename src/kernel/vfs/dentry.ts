// Linux's dentry: a name in the tree, and the tree's mounts. Found names are kept; missing ones are asked for again.

import type { Task } from "../task/task.js";
import type { Inode } from "./inode.js";
import type { Mount } from "./mount.js";

/** Of most, which are no directories. */
const NO_CHILDREN = new Map<string, never>();

export class Dentry {
  name: string;
  /** Undefined for roots of file systems and for anonymous files. */
  parent: Dentry | undefined;
  readonly inode: Inode;
  #children: Map<string, Dentry> = NO_CHILDREN;
  /** The root of a file system mounted on this directory. */
  mounted: Dentry | undefined;
  /** For the root of a mounted file system: the directory it covers. */
  covers: Dentry | undefined;
  /** The mount it is a place in; undefined for what is in no tree. */
  mount: Mount | undefined;
  unlinked = false;
  /** What is done by way of it is nobody's to hear of: FMODE_NONOTIFY. */
  isSilent = false;

  constructor(name: string, parent: Dentry | undefined, inode: Inode) {
    this.mount = parent?.mount;
    this.name = name;
    this.parent = parent;
    this.inode = inode;
  }

  /** The dentry for `name` in this directory, below any mount there; undefined when there is none. */
  child(name: string, task: Task): Dentry | undefined {
    let found = this.#children.get(name);
    if (found && this.mount && this.mount.superBlock.views > 1) found = this.#stillThere(name, found, task);
    if (found === undefined || !found.inode.cacheable) {
      const inode = this.inode.lookup(name, task);
      if (inode === undefined) return undefined;
      found = new Dentry(name, this, inode);
      // What is looked up again each time would be kept for nothing: of /proc, a task that has ended with all its memory.
      if (inode.cacheable) this.#keep(name, found);
    }
    while (found.mounted) found = found.mounted;
    return found;
  }

  /** What was found under the name before, unless it has changed through another mount of the file system. */
  #stillThere(name: string, found: Dentry, task: Task): Dentry | undefined {
    if (found.mounted || !found.inode.cacheable) return found;
    const inode = this.inode.lookup(name, task);
    if (inode === found.inode) return found;
    if (inode && inode.stat().ino === found.inode.stat().ino) return found;
    this.drop(name);
    return undefined;
  }

  /** The dentry that is kept for the name, whatever is mounted there. */
  known(name: string): Dentry | undefined {
    return this.#children.get(name);
  }

  add(name: string, inode: Inode): Dentry {
    const dentry = new Dentry(name, this, inode);
    this.#keep(name, dentry);
    return dentry;
  }

  #keep(name: string, child: Dentry): void {
    if (this.#children === NO_CHILDREN) this.#children = new Map();
    this.#children.set(name, child);
  }

  /** The name is gone (unlink, rmdir, or another file took it). */
  drop(name: string): void {
    const child = this.#children.get(name);
    if (child === undefined) return;
    child.unlinked = true;
    this.#children.delete(name);
  }

  /** d_move: open files follow the new name. */
  moveChild(name: string, into: Dentry, newName: string): void {
    const child = this.#children.get(name);
    this.#children.delete(name);
    into.drop(newName);
    if (child) into.#place(newName, child);
  }

  /** d_exchange. */
  swapChild(name: string, other: Dentry, otherName: string): void {
    const mine = this.#children.get(name);
    const theirs = other.#children.get(otherName);
    this.#children.delete(name);
    other.#children.delete(otherName);
    if (mine) other.#place(otherName, mine);
    if (theirs) this.#place(name, theirs);
  }

  #place(name: string, child: Dentry): void {
    child.name = name;
    child.parent = this;
    this.#keep(name, child);
  }

  /** The directory above, through mounts; the root's is itself. */
  get up(): Dentry {
    let at: Dentry = this;
    while (at.parent === undefined && at.covers) at = at.covers;
    return at.parent ?? at;
  }

  /** Is this `other` or below it? */
  isUnder(other: Dentry): boolean {
    for (let at: Dentry = this; ; at = at.up) {
      if (at === other) return true;
      if (at.up === at) return false;
    }
  }
}

/** d_path: the absolute path of `dentry` as seen from `root`. */
export function pathOf(dentry: Dentry, root: Dentry): string {
  const names: string[] = [];
  let at = dentry;
  while (at !== root) {
    if (at.parent === undefined) {
      if (at.covers === undefined) break;
      at = at.covers;
      continue;
    }
    names.push(at.name);
    at = at.parent;
  }
  // Not a place in the tree: pipe:[1], anon_inode:[eventfd], /dev/pts/0.
  if (at !== root && names.length === 0 && at.name !== "") return at.name;
  const path = `/${names.reverse().join("/")}`;
  return dentry.unlinked ? `${path} (deleted)` : path;
}

/** d_tmpfile: a place in `directory` for a file that no name leads to. */
export function nameless(directory: Dentry, inode: Inode): Dentry {
  const dentry = new Dentry(`#${inode.stat().ino}`, directory, inode);
  dentry.unlinked = true;
  return dentry;
}
