// The system as a whole: names, random bytes, memory barriers. kernel/sys.c, drivers/char/random.c
import * as mb from "../../abi/constants/memory.js";
import { GRND_INSECURE, GRND_RANDOM } from "../../abi/constants/security.js";
import { EFAULT, EINVAL, EPERM, Errno } from "../../abi/errno.js";
import { RELEASE, VERSION } from "../kernel.js";
import { byteString, bytesOf } from "../mm/user-access.js";
import { checkRightsOver } from "./namespaces.js";
import type { Task } from "./task.js";

const PER_LINUX32 = 8;
const UNAME26 = 0x0020000;
const OLDEST_FIELD = 9;
const FIELD = 65; // __NEW_UTS_LEN + 1
const __NEW_UTS_LEN = 64;
const GRND_ALL = 7;
const MAX_RANDOM = 0x7ffff000;
const CHUNK = 1 << 16;

export function uname(task: Task, address: number): void {
  const { hostname, domainname } = task.namespaces.uts;
  const bytes = new Uint8Array(6 * FIELD);
  const { personality } = task;
  const machine = (personality & 0xff) === PER_LINUX32 ? "i686" : "x86_64";
  const release = personality & UNAME26 ? oldRelease() : RELEASE;
  ["Linux", hostname, release, VERSION, machine, domainname].forEach((text, index) => {
    bytes.set(bytesOf(text.slice(0, __NEW_UTS_LEN)), index * FIELD);
  });
  task.copyOut(address, bytes);
}

/** override_release: for programs that do not know versions after 2.6. */
function oldRelease(): string {
  const [, minor, rest] = /^\d+\.(\d+)(?:\.\d+)?(.*)$/.exec(RELEASE) ?? [];
  return `2.6.${Number(minor) + 60}${rest}`;
}

/** olduname(2), whose structure has no domain name; `older`: with room for eight characters each. */
export function oldUname(task: Task, address: number, older: boolean): void {
  const size = older ? OLDEST_FIELD : FIELD;
  const bytes = new Uint8Array(5 * size);
  ["Linux", task.namespaces.uts.hostname, RELEASE, VERSION, "x86_64"].forEach((text, index) => {
    bytes.set(bytesOf(text.slice(0, size - 1)), index * size);
  });
  task.copyOut(address, bytes);
}

/** sethostname(2), setdomainname(2). */
export function setName(task: Task, which: "hostname" | "domainname", address: number, length: number): void {
  checkRightsOver(task, task.namespaces.uts);
  if (length < 0 || length > __NEW_UTS_LEN) throw new Errno(EINVAL);
  task.namespaces.uts[which] = byteString(task.copyIn(address, length));
}

export function getRandom(task: Task, address: number, length: number, flags: number): number {
  if (flags & ~GRND_ALL || (flags & (GRND_RANDOM | GRND_INSECURE)) === (GRND_RANDOM | GRND_INSECURE))
    throw new Errno(EINVAL);
  const wanted = Math.min(length, MAX_RANDOM);
  let done = 0;
  while (done < wanted) {
    const slices = task.writable(address + done, Math.min(CHUNK, wanted - done));
    if (slices.length === 0) break;
    for (const slice of slices) {
      task.kernel.random(slice);
      done += slice.length;
    }
  }
  if (done === 0 && wanted > 0) throw new Errno(EFAULT);
  return done;
}

/** Commands that want a registration, which is the next bit. */
const MEMBARRIER_REGISTERED =
  mb.MEMBARRIER_CMD_PRIVATE_EXPEDITED |
  mb.MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE |
  mb.MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ;
const MEMBARRIER_REGISTRATIONS = (MEMBARRIER_REGISTERED << 1) | mb.MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED;
const MEMBARRIER_COMMANDS = 0x3ff;

/** membarrier(2): with one CPU every switch is a barrier. */
export function membarrier({ mm }: Task, command: number, flags: number): number {
  const ofCpu = command === mb.MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ && flags === mb.MEMBARRIER_CMD_FLAG_CPU;
  if (flags !== 0 && !ofCpu) throw new Errno(EINVAL);
  if (command === mb.MEMBARRIER_CMD_QUERY) return MEMBARRIER_COMMANDS;
  if (command === mb.MEMBARRIER_CMD_GET_REGISTRATIONS) return mm.barriers;
  if (command & (command - 1) || !(command & MEMBARRIER_COMMANDS)) throw new Errno(EINVAL);
  if (command & MEMBARRIER_REGISTRATIONS) mm.barriers |= command;
  if (command & MEMBARRIER_REGISTERED && !(mm.barriers & (command << 1))) throw new Errno(EPERM);
  return 0;
}
