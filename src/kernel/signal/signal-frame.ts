// struct rt_sigframe on the user's stack: what a handler finds and what rt_sigreturn takes back.
// arch/x86/kernel/signal.c: __setup_rt_frame, arch/x86/include/asm/sigframe.h

import { SA_NODEFER, SA_ONSTACK, SA_RESTORER, SIGSEGV, SS_AUTODISARM } from "../../abi/constants/signals.js";
import { EFAULT, Errno } from "../../abi/errno.js";
import { isI386 } from "../../abi/struct.js";
import { EXTENDED_STATE_SIZE } from "../../machine/processor.js";
import * as cpuState from "../../machine/state-layout.js";
import type { Cpu } from "../entry/cpu.js";
import { TIF_NOTIFY_RESUME } from "../entry/kernel-stack.js";
import * as pt from "../entry/pt-regs.js";
import { USER_CS, USER_DS } from "../entry/selectors.js";
import { restoreExtraRegs } from "../entry/tracesys.js";
import type { Task } from "../task/task.js";
import type { PendingSignal } from "./pending.js";
import type { SignalAction } from "./sighand.js";
import { kernelInfo, SIGINFO_SIZE } from "./siginfo.js";
import { pushFrame32 } from "./signal-frame-32.js";
import { SignalSet } from "./signal-set.js";

const REDZONE = 128;
const UC = 8; // pretcode is before it
const UC_STACK = UC + 16;
const UC_CONTEXT = UC + 40;
const UC_MASK = UC + 296;
const INFO = UC + 304;
const FRAME_SIZE = INFO + SIGINFO_SIZE;

/** struct sigcontext: the registers in its order, one word each. */
const CONTEXT_ORDER = [
  pt.PT_R8,
  pt.PT_R9,
  pt.PT_R10,
  pt.PT_R11,
  pt.PT_R12,
  pt.PT_R13,
  pt.PT_R14,
  pt.PT_R15,
  pt.PT_DI,
  pt.PT_SI,
  pt.PT_BP,
  pt.PT_BX,
  pt.PT_DX,
  pt.PT_AX,
  pt.PT_CX,
  pt.PT_SP,
  pt.PT_IP,
] as const;
const CONTEXT_FLAGS = 136;
const CONTEXT_SELECTORS = 144; // cs gs fs ss
const CONTEXT_ERR = 152;
const CONTEXT_TRAPNO = 160;
const CONTEXT_OLDMASK = 168;
const CONTEXT_CR2 = 176;
const CONTEXT_FPSTATE = 184;

const UC_FP_XSTATE = 1;
const UC_SIGCONTEXT_SS = 2;
const UC_STRICT_RESTORE_SS = 4;

const FP_XSTATE_MAGIC1 = 0x46505853;
const FP_XSTATE_MAGIC2 = 0x46505845;
export const FP_STATE_SIZE = EXTENDED_STATE_SIZE + 4;
const SW_RESERVED = 464;
const XSTATE_HEADER = 512;
const XFEATURES = 7; // x87, SSE, AVX

/** Flags a program may set by rt_sigreturn. FIX_EFLAGS */
export const RESTORABLE_FLAGS =
  cpuState.AC |
  cpuState.OF |
  cpuState.DF |
  cpuState.TF |
  cpuState.SF |
  cpuState.ZF |
  cpuState.AF |
  cpuState.PF |
  cpuState.CF |
  cpuState.RF;

/** Lets the program enter its handler. A stack that cannot take the frame makes SIGSEGV. */
export function setupFrame(cpu: Cpu, task: Task, pending: PendingSignal, action: SignalAction): void {
  try {
    if (isI386(action.abi)) pushFrame32(cpu, task, pending, action);
    else pushFrame(cpu, task, pending, action);
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    if (pending.signal === SIGSEGV) task.forceFatalSignal(SIGSEGV);
    else task.forceSignal(SIGSEGV, kernelInfo(SIGSEGV));
    return;
  }
  const blocked = task.blocked.or(action.mask);
  if (!(action.flags & SA_NODEFER)) blocked.add(pending.signal);
  task.savedMask = undefined;
  task.setBlocked(blocked);
}

