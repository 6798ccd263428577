// add_key, request_key and keyctl. security/keys/keyctl.c, process_keys.c
import * as uapi from "../../abi/constants/security.js";
import { EACCES, EFAULT, EINVAL, ENODEV, ENOENT, ENOKEY, ENOTDIR, EOPNOTSUPP, EPERM, Errno } from "../../abi/errno.js";
import { bytesOf, copyInString } from "../mm/user-access.js";
import type { Task } from "../task/task.js";
import { type Key, NEED_LINK, NEED_READ, NEED_SEARCH, NEED_SETATTR, NEED_VIEW, NEED_WRITE } from "./key.js";

const MAX_PAYLOAD = 1024 * 1024 - 1;
const MAX_USER_PAYLOAD = 32767;
const TYPE_LENGTH = 32;
const PAGE = 4096;
const ALL_PERMISSIONS = 0x3f3f3f3f;

/** A keyring of the caller by its special number, made when `create`; or any key by serial. lookup_user_key */
function lookUp(task: Task, id: number, create = false): Key {
  const { keys } = task.kernel;
  const ring = (have: Key | undefined, name: string, keep: (made: Key) => void): Key => {
    if (have) return have;
    if (!create) throw new Errno(ENOKEY);
    const made = keys.make(task, "keyring", name);
    keep(made);
    return made;
  };
  switch (id) {
    case uapi.KEY_SPEC_THREAD_KEYRING:
      return ring(task.keyring, "_tid", (made) => {
        task.keyring = made;
      });
    case uapi.KEY_SPEC_PROCESS_KEYRING:
      return ring(task.signal.keyring, "_pid", (made) => {
        task.signal.keyring = made;
      });
    case uapi.KEY_SPEC_SESSION_KEYRING:
      if (task.signal.sessionKeyring) return task.signal.sessionKeyring;
      return userRing(task, `_uid_ses.${task.cred.uid}`, -1 - task.cred.uid);
    case uapi.KEY_SPEC_USER_KEYRING:
      return userRing(task, `_uid.${task.cred.uid}`, task.cred.uid);
    case uapi.KEY_SPEC_USER_SESSION_KEYRING:
      return userRing(task, `_uid_ses.${task.cred.uid}`, -1 - task.cred.uid);
    case uapi.KEY_SPEC_REQKEY_AUTH_KEY:
    case uapi.KEY_SPEC_REQUESTOR_KEYRING:
      throw new Errno(ENOKEY);
  }
  if (id < 1) throw new Errno(EINVAL);
  return keys.find(id);
}

function userRing(task: Task, name: string, index: number): Key {
  const { users } = task.kernel.keys;
  let ring = users.get(index);
  if (ring === undefined) {
    ring = task.kernel.keys.make(task, "keyring", name);
    ring.permissions = 0x3f1f0000;
    users.set(index, ring);
  }
  return ring;
}

/** The keyrings of the caller, in the order they are searched. */
function ownRings(task: Task): Key[] {
  const session = task.signal.sessionKeyring ?? task.kernel.keys.users.get(-1 - task.cred.uid);
  return [task.keyring, task.signal.keyring, session].filter((ring) => ring !== undefined);
}

function isPossessed(task: Task, key: Key): boolean {
  return ownRings(task).some((ring) => ring === key || ring.holds(key));
}

function checked(task: Task, id: number, wanted: number, create = false): Key {
  const key = lookUp(task, id, create);
  key.validate(task.kernel.clock.monotonic());
  key.check(task, isPossessed(task, key), wanted);
  return key;
}

function readType(task: Task, address: number): string {
  const type = copyInString(task.mm, address, TYPE_LENGTH);
  if (type === undefined || type === "") throw new Errno(EINVAL);
  if (type.startsWith(".")) throw new Errno(EPERM);
  return type;
}

