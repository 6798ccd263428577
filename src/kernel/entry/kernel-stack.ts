// A task's kernel stack: 16 KiB with thread_info at the bottom and pt_regs at the top. arch/x86/include/asm/thread_info.h
import { PtRegs, SIZEOF_PTREGS } from "./pt-regs.js";

export const THREAD_SIZE = 16384;
/** Offset of thread_info.flags from the bottom of the stack. */
export const TI_FLAGS = 8;

export const TIF_SYSCALL_TRACE = 1 << 0;
export const TIF_NOTIFY_RESUME = 1 << 1;
export const TIF_SIGPENDING = 1 << 2;
export const TIF_NEED_RESCHED = 1 << 3;
export const TIF_SINGLESTEP = 1 << 4;
export const TIF_SYSCALL_EMU = 1 << 6;
export const TIF_SYSCALL_AUDIT = 1 << 7;
export const TIF_SECCOMP = 1 << 8;
export const TIF_USER_RETURN_NOTIFY = 1 << 11;
export const TIF_UPROBE = 1 << 12;
export const TIF_NOHZ = 1 << 19;
/** Linux has it among its syscall_work flags. */
export const TIF_SYSCALL_USER_DISPATCH = 1 << 20;
export const TIF_SYSCALL_TRACEPOINT = 1 << 28;

/** Any of these on the way in leads to tracesys. */
export const TIF_WORK_SYSCALL_ENTRY =
  TIF_SYSCALL_TRACE |
  TIF_SYSCALL_EMU |
  TIF_SYSCALL_AUDIT |
  TIF_SECCOMP |
  TIF_SYSCALL_USER_DISPATCH |
  TIF_SINGLESTEP |
  TIF_SYSCALL_TRACEPOINT |
  TIF_NOHZ;
/** Any of these on the way out leads to syscall_return_slowpath. */
export const TIF_WORK_SYSCALL_EXIT =
  TIF_SYSCALL_TRACE | TIF_SYSCALL_AUDIT | TIF_SINGLESTEP | TIF_SYSCALL_TRACEPOINT | TIF_NOHZ;
/** Work of the exit loop. */
export const TIF_EXIT_TO_USERMODE_LOOP =
  TIF_SIGPENDING | TIF_NOTIFY_RESUME | TIF_NEED_RESCHED | TIF_UPROBE | TIF_USER_RETURN_NOTIFY;
export const TIF_ALLWORK_MASK = (0x0000ffff & ~TIF_SECCOMP) | TIF_SYSCALL_TRACEPOINT | TIF_NOHZ;

/** Where the first stack lies in the kernel's direct map; the next ones follow. */
const STACKS_HIGH = 0xffff8800 | 0;
const STACKS_LOW = 0x10000000;

let nextStack = 0;

export class KernelStack {
  readonly #i32: Int32Array;
  readonly regs: PtRegs;
  /** Address of the byte above the stack. */
  readonly topLow: number;
  readonly topHigh = STACKS_HIGH;

  constructor() {
    const memory = new ArrayBuffer(THREAD_SIZE);
    this.#i32 = new Int32Array(memory);
    this.regs = new PtRegs(memory, THREAD_SIZE - SIZEOF_PTREGS);
    this.topLow = (STACKS_LOW + ++nextStack * THREAD_SIZE) | 0;
  }

  get flags(): number {
    return this.#i32[TI_FLAGS >>> 2];
  }

  set flags(value: number) {
    this.#i32[TI_FLAGS >>> 2] = value;
  }

  setFlag(flag: number): void {
    this.#i32[TI_FLAGS >>> 2] |= flag;
  }

  clearFlag(flag: number): void {
    this.#i32[TI_FLAGS >>> 2] &= ~flag;
  }
}