function pushFrame(cpu: Cpu, task: Task, { signal, info }: PendingSignal, action: SignalAction): void {
  if (!(action.flags & SA_RESTORER)) throw new Errno(EFAULT);
  const { regs } = task.stack;
  const { altStack } = task;
  let sp = regs.address(pt.PT_SP) - REDZONE;
  if (action.flags & SA_ONSTACK && altStack.size > 0 && !altStack.contains(regs.address(pt.PT_SP))) {
    sp = altStack.base + altStack.size;
  }
  const fpState = roundDown(sp - FP_STATE_SIZE, 64);
  const frame = roundDown(fpState - FRAME_SIZE, 16) - 8;
  if (altStack.size > 0 && altStack.contains(sp - 1) && frame < altStack.base) throw new Errno(EFAULT);

  const bytes = new Uint8Array(FRAME_SIZE);
  const view = new DataView(bytes.buffer);
  setNumber(view, 0, action.restorer);
  view.setUint32(UC, UC_FP_XSTATE | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS, true);
  setNumber(view, UC_STACK, altStack.base);
  view.setUint32(UC_STACK + 8, altStack.statusAt(regs.address(pt.PT_SP)), true);
  setNumber(view, UC_STACK + 16, altStack.size);
  writeContext(view, task, fpState);
  view.setInt32(UC_MASK, (task.savedMask ?? task.blocked).low, true);
  view.setInt32(UC_MASK + 4, (task.savedMask ?? task.blocked).high, true);
  bytes.set(info, INFO);
  task.copyOut(fpState, floatingPointImage(cpu));
  task.copyOut(frame, bytes);
  if (altStack.flags & SS_AUTODISARM) altStack.disable();

  regs.set(pt.PT_DI, signal, 0);
  regs.setAddress(pt.PT_SI, frame + INFO);
  regs.setAddress(pt.PT_DX, frame + UC);
  regs.set(pt.PT_AX, 0, 0);
  regs.setAddress(pt.PT_IP, action.handler);
  regs.setAddress(pt.PT_SP, frame);
  regs.set(pt.PT_CS, USER_CS, 0);
  regs.set(pt.PT_SS, USER_DS, 0);
  regs.set(pt.PT_FLAGS, regs.low(pt.PT_FLAGS) & ~(cpuState.DF | cpuState.RF | cpuState.TF), 0);
}

function writeContext(view: DataView, task: Task, fpState: number): void {
  const { regs } = task.stack;
  CONTEXT_ORDER.forEach((word, index) => {
    view.setInt32(UC_CONTEXT + index * 8, regs.low(word), true);
    view.setInt32(UC_CONTEXT + index * 8 + 4, regs.high(word), true);
  });
  view.setUint32(UC_CONTEXT + CONTEXT_FLAGS, regs.low(pt.PT_FLAGS), true);
  view.setUint16(UC_CONTEXT + CONTEXT_SELECTORS, regs.low(pt.PT_CS), true);
  view.setUint16(UC_CONTEXT + CONTEXT_SELECTORS + 6, regs.low(pt.PT_SS), true);
  setNumber(view, UC_CONTEXT + CONTEXT_ERR, task.trapErrorCode);
  setNumber(view, UC_CONTEXT + CONTEXT_TRAPNO, task.trapVector);
  view.setInt32(UC_CONTEXT + CONTEXT_OLDMASK, (task.savedMask ?? task.blocked).low, true);
  view.setInt32(UC_CONTEXT + CONTEXT_OLDMASK + 4, (task.savedMask ?? task.blocked).high, true);
  view.setBigUint64(UC_CONTEXT + CONTEXT_CR2, task.faultAddress, true);
  setNumber(view, UC_CONTEXT + CONTEXT_FPSTATE, fpState);
}

