// The newer calls for mounting: a file system in the making and a detached mount are descriptors. fs/fsopen.c, fs/namespace.c
import { AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW, O_PATH, O_RDWR } from "../../abi/constants/files.js";
import * as uapi from "../../abi/constants/mounts.js";
import { RLIMIT_NOFILE } from "../../abi/constants/processes.js";
import { E2BIG, EBUSY, EINVAL, EMSGSIZE, ENODATA, EOPNOTSUPP, EPERM, Errno } from "../../abi/errno.js";
import { type Maker, makerOf, UnknownParameter } from "../fs/file-system-types.js";
import { bytesOf, copyInString } from "../mm/user-access.js";
import { checkMayMount } from "../task/namespaces.js";
import type { Task } from "../task/task.js";
import { dentryAt } from "./attributes.js";
import type { Dentry } from "./dentry.js";
import { File, PathFile } from "./file.js";
import type { IoVector } from "./io-vector.js";
import { Mount, MountNamespace, type Propagation, type SuperBlock } from "./mount.js";
import { isCommon } from "./mount-parameters.js";
import { attachNew, checkUserMount, cloneOf, mountOf, move, topOf } from "./mounts.js";

const AT_NO_AUTOMOUNT = 0x800;
const AT_RECURSIVE = 0x8000;
const OPEN_TREE_FLAGS =
  uapi.OPEN_TREE_CLONE | uapi.OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW;
const MOVE_MOUNT_FLAGS = 0x377;
const PAGE = 4096;
const MOUNT_ATTR_SIZE = 32;
const LONGEST_KEY = 256;

/** struct fs_context: parameters are collected until the file system is made, which is mounted once. */
class FsContextFile extends File {
  readonly kind: string;
  readonly maker: Maker;
  source: string | undefined;
  readOnly = false;
  block: SuperBlock | undefined;
  /** It is about a file system that is mounted: fspick(2). */
  readonly picked: SuperBlock | undefined;
  isMounted = false;

  constructor(task: Task, kind: string, maker: Maker, picked?: SuperBlock) {
    super(task.kernel.anonFs.dentry("[fscontext]"), O_RDWR);
    this.kind = kind;
    this.maker = maker;
    this.picked = picked;
    this.readOnly = picked?.readOnly ?? false;
  }

  /** What was wrong, a message at a time. */
  readonly #messages: string[] = [];

  complain(message: string): void {
    this.#messages.push(`e ${message}\n`);
  }

  override read(into: IoVector): number {
    const [message] = this.#messages;
    if (message === undefined) throw new Errno(ENODATA);
    if (message.length > into.remaining) throw new Errno(EMSGSIZE);
    this.#messages.shift();
    return into.put(bytesOf(message));
  }
}

const install = (task: Task, file: File, closeOnExec: boolean): number =>
  task.files.install(file, closeOnExec, task.signal.limits.soft(RLIMIT_NOFILE));

export function fsopen(task: Task, name: number, flags: number): number {
  checkMayMount(task);
  if (flags & ~1) throw new Errno(EINVAL);
  const kind = task.copyInPath(name);
  const maker = makerOf(task, kind);
  checkUserMount(task, kind);
  return install(task, new FsContextFile(task, kind, maker), (flags & 1) !== 0);
}

export function fspick(task: Task, dirfd: number, path: number, flags: number): number {
  checkMayMount(task);
  if (flags & ~15) throw new Errno(EINVAL);
  const follow = flags & 2 ? AT_SYMLINK_NOFOLLOW : 0;
  const dentry = dentryAt(task, dirfd, task.copyInPath(path), follow | (flags & 8 ? AT_EMPTY_PATH : 0));
  const { superBlock, root } = mountOf(task, dentry);
  if (root !== dentry) throw new Errno(EINVAL);
  const maker = makerOf(task, superBlock.type);
  return install(task, new FsContextFile(task, superBlock.type, maker, superBlock), (flags & 1) !== 0);
}

/** The context behind a descriptor; EINVAL for any other file. */
function contextOf(task: Task, fd: number): FsContextFile {
  const file = task.files.get(fd);
  if (!(file instanceof FsContextFile)) throw new Errno(EINVAL);
  return file;
}

export function fsconfig(task: Task, fd: number, command: number, key: number, value: number, aux: number): void {
  if (fd < 0) throw new Errno(EINVAL);
  checkShape(command, key, value, aux);
  const context = contextOf(task, fd);
  switch (command) {
    case uapi.FSCONFIG_CMD_CREATE:
    case uapi.FSCONFIG_CMD_CREATE_EXCL:
      if (context.block || context.picked) throw new Errno(EBUSY);
      context.block = context.maker.make();
      context.block.readOnly = context.readOnly;
      return;
    case uapi.FSCONFIG_CMD_RECONFIGURE:
      if (context.picked === undefined) throw new Errno(EBUSY);
      context.maker.change?.(context.picked);
      context.picked.readOnly = context.readOnly;
      return;
  }
  if (context.block) throw new Errno(EBUSY);
  const name = copyInString(task.mm, key, LONGEST_KEY);
  if (name === undefined) throw new Errno(EINVAL);
  if (command === uapi.FSCONFIG_SET_FLAG) setParameter(context, name, undefined);
  else if (command === uapi.FSCONFIG_SET_STRING) setParameter(context, name, copyInString(task.mm, value, LONGEST_KEY));
  else throw new Errno(EINVAL); // no kind here takes paths, descriptors or blobs
}

