// Linux's mount and mnt_namespace: which file system is seen where, and how. A mount has dentries of its own, so that a dentry is a place in one mount
// and no pair is needed; inodes are shared. fs/namespace.c
import { FS_IMMUTABLE_FL } from "../../abi/constants/ioctls.js";
import {
  MS_NOATIME,
  MS_NODEV,
  MS_NODIRATIME,
  MS_NOEXEC,
  MS_NOSUID,
  MS_NOSYMFOLLOW,
  MS_RDONLY,
  MS_RELATIME,
} from "../../abi/constants/mounts.js";
import { EACCES, EPERM, EROFS, Errno } from "../../abi/errno.js";
import type { Watch } from "../notify/notify.js";
import { Dentry, pathOf } from "./dentry.js";
import type { Inode } from "./inode.js";
import { joinPeers, makePrivate, makeShared, makeSlave, setMaster } from "./peer-groups.js";

export type Propagation = "private" | "shared" | "slave" | "unbindable";

/** What all mounts of one file system have in common. */
export interface SuperBlock {
  readonly type: string;
  readonly root: Inode;
  readOnly: boolean;
  /** What the file system shows of its own, with a comma before each. */
  options: string;
  /** How many mounts show it: with more than one, names found through one may have changed through another. */
  views: number;
  watches: Watch[] | undefined;
}

const ST_RDONLY = 1;

/** Flags of a mount, by the names that /proc/PID/mounts gives them, and as statfs(2) has them. */
const FLAG_NAMES: readonly (readonly [flag: number, name: string, inStatfs: number])[] = [
  [MS_NOSUID, "nosuid", 2],
  [MS_NODEV, "nodev", 4],
  [MS_NOEXEC, "noexec", 8],
  [MS_NOATIME, "noatime", 0x400],
  [MS_NODIRATIME, "nodiratime", 0x800],
  [MS_RELATIME, "relatime", 0x1000],
  [MS_NOSYMFOLLOW, "nosymfollow", 0x2000],
];
export const MOUNT_FLAGS = FLAG_NAMES.reduce((flags, [flag]) => flags | flag, MS_RDONLY);

/** MNT_UNIQUE_ID_OFFSET: ids that are used once are beyond all that are used again. */
export const UNIQUE_ID_OFFSET = 2 ** 31;

let lastId = 0;

export class Mount {
  readonly id = ++lastId;
  readonly superBlock: SuperBlock;
  readonly source: string;
  /** Where in its file system its root is: "/" but for parts that are bound elsewhere. */
  readonly subPath: string;
  readonly root: Dentry;
  flags: number;
  namespace: MountNamespace | undefined;
  isUnbindable = false;
  /** The peer group it is in, and the one it hears of; 0 for none. */
  group = 0;
  master = 0;
  watches: Watch[] | undefined;
  /** MNT_EXPIRE was asked for once. */
  expires = false;

  constructor(superBlock: SuperBlock, source: string, flags: number, inode = superBlock.root, subPath = "/") {
    this.superBlock = superBlock;
    this.source = source;
    this.flags = flags & MOUNT_FLAGS;
    this.subPath = subPath;
    this.root = new Dentry("", undefined, inode);
    this.root.mount = this;
    superBlock.views++;
  }

  /** A mount may be shared and a slave at once: then its master tells. */
  get propagation(): Propagation {
    if (this.group !== 0) return "shared";
    if (this.isUnbindable) return "unbindable";
    return this.master === 0 ? "private" : "slave";
  }

  /** What statmount(2) knows it by. */
  get uniqueId(): number {
    return UNIQUE_ID_OFFSET + this.id;
  }

  get parent(): Mount | undefined {
    return this.root.covers?.mount;
  }

  get isReadOnly(): boolean {
    return (this.flags & MS_RDONLY) !== 0 || this.superBlock.readOnly;
  }

  /** ST_* */
  get statfsFlags(): number {
    const flags = FLAG_NAMES.reduce((all, [flag, , shown]) => (this.flags & flag ? all | shown : all), 0);
    return this.isReadOnly ? flags | ST_RDONLY : flags;
  }

  /** A mount of what is at `dentry` in this one. */
  cloneAt(dentry: Dentry): Mount {
    const inside = dentry === this.root ? "" : pathOf(dentry, this.root);
    const subPath = this.subPath === "/" ? inside || "/" : this.subPath + inside;
    const clone = new Mount(this.superBlock, this.source, this.flags, dentry.inode, subPath);
    if (this.group !== 0) joinPeers(clone, this);
    if (this.master !== 0) setMaster(clone, this.master);
    clone.isUnbindable = this.isUnbindable;
    return clone;
  }

  attach(at: Dentry): void {
    let place = at;
    while (place.mounted) place = place.mounted;
    this.root.covers = place;
    place.mounted = this.root;
  }

  detach(): void {
    const { covers } = this.root;
    if (covers) covers.mounted = undefined;
    this.root.covers = undefined;
  }

