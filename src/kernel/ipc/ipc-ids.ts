// What the three kinds of System V objects have in common: identifiers, keys, permissions, removal. ipc/util.c

import { IPC_CREAT, IPC_EXCL, IPC_PRIVATE } from "../../abi/constants/ipc.js";
import { CAP_IPC_OWNER } from "../../abi/constants/security.js";
import { EACCES, EEXIST, EIDRM, EINVAL, ENOENT, ENOSPC, EPERM, Errno } from "../../abi/errno.js";
import { ipcPermissions } from "../../abi/ipc.js";
import type { Task } from "../task/task.js";

const SEQUENCE_SHIFT = 15;
const MAX_SEQUENCE = 0xffff;
const MIN_CYCLE = 64;
export const READ = 0o444;
export const WRITE = 0o222;

export class IpcPermissions {
  key: number;
  uid: number;
  gid: number;
  readonly cuid: number;
  readonly cgid: number;
  mode: number;

  constructor(task: Task, key: number, mode: number) {
    this.key = key;
    this.uid = this.cuid = task.cred.euid;
    this.gid = this.cgid = task.cred.egid;
    this.mode = mode & 0o777;
  }

  /** ipcperms: `wanted` is a mode. */
  check(task: Task, wanted: number): void {
    const { cred } = task;
    const asked = ((wanted >> 6) | (wanted >> 3) | wanted) & 7;
    let granted = this.mode;
    if (cred.euid === this.cuid || cred.euid === this.uid) granted >>= 6;
    else if (cred.inGroup(this.cgid) || cred.inGroup(this.gid)) granted >>= 3;
    if (asked & ~granted && !cred.can(CAP_IPC_OWNER)) throw new Errno(EACCES);
  }

  /** For IPC_SET and IPC_RMID. */
  checkOwner(task: Task): void {
    const { euid } = task.cred;
    if (euid !== this.cuid && euid !== this.uid && !task.cred.isPrivileged) throw new Errno(EPERM);
  }

  /** struct ipc64_perm. */
  encode(id: number, { abi, cred }: Task): Uint8Array {
    const { key, mode } = this;
    const [uid, cuid] = [cred.shownUid(this.uid), cred.shownUid(this.cuid)];
    const [gid, cgid] = [cred.shownGid(this.gid), cred.shownGid(this.cgid)];
    return ipcPermissions.encode({ key, uid, gid, cuid, cgid, mode, seq: id >>> SEQUENCE_SHIFT }, abi);
  }

  /** IPC_SET: owner, group and permissions of the structure the program gave, which begins with them. */
  set(view: DataView, { abi, cred }: Task): void {
    const uid = cred.machineUid(ipcPermissions.get(view, "uid", abi));
    const gid = cred.machineGid(ipcPermissions.get(view, "gid", abi));
    if (uid === undefined || gid === undefined) throw new Errno(EINVAL);
    this.uid = uid;
    this.gid = gid;
    this.mode = (this.mode & ~0o777) | (ipcPermissions.get(view, "mode", abi) & 0o777);
  }
}

export interface IpcObject {
  readonly permissions: IpcPermissions;
  id: number;
  removed: boolean;
}

export class IpcIds<T extends IpcObject> {
  readonly #objects = new Map<number, T>();
  readonly #limit: number;
  #sequence = 0;
  #last = -1;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get count(): number {
    return this.#objects.size;
  }

  all(): T[] {
    return [...this.#objects.values()].sort((a, b) => indexOf(a.id) - indexOf(b.id));
  }

  /** The highest index in use; 0 when there is none. */
  get highest(): number {
    return Math.max(0, ...[...this.#objects.values()].map(({ id }) => indexOf(id)));
  }

  /** The *get calls: an object by key, or a new one that `make` makes. `check` looks at one that was found. */
  get(task: Task, key: number, flags: number, check: (found: T) => void, make: () => T): T {
    const found = key === IPC_PRIVATE ? undefined : this.all().find(({ permissions }) => permissions.key === key);
    if (found) {
      if (flags & IPC_CREAT && flags & IPC_EXCL) throw new Errno(EEXIST);
      check(found);
      found.permissions.check(task, flags);
      return found;
    }
    if (key !== IPC_PRIVATE && !(flags & IPC_CREAT)) throw new Errno(ENOENT);
    return this.#add(make());
  }

  #add(object: T): T {
    if (this.#objects.size >= this.#limit) throw new Errno(ENOSPC);
    const cycle = Math.min(Math.max(Math.floor((this.#objects.size * 3) / 2), MIN_CYCLE), this.#limit);
    let index = this.#last + 1 < cycle ? this.#last + 1 : 0;
    while (this.#objects.has(index)) index = (index + 1) % this.#limit;
    if (index <= this.#last) this.#sequence = (this.#sequence + 1) & MAX_SEQUENCE;
    this.#last = index;
    object.id = (this.#sequence << SEQUENCE_SHIFT) | index;
    this.#objects.set(index, object);
    return object;
  }

  /** Throws EINVAL for an identifier that is nobody's, EIDRM for one that was another's. */
  find(id: number): T {
    if (id < 0) throw new Errno(EINVAL);
    const object = this.at(id & ((1 << SEQUENCE_SHIFT) - 1));
    if (object.id !== id) throw new Errno(id >>> SEQUENCE_SHIFT === object.id >>> SEQUENCE_SHIFT ? EIDRM : EINVAL);
    return object;
  }

  /** By index: the *_STAT commands. */
  at(index: number): T {
    const object = this.#objects.get(index);
    if (object === undefined) throw new Errno(EINVAL);
    return object;
  }

  remove(object: T): void {
    object.removed = true;
    this.#objects.delete(indexOf(object.id));
  }
}

function indexOf(id: number): number {
  return id & ((1 << SEQUENCE_SHIFT) - 1);
}

export function secondsNow(task: Task): number {
  return Number(task.kernel.clock.realtime() / 1_000_000_000n);
}