/** Which arguments a command has. */
function checkShape(command: number, key: number, value: number, aux: number): void {
  const has = [key !== 0, value !== 0, aux !== 0];
  const needs: Readonly<Record<number, readonly (boolean | undefined)[]>> = {
    [uapi.FSCONFIG_SET_FLAG]: [true, false, false],
    [uapi.FSCONFIG_SET_STRING]: [true, true, false],
    [uapi.FSCONFIG_SET_BINARY]: [true, true, true],
    [uapi.FSCONFIG_SET_PATH]: [true, true, undefined],
    [uapi.FSCONFIG_SET_PATH_EMPTY]: [true, true, undefined],
    [uapi.FSCONFIG_SET_FD]: [true, false, undefined],
    [uapi.FSCONFIG_CMD_CREATE]: [false, false, false],
    [uapi.FSCONFIG_CMD_CREATE_EXCL]: [false, false, false],
    [uapi.FSCONFIG_CMD_RECONFIGURE]: [false, false, false],
  };
  const wanted = needs[command];
  if (wanted === undefined) throw new Errno(EOPNOTSUPP);
  if (wanted.some((need, index) => need !== undefined && need !== has[index])) throw new Errno(EINVAL);
}

function setParameter(context: FsContextFile, key: string, value: string | undefined): void {
  if (key === "source") {
    if (value === undefined || context.source !== undefined) {
      context.complain(value === undefined ? "Non-string source" : "Multiple sources");
      throw new Errno(EINVAL);
    }
    context.source = value;
  } else if (isCommon(key)) {
    if (key === "ro") context.readOnly = true;
    else if (key === "rw") context.readOnly = false;
  } else setOwnParameter(context, key, value);
}

function setOwnParameter(context: FsContextFile, key: string, value: string | undefined): void {
  try {
    context.maker.set(key, value);
  } catch (error) {
    const what = error instanceof UnknownParameter ? "Unknown parameter" : "Bad value for";
    if (error instanceof Errno) context.complain(`${context.kind}: ${what} '${key}'`);
    throw error;
  }
}

export function fsmount(task: Task, fd: number, flags: number, attributes: number): number {
  checkMayMount(task);
  if (flags & ~uapi.FSMOUNT_CLOEXEC) throw new Errno(EINVAL);
  const own = flagsOfAttributes(attributes);
  const context = contextOf(task, fd);
  const { block } = context;
  if (block === undefined) throw new Errno(context.picked ? EBUSY : EINVAL);
  if (context.isMounted) throw new Errno(EBUSY);
  context.isMounted = true;
  const mount = new Mount(block, context.source ?? "none", own);
  new MountNamespace(mount);
  return install(task, new PathFile(mount.root, O_PATH), (flags & uapi.FSMOUNT_CLOEXEC) !== 0);
}

const ATTRIBUTES: readonly (readonly [number, number])[] = [
  [uapi.MOUNT_ATTR_RDONLY, uapi.MS_RDONLY],
  [uapi.MOUNT_ATTR_NOSUID, uapi.MS_NOSUID],
  [uapi.MOUNT_ATTR_NODEV, uapi.MS_NODEV],
  [uapi.MOUNT_ATTR_NOEXEC, uapi.MS_NOEXEC],
  [uapi.MOUNT_ATTR_NODIRATIME, uapi.MS_NODIRATIME],
  [uapi.MOUNT_ATTR_NOSYMFOLLOW, uapi.MS_NOSYMFOLLOW],
];
const KNOWN_ATTRIBUTES = ATTRIBUTES.reduce((known, [attribute]) => known | attribute, uapi.MOUNT_ATTR__ATIME);

function simpleFlags(attributes: number): number {
  return ATTRIBUTES.reduce((flags, [attribute, flag]) => (attributes & attribute ? flags | flag : flags), 0);
}

/** MOUNT_ATTR_* of a mount: mnt_to_attr_flags */
export function attributesOf({ flags }: Mount): number {
  const own = ATTRIBUTES.reduce((all, [attribute, flag]) => (flags & flag ? all | attribute : all), 0);
  if (flags & uapi.MS_NOATIME) return own | uapi.MOUNT_ATTR_NOATIME;
  return flags & uapi.MS_RELATIME ? own : own | uapi.MOUNT_ATTR_STRICTATIME;
}

function flagsOfAttributes(attributes: number): number {
  if (attributes & ~KNOWN_ATTRIBUTES) throw new Errno(EINVAL);
  return simpleFlags(attributes) | atimeFlags(attributes);
}

