// PTRACE_GET_SYSCALL_INFO: where in its call a task has stopped. kernel/ptrace.c: ptrace_get_syscall_info
import {
  PTRACE_EVENT_SECCOMP,
  PTRACE_SYSCALL_INFO_ENTRY,
  PTRACE_SYSCALL_INFO_EXIT,
  PTRACE_SYSCALL_INFO_SECCOMP,
} from "../../abi/constants/processes.js";
import { AUDIT_ARCH_I386, AUDIT_ARCH_X86_64, SIGTRAP } from "../../abi/constants/signals.js";
import { EINVAL, ERANGE, Errno } from "../../abi/errno.js";
import * as pt from "../entry/pt-regs.js";
import type { Task } from "../task/task.js";
import type { Ptraced } from "./ptraced.js";
import type { Request } from "./requests.js";

// struct ptrace_syscall_info: op, arch, instruction and stack pointer, then what op says.
const SIZE = 88;
const ARCH = 4;
const INSTRUCTION_POINTER = 8;
const STACK_POINTER = 16;
const UNION = 24;
const ARGUMENTS = UNION + 8;
const ARGUMENTS_END = ARGUMENTS + 48;
const EXIT_END = UNION + 9;
const SECCOMP_END = ARGUMENTS_END + 4;
const MAX_ERRNO = 4095n;

/** How much there is to know, whatever the room for it. */
export function syscallInfo({ tracer, task, ptraced, address, data }: Request): number {
  const { regs } = task.stack;
  const view = new DataView(new ArrayBuffer(SIZE));
  const op = operationOf(ptraced);
  view.setUint8(0, op);
  view.setUint32(ARCH, task.compat ? AUDIT_ARCH_I386 : AUDIT_ARCH_X86_64, true);
  view.setBigUint64(INSTRUCTION_POINTER, regs.get64(pt.PT_IP), true);
  view.setBigUint64(STACK_POINTER, regs.get64(pt.PT_SP), true);
  const size = fill(view, task, ptraced, op);
  tracer.copyOut(data, new Uint8Array(view.buffer, 0, Math.min(size, address)));
  return size;
}

/** PTRACE_SET_SYSCALL_INFO: another call, or another result. */
export function setSyscallInfo({ tracer, task, ptraced, address, data }: Request): undefined {
  if (address < SIZE) throw new Errno(EINVAL);
  const view = new DataView(tracer.copyIn(data, SIZE).buffer);
  const op = view.getUint8(0);
  if (view.getUint8(1) !== 0 || view.getUint16(2, true) !== 0) throw new Errno(EINVAL);
  if (op !== operationOf(ptraced)) throw new Errno(EINVAL);
  const { regs } = task.stack;
  task.registersWritten = true;
  if (op === PTRACE_SYSCALL_INFO_EXIT) {
    regs.set64(pt.PT_AX, view.getBigUint64(UNION, true));
    return;
  }
  if (op !== PTRACE_SYSCALL_INFO_ENTRY && op !== PTRACE_SYSCALL_INFO_SECCOMP) throw new Errno(EINVAL);
  const number = view.getBigInt64(UNION, true);
  if (BigInt.asUintN(32, number) !== BigInt.asUintN(64, number) && number !== -1n) throw new Errno(ERANGE);
  regs.set64(pt.PT_ORIG_AX, BigInt.asUintN(64, BigInt.asIntN(32, number)));
  if (number === -1n) return;
  (task.compat ? pt.ARGUMENT_WORDS_32 : pt.ARGUMENT_WORDS).forEach((word, index) => {
    regs.set64(word, view.getBigUint64(ARGUMENTS + index * 8, true));
  });
}

/** Only with PTRACE_O_TRACESYSGOOD are the stops of calls known as such. */
function operationOf({ stop, message }: Ptraced): number {
  if (stop?.info === undefined) return 0;
  const code = new DataView(stop.info.buffer).getInt32(8, true);
  if (code === (SIGTRAP | 0x80)) return Number(message);
  return code === (SIGTRAP | (PTRACE_EVENT_SECCOMP << 8)) ? PTRACE_SYSCALL_INFO_SECCOMP : 0;
}

function fill(view: DataView, task: Task, { message }: Ptraced, op: number): number {
  switch (op) {
    case PTRACE_SYSCALL_INFO_ENTRY:
      fillCall(view, task);
      return ARGUMENTS_END;
    case PTRACE_SYSCALL_INFO_SECCOMP:
      fillCall(view, task);
      view.setUint32(ARGUMENTS_END, Number(message), true);
      return SECCOMP_END;
    case PTRACE_SYSCALL_INFO_EXIT: {
      const result = BigInt.asIntN(64, task.stack.regs.get64(pt.PT_AX));
      view.setBigInt64(UNION, result, true);
      view.setUint8(UNION + 8, result < 0n && result >= -MAX_ERRNO ? 1 : 0);
      return EXIT_END;
    }
    default:
      return UNION;
  }
}

function fillCall(view: DataView, task: Task): void {
  const { regs } = task.stack;
  const { compat } = task;
  view.setBigInt64(UNION, BigInt.asIntN(compat ? 32 : 64, regs.get64(pt.PT_ORIG_AX)), true);
  (compat ? pt.ARGUMENT_WORDS_32 : pt.ARGUMENT_WORDS).forEach((word, index) => {
    view.setBigUint64(ARGUMENTS + index * 8, BigInt.asUintN(compat ? 32 : 64, regs.get64(word)), true);
  });
}
