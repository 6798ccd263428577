// Linux's cred and the permission test on an inode. fs/namei.c: generic_permission
import { S_IFDIR, S_IFMT, S_ISGID, S_ISVTX } from "../../abi/constants/files.js";
import type { Inode } from "./inode.js";

export const MAY_EXEC = 1;
export const MAY_WRITE = 2;
export const MAY_READ = 4;

const ALL_CAPABILITIES = 0x1ffffffffffn;

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

  constructor(uid: number, gid: number, groups: readonly number[]) {
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
    const isRoot = cred.euid === 0;
    cred.permitted = cred.effective = isRoot ? cred.inheritable | cred.bounding : cred.ambient;
    cred.keepsCapabilities = false;
    return cred;
  }

  inGroup(gid: number): boolean {
    return gid === this.fsgid || this.groups.includes(gid);
  }

  get isPrivileged(): boolean {
    return this.euid === 0;
  }
}

/** May `cred` do `mask` (MAY_*) with the inode? `uid` other than fsuid is for access(2). */
export function mayAccess(inode: Inode, cred: Credentials, mask: number, uid = cred.fsuid, gid = cred.fsgid): boolean {
  const mode = inode.mode;
  if (uid === 0) {
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
  if (!(directory.mode & S_ISVTX) || cred.fsuid === 0) return true;
  return child.uid === cred.fsuid || directory.uid === cred.fsuid;
}

/** Group and mode of a new inode in `directory`. fs/inode.c: inode_init_owner */
export function ownerOfNew(directory: Inode, cred: Credentials): { uid: number; gid: number } {
  return { uid: cred.fsuid, gid: directory.mode & S_ISGID ? directory.gid : cred.fsgid };
}
