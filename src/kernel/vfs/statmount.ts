// statmount(2), listmount(2): mounts told by numbers that are never used again. fs/namespace.c
import * as uapi from "../../abi/constants/mounts.js";
import { EBADF, EINVAL, ENOENT, EOVERFLOW, EPERM, Errno } from "../../abi/errno.js";
import { NsFile } from "../fs/nsfs.js";
import { bytesOf, checkRange, copyInExtensible } from "../mm/user-access.js";
import { hasRightsOver, identityOf } from "../task/namespaces.js";
import type { Task } from "../task/task.js";
import { major, minor } from "./attributes.js";
import { type Dentry, pathOf } from "./dentry.js";
import { type Mount, MountNamespace, UNIQUE_ID_OFFSET } from "./mount.js";
import { attributesOf } from "./mount-files.js";
import { PROPAGATIONS } from "./mounts.js";

const SHORTEST_REQUEST = 24;
const REQUEST_SIZE = 32;
const STATMOUNT_SIZE = 512;
const MOST_IDS = 1_000_000;
const LSMT_ROOT = 2n ** 64n - 1n;
const SUPPORTED = 0x7fff;
const STRINGS =
  uapi.STATMOUNT_FS_TYPE |
  uapi.STATMOUNT_MNT_ROOT |
  uapi.STATMOUNT_MNT_POINT |
  uapi.STATMOUNT_MNT_OPTS |
  uapi.STATMOUNT_OPT_ARRAY |
  uapi.STATMOUNT_OPT_SEC_ARRAY |
  uapi.STATMOUNT_FS_SUBTYPE |
  uapi.STATMOUNT_SB_SOURCE |
  uapi.STATMOUNT_MNT_UIDMAP |
  uapi.STATMOUNT_MNT_GIDMAP;

/** struct mnt_id_req. */
interface Request {
  readonly namespaceFd: number;
  readonly id: bigint;
  readonly param: bigint;
  readonly namespaceId: bigint;
}

function copyInRequest(task: Task, address: number): Request {
  const size = task.readU32(address);
  const view = copyInExtensible(task.mm, address, size, SHORTEST_REQUEST, REQUEST_SIZE);
  const word = (at: number): bigint => view.getBigUint64(at, true);
  const id = word(8);
  if (id <= UNIQUE_ID_OFFSET) throw new Errno(EINVAL);
  return { namespaceFd: view.getInt32(4, true), id, param: word(16), namespaceId: word(24) };
}

/** grab_requested_mnt_ns: by id, by descriptor, or the task's own. */
function namespaceOf(task: Task, { namespaceFd, namespaceId }: Request): MountNamespace {
  if (namespaceId !== 0n && namespaceFd !== 0) throw new Errno(EINVAL);
  if (namespaceFd !== 0) {
    if (namespaceFd < 0) throw new Errno(EBADF);
    const file = task.files.get(namespaceFd);
    if (!(file instanceof NsFile && file.namespace instanceof MountNamespace)) throw new Errno(EINVAL);
    return file.namespace;
  }
  const own = task.namespaces.mnt;
  if (namespaceId === 0n) return own;
  for (const { namespaces } of task.kernel.tasks.values()) {
    const { mnt } = namespaces;
    if (BigInt(identityOf(mnt).id) === namespaceId && (mnt === own || mayLookInto(task, mnt))) return mnt;
  }
  throw new Errno(ENOENT);
}

const mayLookInto = (task: Task, namespace: MountNamespace): boolean =>
  hasRightsOver(task.cred, identityOf(namespace).owner);

/** grab_requested_root */
const rootIn = (task: Task, namespace: MountNamespace): Dentry =>
  namespace === task.namespaces.mnt ? task.fs.root : namespace.root.root;

function findMount(namespace: MountNamespace, id: bigint): Mount {
  for (const mount of namespace.mounts) if (BigInt(mount.uniqueId) === id) return mount;
  throw new Errno(ENOENT);
}

function checkReachable(task: Task, namespace: MountNamespace, place: Dentry): void {
  if (!place.isUnder(rootIn(task, namespace)) && !mayLookInto(task, namespace)) throw new Errno(EPERM);
}

export function statmount(task: Task, request: number, buffer: number, size: number, flags: number): void {
  if (flags !== 0) throw new Errno(EINVAL);
  const wanted = copyInRequest(task, request);
  const namespace = namespaceOf(task, wanted);
  checkRange(buffer, size);
  const mask = Number(wanted.param & 0xffffffffn);
  if (mask & STRINGS && size === STATMOUNT_SIZE) throw new Errno(EOVERFLOW);
  const mount = findMount(namespace, wanted.id);
  checkReachable(task, namespace, mount.root);
  const told = new MountStatus(mask, size);
  describe(told, mount, namespace, rootIn(task, namespace));
  const head = Math.min(size, STATMOUNT_SIZE);
  if (told.text.length > 0) task.copyOut(buffer + STATMOUNT_SIZE, bytesOf(told.text));
  task.copyOut(buffer, told.bytes(head + told.text.length).subarray(0, head));
}

/** struct statmount in the making, and the strings behind it. */
class MountStatus {
  readonly view = new DataView(new ArrayBuffer(STATMOUNT_SIZE));
  readonly #wanted: number;
  readonly #room: number;
  #filled = 0;
  /** What is not set is the empty string at its beginning. */
  text: string;

  constructor(wanted: number, room: number) {
    this.#wanted = wanted;
    this.#room = room;
    this.text = wanted & STRINGS ? "\0" : "";
  }

