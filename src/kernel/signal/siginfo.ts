// siginfo_t, 128 bytes, in the forms the kernel makes. include/uapi/asm-generic/siginfo.h
import * as uapi from "../../abi/constants/signals.js";
import type { Task } from "../task/task.js";

export const SIGINFO_SIZE = 128;

function start(signal: number, code: number): { info: Uint8Array; view: DataView } {
  const info = new Uint8Array(SIGINFO_SIZE);
  const view = new DataView(info.buffer);
  view.setInt32(0, signal, true);
  view.setInt32(8, code, true);
  return { info, view };
}

/** Sent by the kernel itself. */
export function kernelInfo(signal: number): Uint8Array {
  return start(signal, uapi.SI_KERNEL).info;
}

/** kill, tgkill: who sent it. */
export function userInfo(signal: number, code: number, pid: number, uid: number): Uint8Array {
  const { info, view } = start(signal, code);
  view.setInt32(16, pid, true);
  view.setUint32(20, uid, true);
  return info;
}

/** Who sent it, by the numbers of whoever gets it. */
export function senderInfo(signal: number, code: number, sender: Task, target: Task): Uint8Array {
  const pid = target.pidNamespace.inside(sender.tgid);
  return userInfo(signal, code, pid, target.cred.shownUid(sender.cred.uid));
}

/** An exception at `address`. */
export function faultInfo(signal: number, code: number, address: number | bigint): Uint8Array {
  const { info, view } = start(signal, code);
  view.setBigUint64(16, BigInt.asUintN(64, BigInt(address)), true);
  return info;
}

/** SIGCHLD. Times in clock ticks. */
export function childInfo(
  signal: number,
  code: number,
  pid: number,
  uid: number,
  status: number,
  userTime: number,
  systemTime: number,
): Uint8Array {
  const { info, view } = start(signal, code);
  view.setInt32(16, pid, true);
  view.setUint32(20, uid, true);
  view.setInt32(24, status, true);
  view.setBigInt64(32, BigInt(userTime), true);
  view.setBigInt64(40, BigInt(systemTime), true);
  return info;
}

/** A POSIX timer ran out. */
export function timerInfo(signal: number, code: number, id: number, overrun: number, value: bigint): Uint8Array {
  const { info, view } = start(signal, code);
  view.setInt32(16, id, true);
  view.setInt32(20, overrun, true);
  view.setBigUint64(24, value, true);
  return info;
}

/** Sent with a value: by sigqueue, or by a message queue. */
export function queueInfoOf(signal: number, code: number, pid: number, uid: number, value: bigint): Uint8Array {
  const info = userInfo(signal, code, pid, uid);
  new DataView(info.buffer).setBigUint64(24, value, true);
  return info;
}

/** SIGSYS from a filter: the instruction after the call, the call, and its architecture. */
export function sysInfo(signal: number, code: number, address: bigint, call: number, arch: number): Uint8Array {
  const { info, view } = start(signal, code);
  view.setBigUint64(16, address, true);
  view.setInt32(24, call, true);
  view.setUint32(28, arch, true);
  return info;
}

/** SIGIO and what F_SETSIG chose instead: the events and the descriptor. */
export function pollInfo(signal: number, code: number, band: number, fd: number): Uint8Array {
  const { info, view } = start(signal, code);
  view.setBigInt64(16, BigInt(band), true);
  view.setInt32(24, fd, true);
  return info;
}
