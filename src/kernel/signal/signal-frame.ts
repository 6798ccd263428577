// struct rt_sigframe on the user's stack: what a handler finds and what rt_sigreturn takes back.
// arch/x86/kernel/signal.c: __setup_rt_frame, arch/x86/include/asm/sigframe.h

import { SA_NODEFER, SA_ONSTACK, SA_RESTORER, SIGSEGV, SS_AUTODISARM } from "../../abi/constants/signals.js";
import { EFAULT, Errno } from "../../abi/errno.js";
import { narrowSiginfo, SIGINFO_SIZE } from "../../abi/siginfo-layout.js";
import { stack as stackStruct } from "../../abi/signals.js";
import { type Abi, isI386, pointerBytes } from "../../abi/struct.js";
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
import { kernelInfo } from "./siginfo.js";
import { pushFrame32 } from "./signal-frame-32.js";
import { SignalSet } from "./signal-set.js";

const REDZONE = 128;
const UC = 8; // pretcode is before it

/** Where struct rt_sigframe has what. Its registers are the same in both: struct sigcontext. */
interface FrameLayout {
  readonly abi: Abi;
  readonly context: number;
  readonly mask: number;
  readonly info: number;
}

const WIDE: FrameLayout = { abi: "x86_64", context: UC + 40, mask: UC + 296, info: UC + 304 };
/** struct rt_sigframe_x32: uc_link and stack_t are of 32 bits. */
const X32: FrameLayout = { abi: "x32", context: UC + 24, mask: UC + 280, info: UC + 288 };

/** The stack_t is behind uc_flags and uc_link. */
const stackOffset = ({ abi }: FrameLayout): number => UC + 2 * pointerBytes(abi);

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
    else pushFrame(cpu, task, pending, action, action.abi === "x32" ? X32 : WIDE);
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

function pushFrame(
  cpu: Cpu,
  task: Task,
  { signal, info }: PendingSignal,
  action: SignalAction,
  layout: FrameLayout,
): void {
  if (!(action.flags & SA_RESTORER)) throw new Errno(EFAULT);
  const { regs } = task.stack;
  const { altStack } = task;
  let sp = regs.address(pt.PT_SP) - REDZONE;
  if (action.flags & SA_ONSTACK && altStack.size > 0 && !altStack.contains(regs.address(pt.PT_SP))) {
    sp = altStack.base + altStack.size;
  }
  const fpState = roundDown(sp - FP_STATE_SIZE, 64);
  const size = layout.info + SIGINFO_SIZE;
  const frame = roundDown(fpState - size, 16) - 8;
  if (altStack.size > 0 && altStack.contains(sp - 1) && frame < altStack.base) throw new Errno(EFAULT);

  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  setNumber(view, 0, action.restorer);
  view.setUint32(UC, UC_FP_XSTATE | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS, true);
  const { base: ss_sp, size: ss_size } = altStack;
  const ss_flags = altStack.statusAt(regs.address(pt.PT_SP));
  bytes.set(stackStruct.encode({ ss_sp, ss_flags, ss_size }, layout.abi), stackOffset(layout));
  writeContext(view, layout.context, task, fpState);
  view.setInt32(layout.mask, (task.savedMask ?? task.blocked).low, true);
  view.setInt32(layout.mask + 4, (task.savedMask ?? task.blocked).high, true);
  bytes.set(narrowSiginfo(info, layout.abi), layout.info);
  task.copyOut(fpState, floatingPointImage(cpu));
  task.copyOut(frame, bytes);
  if (altStack.flags & SS_AUTODISARM) altStack.disable();

  regs.set(pt.PT_DI, signal, 0);
  regs.setAddress(pt.PT_SI, frame + layout.info);
  regs.setAddress(pt.PT_DX, frame + UC);
  if (layout === WIDE) regs.set(pt.PT_AX, 0, 0);
  regs.setAddress(pt.PT_IP, action.handler);
  regs.setAddress(pt.PT_SP, frame);
  regs.set(pt.PT_CS, USER_CS, 0);
  regs.set(pt.PT_SS, USER_DS, 0);
  regs.set(pt.PT_FLAGS, regs.low(pt.PT_FLAGS) & ~(cpuState.DF | cpuState.RF | cpuState.TF), 0);
}

function writeContext(view: DataView, at: number, task: Task, fpState: number): void {
  const { regs } = task.stack;
  CONTEXT_ORDER.forEach((word, index) => {
    view.setInt32(at + index * 8, regs.low(word), true);
    view.setInt32(at + index * 8 + 4, regs.high(word), true);
  });
  view.setUint32(at + CONTEXT_FLAGS, regs.low(pt.PT_FLAGS), true);
  view.setUint16(at + CONTEXT_SELECTORS, regs.low(pt.PT_CS), true);
  view.setUint16(at + CONTEXT_SELECTORS + 6, regs.low(pt.PT_SS), true);
  setNumber(view, at + CONTEXT_ERR, task.trapErrorCode);
  setNumber(view, at + CONTEXT_TRAPNO, task.trapVector);
  view.setInt32(at + CONTEXT_OLDMASK, (task.savedMask ?? task.blocked).low, true);
  view.setInt32(at + CONTEXT_OLDMASK + 4, (task.savedMask ?? task.blocked).high, true);
  view.setBigUint64(at + CONTEXT_CR2, task.faultAddress, true);
  setNumber(view, at + CONTEXT_FPSTATE, fpState);
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
  const layout = task.abi === "x32" ? X32 : WIDE;
  const { regs } = task.stack;
  try {
    const frame = regs.address(pt.PT_SP) - 8;
    const bytes = task.copyIn(frame, layout.info);
    const view = new DataView(bytes.buffer);
    const mask = new SignalSet(view.getInt32(layout.mask, true), view.getInt32(layout.mask + 4, true));
    restoreExtended(cpu, task, Number(view.getBigUint64(layout.context + CONTEXT_FPSTATE, true)));
    task.setBlocked(mask);
    restoreContext(view, layout.context, task);
    restoreAltStack(bytes, layout, task);
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

function restoreAltStack(frame: Uint8Array, layout: FrameLayout, task: Task): void {
  const at = stackOffset(layout);
  const view = new DataView(frame.buffer, frame.byteOffset + at, stackStruct.size(layout.abi));
  const get = (name: "ss_sp" | "ss_flags" | "ss_size"): number => Number(stackStruct.get(view, name, layout.abi));
  task.altStack.restore(get("ss_sp"), get("ss_flags"), get("ss_size"));
}

function restoreContext(view: DataView, at: number, task: Task): void {
  const { regs } = task.stack;
  CONTEXT_ORDER.forEach((word, index) => {
    regs.set(word, view.getInt32(at + index * 8, true), view.getInt32(at + index * 8 + 4, true));
  });
  const flags = view.getUint32(at + CONTEXT_FLAGS, true) & RESTORABLE_FLAGS;
  regs.set(pt.PT_FLAGS, (regs.low(pt.PT_FLAGS) & ~RESTORABLE_FLAGS) | flags, 0);
  regs.set(pt.PT_CS, view.getUint16(at + CONTEXT_SELECTORS, true) | 3, 0);
  regs.set(pt.PT_SS, view.getUint16(at + CONTEXT_SELECTORS + 6, true) | 3, 0);
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