function readText(task: Task, address: number): string {
  const text = copyInString(task.mm, address, PAGE);
  if (text === undefined) throw new Errno(EINVAL);
  return text;
}

function checkPayload(type: string, description: string, payload: Uint8Array): asserts type is Key["type"] {
  if (type !== "user" && type !== "logon" && type !== "keyring") throw new Errno(ENODEV);
  if (type === "logon" && description.indexOf(":") < 1) throw new Errno(EINVAL);
  const fits = type === "keyring" ? payload.length === 0 : payload.length > 0 && payload.length <= MAX_USER_PAYLOAD;
  if (!fits || description === "") throw new Errno(EINVAL);
}

export function addKey(
  task: Task,
  typeAddress: number,
  descriptionAddress: number,
  payloadAddress: number,
  length: number,
  ringId: number,
): number {
  if (length > MAX_PAYLOAD) throw new Errno(EINVAL);
  const type = readType(task, typeAddress);
  const description = descriptionAddress === 0 ? "" : readText(task, descriptionAddress);
  if (description.startsWith(".") && type === "keyring") throw new Errno(EPERM);
  const payload = length === 0 ? new Uint8Array(0) : task.copyIn(payloadAddress, length);
  const ring = checked(task, ringId, NEED_WRITE, true);
  checkPayload(type, description, payload);
  if (!ring.isKeyring) throw new Errno(ENOTDIR);
  const old = [...ring.links].find((key) => key.type === type && key.description === description);
  if (old && old.state === "good" && type !== "keyring") {
    old.check(task, isPossessed(task, old), NEED_WRITE);
    old.payload = payload;
    return old.serial;
  }
  const key = task.kernel.keys.make(task, type, description, payload);
  ring.link(key);
  return key.serial;
}

/** request_key(2): there is nobody to make a key that is not there. */
export function requestKey(task: Task, typeAddress: number, descriptionAddress: number, ringId: number): number {
  const type = readType(task, typeAddress);
  const description = readText(task, descriptionAddress);
  const into = ringId === 0 ? undefined : checked(task, ringId, NEED_WRITE, true);
  for (const ring of ownRings(task)) {
    const found = ring.search(type, description);
    if (found === undefined) continue;
    found.validate(task.kernel.clock.monotonic());
    into?.link(found);
    return found.serial;
  }
  throw new Errno(ENOKEY);
}

