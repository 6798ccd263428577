// Capabilities: the sets of a task, how they change, and prctl's switches about them. security/commoncap.c, kernel/capability.c
import {
  PR_CAP_AMBIENT_CLEAR_ALL,
  PR_CAP_AMBIENT_IS_SET,
  PR_CAP_AMBIENT_LOWER,
  PR_CAP_AMBIENT_RAISE,
} from "../../abi/constants/processes.js";
import { EINVAL, EPERM, Errno, ESRCH } from "../../abi/errno.js";
import { type Credentials, SECURE_KEEP_CAPS } from "../vfs/credentials.js";
import type { Task } from "./task.js";

const VERSION_1 = 0x19980330;
const VERSION_2 = 0x20071026;
const VERSION_3 = 0x20080522;
const LAST_CAPABILITY = 40;
const CAP_SETPCAP = 8;
const SECURE_ALL = 0xfff;
const SECURE_NO_AMBIENT_RAISE = 0x40;
const SECURE_LOCKS = 0xaaa;

export function hasCapability(cred: Credentials, capability: number): boolean {
  return (cred.effective & (1n << BigInt(capability))) !== 0n;
}

function change(task: Task, changes: Partial<Credentials>): void {
  task.cred = Object.assign(task.cred.copy(), changes);
}

/** The number of 32-bit words a version's sets have; writes the preferred version back for an unknown one. */
function wordsOf(task: Task, header: number): number {
  const version = task.readU32(header);
  if (version === VERSION_1) return 1;
  if (version === VERSION_2 || version === VERSION_3) return 2;
  task.writeU32(header, VERSION_3);
  return 0;
}

export function getCapabilities(task: Task, header: number, data: number): void {
  const words = wordsOf(task, header);
  if (words === 0) {
    if (data !== 0) throw new Errno(EINVAL);
    return;
  }
  const pid = task.readI32(header + 4);
  if (pid < 0) throw new Errno(EINVAL);
  const target = pid === 0 ? task : task.find(pid);
  if (target === undefined) throw new Errno(ESRCH);
  if (data === 0) return;
  const { effective, permitted, inheritable } = target.cred;
  for (let word = 0; word < words; word++) {
    [effective, permitted, inheritable].forEach((set, index) => {
      task.writeU32(data + word * 12 + index * 4, Number((set >> BigInt(word * 32)) & 0xffffffffn));
    });
  }
}

/** cap_capset */
export function setCapabilities(task: Task, header: number, data: number): void {
  const words = wordsOf(task, header);
  if (words === 0) throw new Errno(EINVAL);
  const pid = task.readI32(header + 4);
  if (pid !== 0 && pid !== task.ownPid) throw new Errno(EPERM);
  const [effective, permitted, inheritable] = [0, 4, 8].map((at) => {
    let set = 0n;
    for (let word = 0; word < words; word++) set |= BigInt(task.readU32(data + word * 12 + at)) << BigInt(word * 32);
    return set & ((1n << BigInt(LAST_CAPABILITY + 1)) - 1n);
  });
  const { cred } = task;
  const mayInherit = cred.inheritable | (hasCapability(cred, CAP_SETPCAP) ? cred.bounding : cred.permitted);
  if (inheritable & ~mayInherit || inheritable & ~(cred.inheritable | cred.bounding)) throw new Errno(EPERM);
  if (permitted & ~cred.permitted || effective & ~permitted) throw new Errno(EPERM);
  change(task, { effective, permitted, inheritable, ambient: cred.ambient & permitted & inheritable });
}

function bit(capability: number): bigint {
  if (capability < 0 || capability > LAST_CAPABILITY) throw new Errno(EINVAL);
  return 1n << BigInt(capability);
}

export function isBound(task: Task, capability: number): number {
  return task.cred.bounding & bit(capability) ? 1 : 0;
}

export function dropBound(task: Task, capability: number): void {
  if (!hasCapability(task.cred, CAP_SETPCAP)) throw new Errno(EPERM);
  change(task, { bounding: task.cred.bounding & ~bit(capability) });
}

export function setSecurebits(task: Task, bits: number): void {
  const { securebits } = task.cred;
  const locked = (securebits & SECURE_LOCKS) >> 1;
  const isBad = bits > SECURE_ALL || (securebits ^ bits) & locked || securebits & SECURE_LOCKS & ~bits;
  if (isBad || !hasCapability(task.cred, CAP_SETPCAP)) throw new Errno(EPERM);
  change(task, { securebits: bits });
}

export function setKeepCapabilities(task: Task, value: number): void {
  const { securebits } = task.cred;
  if (value > 1) throw new Errno(EINVAL);
  if (securebits & (SECURE_KEEP_CAPS << 1)) throw new Errno(EPERM);
  change(task, { securebits: value === 1 ? securebits | SECURE_KEEP_CAPS : securebits & ~SECURE_KEEP_CAPS });
}

/** PR_CAP_AMBIENT */
export function ambient(task: Task, operation: number, capability: number): number {
  const { cred } = task;
  if (operation === PR_CAP_AMBIENT_CLEAR_ALL) {
    if (capability !== 0) throw new Errno(EINVAL);
    change(task, { ambient: 0n });
    return 0;
  }
  const wanted = bit(capability);
  switch (operation) {
    case PR_CAP_AMBIENT_IS_SET:
      return cred.ambient & wanted ? 1 : 0;
    case PR_CAP_AMBIENT_RAISE:
      if (!(cred.permitted & cred.inheritable & wanted) || cred.securebits & SECURE_NO_AMBIENT_RAISE)
        throw new Errno(EPERM);
      change(task, { ambient: cred.ambient | wanted });
      return 0;
    case PR_CAP_AMBIENT_LOWER:
      change(task, { ambient: cred.ambient & ~wanted });
      return 0;
    default:
      throw new Errno(EINVAL);
  }
}