/** The XSAVE image with the words that tell programs how long it is. */
export function floatingPointImage(cpu: Cpu): Uint8Array {
  const image = new Uint8Array(FP_STATE_SIZE);
  cpu.processor.saveExtended(image.subarray(0, EXTENDED_STATE_SIZE));
  const view = new DataView(image.buffer);
  view.setUint32(SW_RESERVED, FP_XSTATE_MAGIC1, true);
  view.setUint32(SW_RESERVED + 4, FP_STATE_SIZE, true);
  view.setUint32(SW_RESERVED + 8, XFEATURES, true);
  view.setUint32(SW_RESERVED + 16, EXTENDED_STATE_SIZE, true);
  // x87 and SSE count as in use, so that a handler may edit them. arch/x86/kernel/fpu/signal.c: save_xstate_epilog
  view.setUint32(XSTATE_HEADER, view.getUint32(XSTATE_HEADER, true) | 3, true);
  view.setUint32(EXTENDED_STATE_SIZE, FP_XSTATE_MAGIC2, true);
  return image;
}

/** rt_sigreturn(2): every register comes from the frame; a bad frame is SIGSEGV. Returns what ax becomes. */
export function sigreturn(cpu: Cpu, task: Task): number | bigint {
  const { regs } = task.stack;
  try {
    const frame = regs.address(pt.PT_SP) - 8;
    const bytes = task.copyIn(frame, INFO);
    const view = new DataView(bytes.buffer);
    const mask = new SignalSet(view.getInt32(UC_MASK, true), view.getInt32(UC_MASK + 4, true));
    restoreExtended(cpu, task, Number(view.getBigUint64(UC_CONTEXT + CONTEXT_FPSTATE, true)));
    task.setBlocked(mask);
    restoreContext(view, task);
    task.altStack.restore(
      Number(view.getBigUint64(UC_STACK, true)),
      view.getUint32(UC_STACK + 8, true),
      Number(view.getBigUint64(UC_STACK + 16, true)),
    );
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    task.forceSignal(SIGSEGV, kernelInfo(SIGSEGV));
    return 0;
  }
  restoreExtraRegs(cpu, task);
  task.stack.setFlag(TIF_NOTIFY_RESUME); // force_iret: rcx and r11 are the program's own now
  regs.set(pt.PT_ORIG_AX, -1, -1); // nothing to restart
  return regs.get64(pt.PT_AX);
}

function restoreContext(view: DataView, task: Task): void {
  const { regs } = task.stack;
  CONTEXT_ORDER.forEach((word, index) => {
    regs.set(word, view.getInt32(UC_CONTEXT + index * 8, true), view.getInt32(UC_CONTEXT + index * 8 + 4, true));
  });
  const flags = view.getUint32(UC_CONTEXT + CONTEXT_FLAGS, true) & RESTORABLE_FLAGS;
  regs.set(pt.PT_FLAGS, (regs.low(pt.PT_FLAGS) & ~RESTORABLE_FLAGS) | flags, 0);
  regs.set(pt.PT_CS, view.getUint16(UC_CONTEXT + CONTEXT_SELECTORS, true) | 3, 0);
  regs.set(pt.PT_SS, view.getUint16(UC_CONTEXT + CONTEXT_SELECTORS + 6, true) | 3, 0);
}

export function restoreExtended(cpu: Cpu, task: Task, address: number): void {
  if (address === 0) return;
  const image = task.copyIn(address, EXTENDED_STATE_SIZE);
  const view = new DataView(image.buffer);
  if (view.getUint32(SW_RESERVED, true) !== FP_XSTATE_MAGIC1) view.setUint32(XSTATE_HEADER, 3, true); // FXSAVE image only
  cpu.processor.restoreExtended(image);
}

export function roundDown(value: number, to: number): number {
  return value - (value % to);
}

function setNumber(view: DataView, offset: number, value: number): void {
  view.setBigUint64(offset, BigInt(value), true);
}
