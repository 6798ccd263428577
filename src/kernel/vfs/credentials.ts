// Linux's cred and the permission test on an inode. fs/namei.c: generic_permission
import { S_IFDIR, S_IFMT, S_ISGID, S_ISVTX } from "../../abi/constants/files.js";
import { idInside, idOutside, OVERFLOW_ID, UserNamespace } from "../task/user-namespace.js";
import type { Inode } from "./inode.js";

export const MAY_EXEC = 1;
export const MAY_WRITE = 2;
export const MAY_READ = 4;

const ALL_CAPABILITIES = 0x1ffffffffffn;

/** The one whose ids are the machine's. */
export const firstUserNamespace = new UserNamespace(undefined, 0, 0);

export class Credentials {
  uid: number;
  euid: number;
  suid: number;
  fsuid: number;
  gid: number;
  egid: number;
  sgid: number;
  fsgid: number;
  groups: readonly number[];
  /** Capability sets, a bit for each. Most of the kernel asks for user 0 instead. */
  permitted: bigint;
  effective: bigint;
  inheritable = 0n;
  ambient = 0n;
  bounding = ALL_CAPABILITIES;
  securebits = 0;
  /** PR_SET_KEEPCAPS: giving up user 0 leaves the permitted ones. */
  keepsCapabilities = false;
  userNamespace: UserNamespace;

  constructor(uid: number, gid: number, groups: readonly number[], userNamespace = firstUserNamespace) {
    this.userNamespace = userNamespace;
    this.uid = this.euid = this.suid = this.fsuid = uid;
    this.gid = this.egid = this.sgid = this.fsgid = gid;
    this.groups = groups;
    this.permitted = this.effective = uid === 0 ? ALL_CAPABILITIES : 0n;
  }

  copy(): Credentials {
    return Object.assign(new Credentials(this.uid, this.gid, this.groups), this);
  }

  /** exec of a file without capabilities of its own: root has all it may, others what is ambient. */
  atExec(): Credentials {
    const cred = this.copy();
    const isRoot = idInside(cred.userNamespace.uidMap, cred.euid) === 0;
    cred.permitted = cred.effective = isRoot ? cred.inheritable | cred.bounding : cred.ambient;
    cred.keepsCapabilities = false;
    return cred;
  }

  inGroup(gid: number): boolean {
    return gid === this.fsgid || this.groups.includes(gid);
  }

  /** capable(): over the whole machine, which nobody is in a user namespace of their own. */
  get isPrivileged(): boolean {
    return this.euid === 0 && this.userNamespace === firstUserNamespace;
  }

  /** Has it capabilities in its own user namespace? */
  get isCapable(): boolean {
    return this.userNamespace === firstUserNamespace ? this.euid === 0 : this.effective !== 0n;
  }

  /** unshare(CLONE_NEWUSER): who makes a namespace may do everything in it. */
  inNamespace(userNamespace: UserNamespace): Credentials {
    const cred = this.copy();
    cred.userNamespace = userNamespace;
    cred.permitted = cred.effective = cred.bounding = ALL_CAPABILITIES;
    cred.inheritable = cred.ambient = 0n;
    cred.securebits = 0;
    return cred;
  }

  /** What the machine's ids are called where these credentials count. */
  shownUid(uid: number): number {
    if (this.userNamespace === firstUserNamespace) return uid;
    return idInside(this.userNamespace.uidMap, uid) ?? OVERFLOW_ID;
  }

  shownGid(gid: number): number {
    if (this.userNamespace === firstUserNamespace) return gid;
    return idInside(this.userNamespace.gidMap, gid) ?? OVERFLOW_ID;
  }

  /** The machine's number of an id a program names; undefined when it has no meaning there. -1 stays: no id. */
  machineUid(uid: number): number | undefined {
    if (uid === -1 || this.userNamespace === firstUserNamespace) return uid;
    return idOutside(this.userNamespace.uidMap, uid >>> 0);
  }

  machineGid(gid: number): number | undefined {
    if (gid === -1 || this.userNamespace === firstUserNamespace) return gid;
    return idOutside(this.userNamespace.gidMap, gid >>> 0);
  }
}

/** capable_wrt_inode_uidgid: user 0, or in a user namespace who is capable there, of what belongs to its ids. */
export function overrides(cred: Credentials, inode: Inode, uid = cred.fsuid): boolean {
  const { userNamespace } = cred;
  if (userNamespace === firstUserNamespace) return uid === 0;
  if (!cred.isCapable) return false;
  const { uidMap, gidMap } = userNamespace;
  return idInside(uidMap, inode.uid) !== undefined && idInside(gidMap, inode.gid) !== undefined;
}

/** May `cred` do `mask` (MAY_*) with the inode? `uid` other than fsuid is for access(2). */
export function mayAccess(inode: Inode, cred: Credentials, mask: number, uid = cred.fsuid, gid = cred.fsgid): boolean {
  const mode = inode.mode;
  if (overrides(cred, inode, uid)) {
    const isDirectory = (mode & S_IFMT) === S_IFDIR;
    return isDirectory || !(mask & MAY_EXEC) || (mode & 0o111) !== 0;
  }
  let bits = mode & 7;
  if (inode.uid === uid) bits = (mode >> 6) & 7;
  else if (inode.gid === gid || cred.inGroup(inode.gid)) bits = (mode >> 3) & 7;
  return (bits & mask) === mask;
}

/** May `cred` remove or rename `child` of `directory`, beyond writing there? The sticky bit. */
export function mayDelete(directory: Inode, child: Inode, cred: Credentials): boolean {
  if (!(directory.mode & S_ISVTX) || overrides(cred, child)) return true;
  return child.uid === cred.fsuid || directory.uid === cred.fsuid;
}

/** Group and mode of a new inode in `directory`. fs/inode.c: inode_init_owner */
export function ownerOfNew(directory: Inode, cred: Credentials): { uid: number; gid: number } {
  return { uid: cred.fsuid, gid: directory.mode & S_ISGID ? directory.gid : cred.fsgid };
}