function atimeFlags(attributes: number): number {
  switch (attributes & uapi.MOUNT_ATTR__ATIME) {
    case 0:
      return uapi.MS_RELATIME;
    case uapi.MOUNT_ATTR_NOATIME:
      return uapi.MS_NOATIME;
    case uapi.MOUNT_ATTR_STRICTATIME:
      return 0;
    default:
      throw new Errno(EINVAL);
  }
}

export function openTree(task: Task, dirfd: number, pathname: number, flags: number): number {
  if (flags & ~OPEN_TREE_FLAGS) throw new Errno(EINVAL);
  if ((flags & (AT_RECURSIVE | uapi.OPEN_TREE_CLONE)) === AT_RECURSIVE) throw new Errno(EINVAL);
  if (flags & uapi.OPEN_TREE_CLONE) checkMayMount(task);
  const found = dentryAt(task, dirfd, task.copyInPath(pathname), flags & (AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW));
  const dentry = flags & uapi.OPEN_TREE_CLONE ? cloneOf(task, found, (flags & AT_RECURSIVE) !== 0).root : found;
  return install(task, new PathFile(dentry, O_PATH), (flags & uapi.OPEN_TREE_CLOEXEC) !== 0);
}

export function moveMount(
  task: Task,
  fromFd: number,
  fromPath: number,
  toFd: number,
  toPath: number,
  flags: number,
): void {
  checkMayMount(task);
  if (flags & ~MOVE_MOUNT_FLAGS) throw new Errno(EINVAL);
  if (flags & (uapi.MOVE_MOUNT_SET_GROUP | uapi.MOVE_MOUNT_BENEATH)) throw new Errno(EINVAL);
  const at = (fd: number, path: number, empty: boolean, follows: boolean): Dentry =>
    dentryAt(task, fd, task.copyInPath(path), (empty ? AT_EMPTY_PATH : 0) | (follows ? 0 : AT_SYMLINK_NOFOLLOW));
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const to = at(toFd, toPath, has(uapi.MOVE_MOUNT_T_EMPTY_PATH), has(uapi.MOVE_MOUNT_T_SYMLINKS));
  const from = at(fromFd, fromPath, has(uapi.MOVE_MOUNT_F_EMPTY_PATH), has(uapi.MOVE_MOUNT_F_SYMLINKS));
  const { mount } = from;
  if (mount?.namespace === task.namespaces.mnt) {
    move(task, from, to);
    return;
  }
  // A detached tree: only as a whole, and only once.
  if (mount?.namespace?.root !== mount || mount?.root !== from || mount.parent) throw new Errno(EINVAL);
  if (mount.root.inode.isDirectory !== topOf(to).inode.isDirectory) throw new Errno(EINVAL);
  attachNew(task, mount, to);
}

const PROPAGATIONS: Readonly<Record<number, Propagation>> = {
  [uapi.MS_SHARED]: "shared",
  [uapi.MS_PRIVATE]: "private",
  [uapi.MS_SLAVE]: "slave",
  [uapi.MS_UNBINDABLE]: "unbindable",
};

/** struct mount_attr: attributes to set and to clear, propagation, a user namespace. */
export function setMountAttributes(
  task: Task,
  dirfd: number,
  path: number,
  flags: number,
  address: number,
  size: number,
): void {
  if (flags & ~(AT_EMPTY_PATH | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT)) throw new Errno(EINVAL);
  if (size > PAGE) throw new Errno(E2BIG);
  if (size < MOUNT_ATTR_SIZE) throw new Errno(EINVAL);
  checkMayMount(task);
  const [set, clear, wanted] = [0, 8, 16].map((offset) => task.readU64(address + offset));
  if ((set | clear) === 0 && wanted === 0) return;
  const propagation = PROPAGATIONS[wanted];
  if (wanted !== 0 && propagation === undefined) throw new Errno(EINVAL);
  if (set & uapi.MOUNT_ATTR_IDMAP) throw new Errno(EPERM);
  if ((set | clear) & ~KNOWN_ATTRIBUTES) throw new Errno(EINVAL);
  const changesAtime = (clear & uapi.MOUNT_ATTR__ATIME) === uapi.MOUNT_ATTR__ATIME;
  // Atime is a choice: it is cleared as a whole before another is made.
  if (!changesAtime && (set | clear) & uapi.MOUNT_ATTR__ATIME) throw new Errno(EINVAL);
  const dentry = topOf(dentryAt(task, dirfd, task.copyInPath(path), flags & (AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW)));
  const { mount } = dentry;
  if (mount?.root !== dentry || mount.namespace === undefined) throw new Errno(EINVAL);
  const ofAtime = uapi.MS_NOATIME | uapi.MS_RELATIME;
  for (const each of flags & AT_RECURSIVE ? mount.namespace.treeOf(mount) : [mount]) {
    each.flags = (each.flags & ~simpleFlags(clear)) | simpleFlags(set);
    if (changesAtime) each.flags = (each.flags & ~ofAtime) | atimeFlags(set);
    if (propagation) each.setPropagation(propagation);
  }
}
