// Linux's cred and the permission test on an inode. fs/namei.c: generic_permission
import { S_IFDIR, S_IFMT, S_ISGID, S_ISVTX } from "../../abi/constants/files.js";
import {
  CAP_DAC_OVERRIDE,
  CAP_DAC_READ_SEARCH,
  CAP_FOWNER,
  CAP_FSETID,
  CAP_SYS_ADMIN,
} from "../../abi/constants/security.js";
import type { Layer } from "../security/landlock.js";
import { idInside, idOutside, OVERFLOW_ID, UserNamespace } from "../task/user-namespace.js";
import type { Inode } from "./inode.js";

export const MAY_EXEC = 1;
export const MAY_WRITE = 2;
export const MAY_READ = 4;

const ALL_CAPABILITIES = 0x1ffffffffffn;
/** securebits */
export const SECURE_NO_ROOT = 1;
export const SECURE_NO_SETUID_FIXUP = 4;
/** Giving up user 0 leaves the permitted capabilities: PR_SET_KEEPCAPS. */
export const SECURE_KEEP_CAPS = 0x10;

/** The first 32 are asked for all the time, and nearly always all or none are there. */
function has(set: bigint, capability: number): boolean {
  if (set === ALL_CAPABILITIES) return true;
  return set !== 0n && (set & (1n << BigInt(capability))) !== 0n;
}

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
  userNamespace: UserNamespace;
  /** Restrictions it has given itself: security/landlock.ts. */
  landlock: readonly Layer[] = [];

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

  inGroup(gid: number): boolean {
    return gid === this.fsgid || this.groups.includes(gid);
  }

  /** capable(): over the whole machine, which nobody is in a user namespace of their own. `capability` is one of CAP_*. */
  can(capability: number): boolean {
    return has(this.effective, capability) && this.userNamespace === firstUserNamespace;
  }

  /** Has it CAP_SYS_ADMIN, which is for what no other capability is? */
  get isPrivileged(): boolean {
    return this.can(CAP_SYS_ADMIN);
  }

  /** ns_capable(), over its own user namespace. */
  canInside(capability: number): boolean {
    return has(this.effective, capability);
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

/** capable_wrt_inode_uidgid: of what belongs to ids that its user namespace knows. */
export function capableOf(cred: Credentials, inode: Inode, capability: number): boolean {
  if (!cred.canInside(capability)) return false;
  const { userNamespace } = cred;
  if (userNamespace === firstUserNamespace) return true;
  const { uidMap, gidMap } = userNamespace;
  return idInside(uidMap, inode.uid) !== undefined && idInside(gidMap, inode.gid) !== undefined;
}

/** inode_owner_or_capable */
export function ownsOrCapable(cred: Credentials, inode: Inode): boolean {
  return inode.uid === cred.fsuid || capableOf(cred, inode, CAP_FOWNER);
}

/** May `cred` do `mask` (MAY_*) with the inode? fs/namei.c: generic_permission */
export function mayAccess(inode: Inode, cred: Credentials, mask: number): boolean {
  const mode = inode.mode;
  let bits = mode & 7;
  if (inode.uid === cred.fsuid) bits = (mode >> 6) & 7;
  else if (cred.inGroup(inode.gid)) bits = (mode >> 3) & 7;
  if ((bits & mask) === mask) return true;
  const isDirectory = (mode & S_IFMT) === S_IFDIR;
  const onlyReads = mask === MAY_READ || (isDirectory && !(mask & MAY_WRITE));
  if (onlyReads && capableOf(cred, inode, CAP_DAC_READ_SEARCH)) return true;
  return (isDirectory || !(mask & MAY_EXEC) || (mode & 0o111) !== 0) && capableOf(cred, inode, CAP_DAC_OVERRIDE);
}

/** access(2) asks with the real ids: access_override_creds. */
export function withRealIds(cred: Credentials): Credentials {
  const real = cred.copy();
  real.fsuid = cred.uid;
  real.fsgid = cred.gid;
  const isRoot = cred.userNamespace === firstUserNamespace ? cred.uid === 0 : cred.shownUid(cred.uid) === 0;
  if (!(cred.securebits & SECURE_NO_SETUID_FIXUP)) real.effective = isRoot ? cred.permitted : 0n;
  return real;
}

/** May `cred` remove or rename `child` of `directory`, beyond writing there? The sticky bit. */
export function mayDelete(directory: Inode, child: Inode, cred: Credentials): boolean {
  if (!(directory.mode & S_ISVTX)) return true;
  return child.uid === cred.fsuid || directory.uid === cred.fsuid || capableOf(cred, child, CAP_FOWNER);
}

/** Group and mode of a new inode in `directory`. fs/inode.c: inode_init_owner */
export function ownerOfNew(directory: Inode, cred: Credentials): { uid: number; gid: number } {
  return { uid: cred.fsuid, gid: directory.mode & S_ISGID ? directory.gid : cred.fsgid };
}

/** mode_strip_sgid: what runs as the directory's group is only made by its members. */
export function modeOfNew(directory: Inode, mode: number, cred: Credentials): number {
  const both = S_ISGID | 0o10;
  if ((mode & both) !== both || !(directory.mode & S_ISGID)) return mode;
  return cred.inGroup(directory.gid) || capableOf(cred, directory, CAP_FSETID) ? mode : mode & ~S_ISGID;
}