  wants(flag: number): boolean {
    return (this.#wanted & flag) !== 0;
  }

  /** Numbers for a flag: offset, bytes, value. */
  numbers(flag: number, fields: () => readonly (readonly [offset: number, bytes: 4 | 8, value: number])[]): void {
    if (!this.wants(flag)) return;
    this.#filled |= flag;
    for (const [offset, bytes, value] of fields()) {
      if (bytes === 4) this.view.setUint32(offset, value, true);
      else this.view.setBigUint64(offset, BigInt(value), true);
    }
  }

  /** A string for a flag, or several; none when it is empty. */
  string(flag: number, offset: number, text: () => string): boolean {
    const found = this.wants(flag) ? text() : "";
    if (found === "") return false;
    const start = this.text.length;
    if (STATMOUNT_SIZE + start + found.length >= this.#room) throw new Errno(EOVERFLOW);
    this.text += `${found}\0`;
    this.view.setUint32(offset, start, true);
    this.#filled |= flag;
    return true;
  }

  bytes(size: number): Uint8Array {
    this.view.setUint32(0, size, true);
    this.view.setUint32(8, this.#filled, true);
    return new Uint8Array(this.view.buffer);
  }
}

function describe(told: MountStatus, mount: Mount, namespace: MountNamespace, root: Dentry): void {
  const { superBlock, propagation, group, master } = mount;
  told.numbers(uapi.STATMOUNT_SB_BASIC, () => {
    const { dev } = mount.root.inode.stat();
    const flags = superBlock.readOnly ? uapi.MS_RDONLY : 0;
    return [
      [16, 4, major(dev)],
      [20, 4, minor(dev)],
      [24, 8, superBlock.root.statfs().type],
      [32, 4, flags],
    ];
  });
  told.numbers(uapi.STATMOUNT_MNT_BASIC, () => {
    const above = mount.parent ?? mount;
    const slave = master !== 0 && propagation !== "slave" ? uapi.MS_SLAVE : 0;
    const own = PROPAGATIONS.find(([, name]) => name === propagation)?.[0] ?? 0;
    return [
      [40, 8, mount.uniqueId],
      [48, 8, above.uniqueId],
      [56, 4, mount.id],
      [60, 4, above.id],
      [64, 8, attributesOf(mount)],
      [72, 8, own | slave],
      [80, 8, propagation === "shared" ? group : 0],
      [88, 8, master],
    ];
  });
  told.numbers(uapi.STATMOUNT_PROPAGATE_FROM, () => [[96, 8, dominatingGroup(mount, namespace, root)]]);
  told.numbers(uapi.STATMOUNT_MNT_NS_ID, () => [[112, 8, identityOf(namespace).id]]);
  const options = superBlock.options.slice(1);
  told.string(uapi.STATMOUNT_FS_TYPE, 36, () => superBlock.type);
  told.string(uapi.STATMOUNT_MNT_ROOT, 104, () => mount.subPath);
  told.string(uapi.STATMOUNT_MNT_POINT, 108, () => (mount.root.isUnder(root) ? pathOf(mount.root, root) : ""));
  told.string(uapi.STATMOUNT_MNT_OPTS, 4, () => options);
  const list = options.split(",");
  if (told.string(uapi.STATMOUNT_OPT_ARRAY, 132, () => list.join("\0"))) told.view.setUint32(128, list.length, true);
  told.string(uapi.STATMOUNT_SB_SOURCE, 124, () => mount.source);
  told.numbers(uapi.STATMOUNT_SUPPORTED_MASK, () => [[144, 8, SUPPORTED]]);
}

/** get_dominating_id: the group a slave hears of, where somebody of it can be seen. */
function dominatingGroup({ master }: Mount, namespace: MountNamespace, root: Dentry): number {
  if (master === 0) return 0;
  for (const other of namespace.mounts) if (other.group === master && other.root.isUnder(root)) return master;
  return 0;
}

/** Ids of the mounts below one, after the last one that was told; gives how many. */
export function listmount(task: Task, request: number, ids: number, count: number, flags: number): number {
  if (flags & ~uapi.LISTMOUNT_REVERSE) throw new Errno(EINVAL);
  if (count > MOST_IDS) throw new Errno(EOVERFLOW);
  checkRange(ids, count * 8);
  const wanted = copyInRequest(task, request);
  const { param: last } = wanted;
  if (last !== 0n && last <= UNIQUE_ID_OFFSET) throw new Errno(EINVAL);
  const namespace = namespaceOf(task, wanted);
  const root = rootIn(task, namespace);
  const from = wanted.id === LSMT_ROOT ? root : findMount(namespace, wanted.id).root;
  checkReachable(task, namespace, from);
  const isReverse = (flags & uapi.LISTMOUNT_REVERSE) !== 0;
  const found = [...namespace.mounts]
    .filter(({ uniqueId, root }) => {
      const id = BigInt(uniqueId);
      return id !== wanted.id && isBeyond(id, last, isReverse) && root.isUnder(from);
    })
    .map(({ uniqueId }) => uniqueId)
    .sort((one, other) => (isReverse ? other - one : one - other))
    .slice(0, count);
  const told = new BigUint64Array(found.map(BigInt));
  task.copyOut(ids, new Uint8Array(told.buffer));
  return found.length;
}

/** After the highest number comes the first one. */
function isBeyond(id: bigint, last: bigint, isReverse: boolean): boolean {
  if (last === 0n) return true;
  return isReverse ? id <= last - 1n : id >= BigInt.asUintN(64, last + 1n);
}
