// What a program may do that is begun: set-user-ID and set-group-ID files, capabilities of files, root's. security/commoncap.c:
// cap_bprm_creds_from_file
import { S_ISGID, S_ISUID } from "../../abi/constants/files.js";
import { CAP_SYS_PTRACE } from "../../abi/constants/security.js";
import { EPERM, Errno } from "../../abi/errno.js";
import type { Task } from "../task/task.js";
import { idInside } from "../task/user-namespace.js";
import { type Credentials, SECURE_KEEP_CAPS, SECURE_NO_ROOT } from "../vfs/credentials.js";
import type { Dentry } from "../vfs/dentry.js";
import { refusesSetId } from "../vfs/mount.js";

const REVISION_MASK = 0xff000000;
const REVISION_1 = 0x01000000;
const REVISION_3 = 0x03000000;
const FLAG_EFFECTIVE = 1;

interface FileCapabilities {
  readonly permitted: bigint;
  readonly inheritable: bigint;
  readonly effective: boolean;
}

export interface ExecCredentials {
  readonly cred: Credentials;
  /** AT_SECURE: the C library distrusts the environment. */
  readonly secure: boolean;
}

/** Throws EPERM for a file whose capabilities are not to be had, and which cannot do without. */
export function credentialsFor(task: Task, dentry: Dentry): ExecCredentials {
  const { inode } = dentry;
  const old = task.cred;
  const cred = old.copy();
  const maySuid = !refusesSetId(dentry);
  const gains = maySuid && !task.noNewPrivileges;
  const setsUser = gains && inode.mode & S_ISUID && isMapped(old, inode.uid, inode.gid);
  const setsGroup =
    gains && (inode.mode & (S_ISGID | 0o10)) === (S_ISGID | 0o10) && isMapped(old, inode.uid, inode.gid);
  if (setsUser) cred.euid = inode.uid;
  if (setsGroup) cred.egid = inode.gid;
  const ofFile = maySuid ? fileCapabilities(inode.attributes?.get("security.capability"), old) : undefined;
  cred.permitted = ofFile ? (old.bounding & ofFile.permitted) | (old.inheritable & ofFile.inheritable) : 0n;
  if (ofFile?.effective && ofFile.permitted & ~cred.permitted) throw new Errno(EPERM);
  let effective = ofFile?.effective ?? false;
  const isRoot = (uid: number): boolean => idInside(old.userNamespace.uidMap, uid) === 0;
  const isHalfRoot = ofFile !== undefined && !isRoot(cred.uid) && isRoot(cred.euid);
  if (!(old.securebits & SECURE_NO_ROOT) && !isHalfRoot) {
    if (isRoot(cred.euid) || isRoot(cred.uid)) cred.permitted = old.bounding | old.inheritable;
    if (isRoot(cred.euid)) effective = true;
  }
  const isSetId = cred.euid !== old.uid || cred.egid !== old.gid;
  if (isUnsafe(task) && (isSetId || cred.permitted & ~old.permitted)) {
    cred.euid = cred.uid;
    cred.egid = cred.gid;
    cred.permitted &= old.permitted;
  }
  cred.suid = cred.fsuid = cred.euid;
  cred.sgid = cred.fsgid = cred.egid;
  if (ofFile || isSetId) cred.ambient = 0n;
  cred.permitted |= cred.ambient;
  cred.effective = effective ? cred.permitted : cred.ambient;
  cred.securebits &= ~SECURE_KEEP_CAPS;
  const grew = (cred.permitted & ~cred.ambient) !== 0n;
  return { cred, secure: isSetId || (!isRoot(cred.uid) && (effective || grew)) };
}

const isMapped = ({ userNamespace: { uidMap, gidMap } }: Credentials, uid: number, gid: number): boolean =>
  idInside(uidMap, uid) !== undefined && idInside(gidMap, gid) !== undefined;

/** LSM_UNSAFE_NO_NEW_PRIVS, LSM_UNSAFE_PTRACE: not to gain anything, or traced by a task that may not trace whatever it likes. */
const isUnsafe = ({ ptraced, noNewPrivileges, tracer, kernel }: Task): boolean =>
  noNewPrivileges ||
  (ptraced !== undefined && !ptraced.tracer.cred.can(CAP_SYS_PTRACE)) ||
  (tracer !== undefined && kernel.host.identity().uid !== 0);

/** get_vfs_caps_from_disk: struct vfs_cap_data, and with an owner of a user namespace vfs_ns_cap_data. */
function fileCapabilities(value: Uint8Array | undefined, cred: Credentials): FileCapabilities | undefined {
  if (value === undefined) return undefined;
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  const magic = view.getUint32(0, true);
  const revision = (magic & REVISION_MASK) >>> 0;
  if (revision === REVISION_3 && idInside(cred.userNamespace.uidMap, view.getUint32(20, true)) !== 0) return undefined;
  const words = revision === REVISION_1 ? 1 : 2;
  let permitted = 0n;
  let inheritable = 0n;
  for (let word = 0; word < words; word++) {
    permitted |= BigInt(view.getUint32(4 + word * 8, true)) << BigInt(word * 32);
    inheritable |= BigInt(view.getUint32(8 + word * 8, true)) << BigInt(word * 32);
  }
  return { permitted, inheritable, effective: (magic & FLAG_EFFECTIVE) !== 0 };
}
