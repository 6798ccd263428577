// Landlock: rules a process gives itself, about files beneath directories and about ports. security/landlock
import * as ll from "../../abi/constants/security.js";
import { EACCES, EINVAL, EPERM, Errno, EXDEV } from "../../abi/errno.js";
import type { Credentials } from "../vfs/credentials.js";
import type { Dentry } from "../vfs/dentry.js";
import type { Inode } from "../vfs/inode.js";

/** What has been restricted at once: all layers must allow an access. */
export interface Layer {
  /** Bits of LANDLOCK_ACCESS_FS_*, _NET_* and LANDLOCK_SCOPE_* it decides about. */
  readonly files: number;
  readonly net: number;
  readonly scopes: number;
  readonly beneath: ReadonlyMap<Inode, number>;
  readonly ports: ReadonlyMap<number, number>;
}

export const MOST_LAYERS = 16;
export const OF_FILES =
  ll.LANDLOCK_ACCESS_FS_EXECUTE |
  ll.LANDLOCK_ACCESS_FS_WRITE_FILE |
  ll.LANDLOCK_ACCESS_FS_READ_FILE |
  ll.LANDLOCK_ACCESS_FS_TRUNCATE |
  ll.LANDLOCK_ACCESS_FS_IOCTL_DEV;

/** The rights that a layer's rules give on a place: those of all directories above it. */
function granted({ beneath }: Layer, place: Dentry): number {
  let rights = 0;
  for (let at = place; ; at = at.up) {
    rights |= beneath.get(at.inode) ?? 0;
    if (at.up === at) return rights;
  }
}

/** What of `access` somebody may not do there. A file that is in no tree is nobody's business. */
export function deniedRights({ landlock }: Credentials, place: Dentry, access: number): number {
  let denied = 0;
  for (const layer of landlock) denied |= access & layer.files & ~granted(layer, place);
  return denied;
}

/** Throws EACCES. `access` is of LANDLOCK_ACCESS_FS_*. */
export function checkPlace(cred: Credentials, place: Dentry, access: number): void {
  if (cred.landlock.length > 0 && deniedRights(cred, place, access) !== 0) throw new Errno(EACCES);
}

/** The right to make a file of that kind: S_IFMT's bits. */
export function makingRight(type: number): number {
  switch (type) {
    case 0o020000:
      return ll.LANDLOCK_ACCESS_FS_MAKE_CHAR;
    case 0o040000:
      return ll.LANDLOCK_ACCESS_FS_MAKE_DIR;
    case 0o060000:
      return ll.LANDLOCK_ACCESS_FS_MAKE_BLOCK;
    case 0o010000:
      return ll.LANDLOCK_ACCESS_FS_MAKE_FIFO;
    case 0o120000:
      return ll.LANDLOCK_ACCESS_FS_MAKE_SYM;
    case 0o140000:
      return ll.LANDLOCK_ACCESS_FS_MAKE_SOCK;
    default:
      return ll.LANDLOCK_ACCESS_FS_MAKE_REG;
  }
}

const removingRight = (inode: Inode): number =>
  inode.isDirectory ? ll.LANDLOCK_ACCESS_FS_REMOVE_DIR : ll.LANDLOCK_ACCESS_FS_REMOVE_FILE;

export function checkMake(cred: Credentials, directory: Dentry, type: number): void {
  checkPlace(cred, directory, makingRight(type));
}

export function checkRemove(cred: Credentials, directory: Dentry, child: Inode): void {
  checkPlace(cred, directory, removingRight(child));
}

/**
 * current_check_refer_path: a file goes from one directory to another, or gets a name there. Into another one it may only where LANDLOCK_ACCESS_FS_REFER
 * is granted in both, and where nothing more can be done with it than where it was: EXDEV.
 */
export function checkRefer(
  cred: Credentials,
  from: { readonly directory: Dentry; readonly inode: Inode; readonly isRemoved: boolean },
  to: { readonly directory: Dentry; readonly replaced?: Inode | undefined },
): void {
  if (cred.landlock.length === 0) return;
  const type = from.inode.mode & 0o170000;
  const removes = from.isRemoved ? removingRight(from.inode) : 0;
  const makes = makingRight(type) | (to.replaced ? removingRight(to.replaced) : 0);
  if (from.directory === to.directory) {
    checkPlace(cred, to.directory, removes | makes);
    return;
  }
  checkPlace(cred, from.directory, removes);
  checkPlace(cred, to.directory, makes);
  for (const layer of cred.landlock) {
    const [before, after] = [granted(layer, from.directory), granted(layer, to.directory)];
    const refers = before & after & ll.LANDLOCK_ACCESS_FS_REFER;
    const relevant = from.inode.isDirectory ? layer.files : layer.files & OF_FILES;
    if (refers === 0 || after & ~before & relevant) throw new Errno(EXDEV);
  }
}

/** Whoever has given itself rules about files changes no mounts. */
export function checkMountChange({ landlock }: Credentials): void {
  if (landlock.some(({ files }) => files !== 0)) throw new Errno(EPERM);
}

/** hook_socket_bind, hook_socket_connect: throws EACCES. */
export function checkPort({ landlock }: Credentials, port: number, access: number): void {
  for (const { net, ports } of landlock) {
    if (access & net && !((ports.get(port) ?? 0) & access)) throw new Errno(EACCES);
  }
}

/** Is `other` in the same domain, or in one within it? What it was restricted by first, both are. */
function reaches({ landlock }: Credentials, other: Credentials): boolean {
  return landlock.every((layer, index) => other.landlock[index] === layer);
}

/** hook_ptrace_access_check */
export const mayTrace = (tracer: Credentials, tracee: Credentials): boolean => reaches(tracer, tracee);

/** domain_is_scoped: throws EPERM for somebody outside of a domain that keeps what `scope` says inside. */
export function checkScope(cred: Credentials, other: Credentials, scope: number): void {
  const index = cred.landlock.findIndex(({ scopes }, at) => scopes & scope && other.landlock[at] !== cred.landlock[at]);
  if (index >= 0) throw new Errno(EPERM);
}

/** LANDLOCK_ACCESS_* that are known, of ABI 7. */
export function checkKnown(bits: number, known: number): void {
  if (bits & ~known || bits > 0xffffffff) throw new Errno(EINVAL);
}
