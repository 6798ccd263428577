// acct(2): a record for each process that ends, in a file. kernel/acct.c
import { O_APPEND, O_WRONLY } from "../../abi/constants/files.js";
import { CAP_SYS_PACCT } from "../../abi/constants/security.js";
import { EACCES, EPERM, Errno } from "../../abi/errno.js";
import { bytesOf } from "../mm/user-access.js";
import { openFile } from "../vfs/open.js";
import { divided, processTime } from "./cpu-time.js";
import type { Task } from "./task.js";

const RECORD = 64; // struct acct_v3
const VERSION = 3;
const [AFORK, AXSIG] = [1, 0x10];
const TICK = 1e7; // nanoseconds of a hundredth of a second

export function acct(task: Task, path: number): void {
  if (!task.cred.can(CAP_SYS_PACCT)) throw new Errno(EPERM);
  const { kernel } = task;
  const file = path === 0 ? undefined : openFile(task, task.fs.cwd, task.copyInPath(path), O_WRONLY | O_APPEND, 0);
  if (file && !file.inode.isRegular) {
    file.put();
    throw new Errno(EACCES);
  }
  // Who switches it off, or to another file, is the last in the old one.
  account(task, 0);
  kernel.accounts?.put();
  kernel.accounts = file;
}

/** do_acct_process; `status` as wait(2) has it. */
export function account(task: Task, status: number): void {
  const { kernel, signal, cred } = task;
  const { accounts } = kernel;
  if (accounts === undefined) return;
  const view = new DataView(new ArrayBuffer(RECORD));
  const { user, system } = divided(task, processTime(task));
  const elapsed = kernel.clock.monotonic() - task.startTime;
  const begun = kernel.clock.realtime() / 1_000_000_000n - BigInt(Math.floor(elapsed / 1e9));
  const killed = (status & 0x7f) !== 0;
  view.setUint8(0, (signal.hasExecuted ? 0 : AFORK) | (killed ? AXSIG : 0));
  view.setUint8(1, VERSION);
  view.setUint16(2, signal.tty?.rdev ?? 0, true);
  view.setUint32(4, status, true);
  view.setUint32(8, cred.uid, true);
  view.setUint32(12, cred.gid, true);
  view.setUint32(16, task.tgid, true);
  view.setUint32(20, signal.parent?.tgid ?? 0, true);
  view.setUint32(24, Number(begun & 0xffffffffn), true);
  view.setFloat32(28, elapsed / TICK, true);
  const shorts = [
    user / TICK,
    system / TICK,
    (task.mm.totalVm * 4096) / 1024,
    0,
    0,
    task.mm.minorFaults,
    task.mm.majorFaults,
    0,
  ];
  shorts.forEach((value, index) => {
    view.setUint16(32 + index * 2, compact(Math.floor(value)), true);
  });
  new Uint8Array(view.buffer).set(bytesOf(task.comm).subarray(0, 15), 48);
  try {
    accounts.inode.writeAt(accounts.inode.size, new Uint8Array(view.buffer));
  } catch (error) {
    if (!(error instanceof Errno)) throw error; // no room: the record is lost
  }
}

/** comp_t: 13 bits and an exponent of 8, rounded. */
function compact(value: number): number {
  let exponent = 0;
  let carry = 0;
  let rest = value;
  while (rest > 0x1fff) {
    carry = rest & 4;
    rest = Math.floor(rest / 8);
    exponent++;
  }
  if (carry && ++rest > 0x1fff) {
    rest = Math.floor(rest / 8);
    exponent++;
  }
  return exponent > 7 ? 0xffff : (exponent << 13) | rest;
}
