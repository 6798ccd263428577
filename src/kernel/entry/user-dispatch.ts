// PR_SET_SYSCALL_USER_DISPATCH: calls made outside of a range become signals while a byte of the program's says so.
// kernel/entry/syscall_user_dispatch.c
import { AUDIT_ARCH_I386, AUDIT_ARCH_X86_64, SIGSEGV, SIGSYS, SYS_USER_DISPATCH } from "../../abi/constants/signals.js";
import { EFAULT, EINVAL, Errno } from "../../abi/errno.js";
import { TASK_SIZE } from "../mm/mm.js";
import { sysInfo } from "../signal/siginfo.js";
import type { Task } from "../task/task.js";
import { TIF_SYSCALL_USER_DISPATCH } from "./kernel-stack.js";
import * as pt from "./pt-regs.js";

const [OFF, EXCLUSIVE_ON, INCLUSIVE_ON] = [0, 1, 2];
const [ALLOW, BLOCK] = [0, 1];
const ADDRESS_SPACE = 2 ** 64;

export interface UserDispatch {
  /** Calls from here on are let through, so many bytes of code; addresses wrap. */
  readonly start: number;
  readonly length: number;
  /** Address of the byte that says whether others are; 0: they are not. */
  readonly selector: number;
}

export function setUserDispatch(task: Task, mode: number, offset: number, length: number, selector: number): void {
  const end = (offset + length) % ADDRESS_SPACE;
  const isRange = end > offset;
  if (mode === OFF ? offset || length || selector : mode === EXCLUSIVE_ON ? offset && !isRange : !isRange)
    throw new Errno(EINVAL);
  if (mode < OFF || mode > INCLUSIVE_ON) throw new Errno(EINVAL);
  if (mode !== OFF && selector >= TASK_SIZE) throw new Errno(EFAULT);
  if (mode === OFF) {
    task.userDispatch = undefined;
    task.stack.clearFlag(TIF_SYSCALL_USER_DISPATCH);
    return;
  }
  // Calls from within a range are the others than those from around it.
  task.userDispatch =
    mode === INCLUSIVE_ON
      ? { start: end, length: ADDRESS_SPACE - length, selector }
      : { start: offset, length, selector };
  task.stack.setFlag(TIF_SYSCALL_USER_DISPATCH);
}

/** True when the call is not made: its signal, or the end of the process, is on its way. */
export function becomesSignal(task: Task): boolean {
  const { userDispatch } = task;
  if (userDispatch === undefined) return false;
  const { start, length, selector } = userDispatch;
  const { regs } = task.stack;
  const at = regs.address(pt.PT_IP);
  if ((at - start + ADDRESS_SPACE) % ADDRESS_SPACE < length) return false;
  if (selector !== 0) {
    let state: number;
    try {
      [state] = task.copyIn(selector, 1);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      task.forceFatalSignal(SIGSEGV);
      return true;
    }
    if (state === ALLOW) return false;
    if (state !== BLOCK) {
      task.forceFatalSignal(SIGSYS);
      return true;
    }
  }
  regs.set(pt.PT_AX, regs.low(pt.PT_ORIG_AX), regs.high(pt.PT_ORIG_AX));
  const arch = task.compat ? AUDIT_ARCH_I386 : AUDIT_ARCH_X86_64;
  task.forceSignal(SIGSYS, sysInfo(SIGSYS, SYS_USER_DISPATCH, BigInt(at), regs.low(pt.PT_ORIG_AX), arch));
  return true;
}