  setPropagation(propagation: Propagation): void {
    if (propagation === "shared") makeShared(this);
    else if (propagation === "slave") makeSlave(this);
    else makePrivate(this, propagation === "unbindable");
  }

  /** show_mnt_opts, and what is read-only. */
  options(readOnly = (this.flags & MS_RDONLY) !== 0): string {
    const names = FLAG_NAMES.filter(([flag]) => this.flags & flag).map(([, name]) => `,${name}`);
    return (readOnly ? "ro" : "rw") + names.join("");
  }
}

export class MountNamespace {
  root: Mount;
  readonly mounts = new Set<Mount>();

  constructor(root: Mount) {
    this.root = root;
    this.add(root);
  }

  add(mount: Mount): void {
    mount.namespace = this;
    this.mounts.add(mount);
  }

  mountOn(mount: Mount, at: Dentry): void {
    mount.attach(at);
    this.add(mount);
  }

  /** The mounts on dentries of `mount`, in the order of mounting. */
  childrenOf(mount: Mount): Mount[] {
    return [...this.mounts].filter((other) => other.parent === mount);
  }

  /** It and all that is mounted below. */
  treeOf(mount: Mount): Mount[] {
    return [mount, ...this.childrenOf(mount).flatMap((child) => this.treeOf(child))];
  }

  /** umount_tree: what is open goes on, where nothing leads to any more. */
  remove(mount: Mount): void {
    for (const each of this.treeOf(mount)) {
      each.superBlock.views--;
      makePrivate(each);
      each.namespace = undefined;
      this.mounts.delete(each);
      if (each === mount) each.detach();
    }
  }

  /** copy_mnt_ns, and where in the copy a place is. `forOthers`: of another user namespace, whose mounts do not come back. */
  copy(forOthers = false): { copy: MountNamespace; placeOf: (dentry: Dentry) => Dentry } {
    const { clones } = cloneTree(this.root, this.root.root, () => true);
    if (forOthers) for (const clone of clones.values()) makeSlave(clone);
    const copy = new MountNamespace(clones.get(this.root) as Mount);
    for (const clone of clones.values()) copy.add(clone);
    return { copy, placeOf: (dentry) => placeIn(clones, dentry) };
  }
}

/** copy_tree: a clone of `mount` from `top` on, with clones of the chosen mounts below it on the same places. */
export function cloneTree(
  mount: Mount,
  top: Dentry,
  chosen: (child: Mount) => boolean,
): { clone: Mount; clones: Map<Mount, Mount> } {
  const clones = new Map<Mount, Mount>();
  const clone = mount.cloneAt(top);
  clones.set(mount, clone);
  const descend = (of: Mount): void => {
    for (const child of of.namespace?.childrenOf(of) ?? []) {
      const at = child.root.covers as Dentry;
      if (!chosen(child) || (of === mount && !isWithin(at, top))) continue;
      clones.set(child, child.cloneAt(child.root));
      (clones.get(child) as Mount).attach(of === mount ? mirror(at, top, clone.root) : placeIn(clones, at));
      descend(child);
    }
  };
  descend(mount);
  return { clone, clones };
}

/** Below `top` in the same mount, or `top` itself. */
function isWithin(dentry: Dentry, top: Dentry): boolean {
  for (let at: Dentry | undefined = dentry; at; at = at.parent) if (at === top) return true;
  return false;
}

function placeIn(clones: ReadonlyMap<Mount, Mount>, dentry: Dentry): Dentry {
  const clone = dentry.mount && clones.get(dentry.mount);
  return clone && dentry.mount ? mirror(dentry, dentry.mount.root, clone.root) : dentry;
}

/** The place of `dentry`, which is below `top`, below `newTop`. */
function mirror(dentry: Dentry, top: Dentry, newTop: Dentry): Dentry {
  if (dentry === top || dentry.parent === undefined) return newTop;
  const parent = mirror(dentry.parent, top, newTop);
  if (!dentry.unlinked) return parent.known(dentry.name) ?? parent.add(dentry.name, dentry.inode);
  const gone = new Dentry(dentry.name, parent, dentry.inode);
  gone.unlinked = true;
  return gone;
}

/** mnt_want_write: EROFS where the mount or its file system is read-only; immutable files are EPERM, but for who changes that. */
export function wantWrite({ mount, inode }: Dentry, changesFlags = false): void {
  if (mount?.isReadOnly) throw new Errno(EROFS);
  if (inode.flags & FS_IMMUTABLE_FL && !changesFlags) throw new Errno(EPERM);
}

/** path_noexec */
export const refusesExec = ({ mount }: Dentry): boolean => ((mount?.flags ?? 0) & MS_NOEXEC) !== 0;

/** mnt_may_suid: are set-user-ID bits of no effect there? */
export const refusesSetId = ({ mount }: Dentry): boolean => ((mount?.flags ?? 0) & MS_NOSUID) !== 0;

/** may_open_dev */
export function checkDevice({ mount }: Dentry): void {
  if (mount && mount.flags & MS_NODEV) throw new Errno(EACCES);
}