/** keyctl(2). What needs a helper program or an asymmetric key is EOPNOTSUPP, as in a kernel without them. */
export function keyctl(task: Task, operation: number, args: readonly [number, number, number, number]): number {
  const [first, second, third, fourth] = args;
  const id = first | 0;
  switch (operation) {
    case uapi.KEYCTL_GET_KEYRING_ID:
      return checked(task, id, NEED_SEARCH, second !== 0).serial;
    case uapi.KEYCTL_JOIN_SESSION_KEYRING: {
      const name = first === 0 ? "_ses" : readText(task, first);
      task.signal.sessionKeyring = task.kernel.keys.make(task, "keyring", name);
      return task.signal.sessionKeyring.serial;
    }
    case uapi.KEYCTL_UPDATE: {
      if (third > MAX_PAYLOAD) throw new Errno(EINVAL);
      const payload = third === 0 ? new Uint8Array(0) : task.copyIn(second, third);
      const key = checked(task, id, NEED_WRITE);
      if (key.isKeyring) throw new Errno(EOPNOTSUPP);
      checkPayload(key.type, key.description, payload);
      key.payload = payload;
      return 0;
    }
    case uapi.KEYCTL_REVOKE:
      checked(task, id, 0).check(task, isPossessed(task, lookUp(task, id)), NEED_SETATTR);
      lookUp(task, id).state = "revoked";
      return 0;
    case uapi.KEYCTL_INVALIDATE:
      checked(task, id, NEED_SEARCH).state = "invalid";
      return 0;
    case uapi.KEYCTL_SETPERM:
      return setPermissions(task, id, second);
    case uapi.KEYCTL_CHOWN:
      return changeOwner(task, id, second | 0, third | 0);
    case uapi.KEYCTL_DESCRIBE: {
      const { type, uid, gid, permissions, description } = checked(task, id, NEED_VIEW);
      const mode = (permissions >>> 0).toString(16).padStart(8, "0");
      return give(task, bytesOf(`${type};${uid};${gid};${mode};${description}\0`), second, third);
    }
    case uapi.KEYCTL_READ:
      return give(task, contentsOf(task, id), second, third);
    case uapi.KEYCTL_CLEAR: {
      const ring = checked(task, id, NEED_WRITE);
      if (!ring.isKeyring) throw new Errno(ENOTDIR);
      ring.links.clear();
      return 0;
    }
    case uapi.KEYCTL_LINK: {
      const ring = checked(task, second | 0, NEED_WRITE, true);
      ring.link(checked(task, id, NEED_LINK, true));
      return 0;
    }
    case uapi.KEYCTL_UNLINK: {
      const ring = checked(task, second | 0, NEED_WRITE);
      if (!ring.isKeyring) throw new Errno(ENOTDIR);
      if (!ring.links.delete(lookUp(task, id))) throw new Errno(ENOENT);
      return 0;
    }
    case uapi.KEYCTL_SEARCH: {
      const type = readType(task, second);
      const description = readText(task, third);
      const ring = checked(task, id, NEED_SEARCH);
      const into = (fourth | 0) === 0 ? undefined : checked(task, fourth | 0, NEED_WRITE, true);
      if (!ring.isKeyring) throw new Errno(ENOTDIR);
      const found = ring.search(type, description);
      if (found === undefined) throw new Errno(ENOKEY);
      into?.link(found);
      return found.serial;
    }
    case uapi.KEYCTL_SET_TIMEOUT: {
      const key = checked(task, id, NEED_SETATTR);
      key.expires = second === 0 ? Number.POSITIVE_INFINITY : task.kernel.clock.monotonic() + second * 1e9;
      return 0;
    }
    default:
      throw new Errno(EOPNOTSUPP);
  }
}

function setPermissions(task: Task, id: number, permissions: number): number {
  if (permissions & ~ALL_PERMISSIONS) throw new Errno(EINVAL);
  const key = checked(task, id, NEED_SETATTR);
  if (key.uid !== task.cred.fsuid && !task.cred.isPrivileged) throw new Errno(EACCES);
  key.permissions = permissions | 0;
  return 0;
}

function changeOwner(task: Task, id: number, uid: number, gid: number): number {
  const key = checked(task, id, NEED_SETATTR);
  const takesOver = (uid !== -1 && uid !== key.uid) || (gid !== -1 && gid !== key.gid && !task.cred.inGroup(gid));
  if (takesOver && !task.cred.isPrivileged) throw new Errno(EACCES);
  if (uid !== -1) key.uid = uid;
  if (gid !== -1) key.gid = gid;
  return 0;
}

/** A keyring is read as the serial numbers in it. What may be searched for may be read by who has it. */
function contentsOf(task: Task, id: number): Uint8Array {
  const key = lookUp(task, id);
  key.validate(task.kernel.clock.monotonic());
  try {
    key.check(task, false, NEED_READ);
  } catch (error) {
    if (!(error instanceof Errno) || !isPossessed(task, key)) throw error;
  }
  if (key.type === "logon") throw new Errno(EOPNOTSUPP);
  if (!key.isKeyring) return key.payload;
  return new Uint8Array(Int32Array.from([...key.links], ({ serial }) => serial).buffer);
}

/** The whole length; copied only when all of it fits. */
function give(task: Task, bytes: Uint8Array, address: number, size: number): number {
  if (address === 0 && size > 0) throw new Errno(EFAULT);
  if (size >= bytes.length) task.copyOut(address, bytes);
  return bytes.length;
}
