// Keys and the keyrings that hold them. security/keys
import { EACCES, EDEADLK, EDQUOT, EKEYEXPIRED, EKEYREVOKED, ENOKEY, ENOTDIR, Errno } from "../../abi/errno.js";
import type { Task } from "../task/task.js";

export const [NEED_VIEW, NEED_READ, NEED_WRITE, NEED_SEARCH, NEED_LINK, NEED_SETATTR] = [1, 2, 4, 8, 16, 32];
export const POSSESSOR_ALL = 0x3f000000;
export const USER_VIEW = 0x00010000;
const MAX_KEYS = 10000;
const MAX_BYTES = 1 << 24;
const MAX_DEPTH = 6;

export class Key {
  readonly serial: number;
  readonly type: "user" | "logon" | "keyring";
  readonly description: string;
  uid: number;
  gid: number;
  permissions: number;
  payload: Uint8Array;
  /** For a keyring: what it holds. */
  readonly links = new Set<Key>();
  state: "good" | "revoked" | "invalid" = "good";
  /** Monotonic nanoseconds. */
  expires = Number.POSITIVE_INFINITY;

  constructor(serial: number, type: Key["type"], description: string, task: Task, payload: Uint8Array) {
    this.serial = serial;
    this.type = type;
    this.description = description;
    this.uid = task.cred.fsuid;
    this.gid = task.cred.fsgid;
    this.permissions = POSSESSOR_ALL | USER_VIEW;
    this.payload = payload;
  }

  get isKeyring(): boolean {
    return this.type === "keyring";
  }

  /** Throws EKEYREVOKED, EKEYEXPIRED, ENOKEY. key_validate */
  validate(now: number): void {
    if (this.state === "invalid") throw new Errno(ENOKEY);
    if (this.state === "revoked") throw new Errno(EKEYREVOKED);
    if (now >= this.expires) throw new Errno(EKEYEXPIRED);
  }

  /** key_task_permission: the owner's, group's or others' bits, and the possessor's besides. */
  check(task: Task, isPossessed: boolean, wanted: number): void {
    const { fsuid, fsgid } = task.cred;
    const shift = this.uid === fsuid ? 16 : this.gid === fsgid || task.cred.groups.includes(this.gid) ? 8 : 0;
    let bits = this.permissions >>> shift;
    if (isPossessed) bits |= this.permissions >>> 24;
    if ((bits & wanted) !== wanted) throw new Errno(EACCES);
  }

  /** The key of that name in this keyring or those in it. */
  search(type: string, description: string, depth = 0): Key | undefined {
    for (const key of this.links)
      if (key.state === "good" && key.type === type && key.description === description) return key;
    if (depth >= MAX_DEPTH) return undefined;
    for (const key of this.links) {
      const found = key.isKeyring ? key.search(type, description, depth + 1) : undefined;
      if (found) return found;
    }
    return undefined;
  }

  holds(key: Key, depth = 0): boolean {
    if (this.links.has(key)) return true;
    return depth < MAX_DEPTH && [...this.links].some((inner) => inner.isKeyring && inner.holds(key, depth + 1));
  }

  /** A link takes the place of one to a key of the same name. Throws EDEADLK for a circle. */
  link(key: Key): void {
    if (!this.isKeyring) throw new Errno(ENOTDIR);
    if (key.isKeyring && (key === this || key.holds(this))) throw new Errno(EDEADLK);
    for (const old of this.links) {
      if (old.type === key.type && old.description === key.description) this.links.delete(old);
    }
    this.links.add(key);
  }
}

export class Keys {
  readonly #bySerial = new Map<number, Key>();
  /** Keyrings of users, by uid. */
  readonly users = new Map<number, Key>();
  #lastSerial = 0x10000000;

  make(task: Task, type: Key["type"], description: string, payload: Uint8Array = new Uint8Array(0)): Key {
    let bytes = payload.length;
    for (const key of this.#bySerial.values()) bytes += key.payload.length;
    if (this.#bySerial.size >= MAX_KEYS) this.#collect(task);
    if (this.#bySerial.size >= MAX_KEYS || bytes > MAX_BYTES) throw new Errno(EDQUOT);
    this.#lastSerial += 0x1003 + (this.#lastSerial % 7);
    const key = new Key(this.#lastSerial & 0x7fffffff, type, description, task, payload);
    this.#bySerial.set(key.serial, key);
    return key;
  }

  get all(): Iterable<Key> {
    return this.#bySerial.values();
  }

  find(serial: number): Key {
    const key = this.#bySerial.get(serial);
    if (key === undefined || key.state === "invalid") throw new Errno(ENOKEY);
    return key;
  }

  /** Forgets what no keyring of any process or user leads to. */
  #collect(task: Task): void {
    const kept = new Set<Key>();
    const keep = (key: Key | undefined): void => {
      if (key === undefined || kept.has(key)) return;
      kept.add(key);
      for (const link of key.links) keep(link);
    };
    for (const ring of this.users.values()) keep(ring);
    for (const { signal, keyring } of task.kernel.tasks.values()) {
      keep(keyring);
      keep(signal.keyring);
      keep(signal.sessionKeyring);
    }
    for (const [serial, key] of this.#bySerial) if (!kept.has(key)) this.#bySerial.delete(serial);
  }
}
