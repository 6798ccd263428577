// The frames of i386's handlers: struct sigframe_ia32, or rt_sigframe_ia32 for SA_SIGINFO; and the calls that take them back.
// arch/x86/kernel/signal_32.c, arch/x86/include/asm/sigframe.h
import { SA_ONSTACK, SA_RESTORER, SA_SIGINFO, SIGSEGV, SS_AUTODISARM } from "../../abi/constants/signals.js";
import { EFAULT, Errno } from "../../abi/errno.js";
import { narrowSiginfo } from "../../abi/siginfo-layout.js";
import { oldSigframe, rtSigframe, sigcontext32, stack as stackStruct, ucontext32 } from "../../abi/signal-frames.js";
import * as cpuState from "../../machine/state-layout.js";
import type { Cpu } from "../entry/cpu.js";
import { TIF_NOTIFY_RESUME } from "../entry/kernel-stack.js";
import * as pt from "../entry/pt-regs.js";
import { SEGMENT_DS, SEGMENT_ES, SEGMENT_FS, SEGMENT_GS, USER_DS, USER32_CS } from "../entry/selectors.js";
import { restoreExtraRegs } from "../entry/tracesys.js";
import { vdsoSymbol32 } from "../exec/vdso-32.js";
import type { Task } from "../task/task.js";
import { loadUserSegment } from "../task/thread-area.js";
import type { PendingSignal } from "./pending.js";
import type { SignalAction } from "./sighand.js";
import { kernelInfo } from "./siginfo.js";
import { FP_STATE_SIZE, floatingPointImage, RESTORABLE_FLAGS, restoreExtended, roundDown } from "./signal-frame.js";
import { SignalSet } from "./signal-set.js";

const ABI = "i386";
/** struct fregs_state: what FSAVE would have stored, before the XSAVE image. */
const FREGS_SIZE = 112;
const FXSAVE_ST = 32;
const FXSAVE_TAG = 4;
const X87_REGISTER = 10;
const UC_FP_XSTATE = 1;
const FRAME_ALIGNMENT = 16;
/** popl %eax; movl $__NR_sigreturn, %eax; int $0x80 */
const SIGRETURN_CODE = Uint8Array.of(0x58, 0xb8, 0x77, 0, 0, 0, 0xcd, 0x80);
/** movl $__NR_rt_sigreturn, %eax; int $0x80 */
const RT_SIGRETURN_CODE = Uint8Array.of(0xb8, 0xad, 0, 0, 0, 0xcd, 0x80, 0);

/** The registers of struct sigcontext_32, by its names. */
const CONTEXT_WORDS = {
  di: pt.PT_DI,
  si: pt.PT_SI,
  bp: pt.PT_BP,
  sp: pt.PT_SP,
  bx: pt.PT_BX,
  dx: pt.PT_DX,
  cx: pt.PT_CX,
  ax: pt.PT_AX,
  ip: pt.PT_IP,
} as const;
const CONTEXT_SEGMENTS = { gs: SEGMENT_GS, fs: SEGMENT_FS, es: SEGMENT_ES, ds: SEGMENT_DS } as const;

export function pushFrame32(cpu: Cpu, task: Task, pending: PendingSignal, action: SignalAction): void {
  const { regs } = task.stack;
  const isRt = (action.flags & SA_SIGINFO) !== 0;
  const type = isRt ? rtSigframe : oldSigframe;
  const { frame, fpState, image } = placeFrame(task, action, type.size(ABI));
  const context = contextBytes(cpu, task, fpState);
  const mask = task.savedMask ?? task.blocked;
  const restorer = restorerOf(task, action, isRt, frame + type.offset("retcode", ABI));
  const bytes = isRt
    ? rtSigframe.encode(
        {
          pretcode: restorer,
          sig: pending.signal,
          pinfo: frame + rtSigframe.offset("info", ABI),
          puc: frame + rtSigframe.offset("uc", ABI),
          info: narrowSiginfo(pending.info, ABI),
          uc: ucontextBytes(task, context, mask),
          retcode: RT_SIGRETURN_CODE,
        },
        ABI,
      )
    : oldSigframe.encode(
        { pretcode: restorer, sig: pending.signal, sc: context, extramask: mask.high, retcode: SIGRETURN_CODE },
        ABI,
      );
  task.copyOut(image, floatingPointImage(cpu));
  task.copyOut(fpState, fregs(cpu));
  task.copyOut(frame, bytes);
  if (task.altStack.flags & SS_AUTODISARM) task.altStack.disable();
  enterHandler(cpu, task, action.handler, frame);
  regs.set(pt.PT_AX, pending.signal, 0);
  regs.setAddress(pt.PT_DX, isRt ? frame + rtSigframe.offset("info", ABI) : 0);
  regs.setAddress(pt.PT_CX, isRt ? frame + rtSigframe.offset("uc", ABI) : 0);
}

interface Places {
  readonly frame: number;
  /** Of the FSAVE image, and of the XSAVE image behind it. */
  readonly fpState: number;
  readonly image: number;
}

/** get_sigframe */
function placeFrame(task: Task, action: SignalAction, size: number): Places {
  const { altStack, stack } = task;
  const now = stack.regs.low(pt.PT_SP) >>> 0;
  let sp = now;
  if (action.flags & SA_ONSTACK && altStack.size > 0 && !altStack.contains(now)) sp = altStack.base + altStack.size;
  const image = roundDown(sp - FP_STATE_SIZE, 64);
  const fpState = image - FREGS_SIZE;
  const frame = roundDown(fpState - size + 4, FRAME_ALIGNMENT) - 4;
  if (altStack.size > 0 && altStack.contains(sp - 1) && frame < altStack.base) throw new Errno(EFAULT);
  return { frame, fpState, image };
}

/** Where a handler returns to: what the program said, the vDSO's, or the code in the frame. */
function restorerOf(task: Task, action: SignalAction, isRt: boolean, inFrame: number): number {
  if (action.flags & SA_RESTORER) return action.restorer;
  if (task.mm.vdso === 0) return inFrame;
  return vdsoSymbol32(task.mm, isRt ? "__kernel_rt_sigreturn" : "__kernel_sigreturn");
}

function contextBytes(cpu: Cpu, task: Task, fpState: number): Uint8Array {
  const { regs } = task.stack;
  const { registers } = cpu.processor;
  const values: Record<string, number | bigint> = {
    trapno: task.trapVector,
    err: task.trapErrorCode,
    cs: regs.low(pt.PT_CS),
    flags: regs.low(pt.PT_FLAGS),
    sp_at_signal: regs.low(pt.PT_SP),
    ss: regs.low(pt.PT_SS),
    fpstate: fpState,
    oldmask: (task.savedMask ?? task.blocked).low,
    cr2: task.faultAddress,
  };
  for (const [name, word] of Object.entries(CONTEXT_WORDS)) values[name] = regs.low(word);
  for (const [name, segment] of Object.entries(CONTEXT_SEGMENTS)) values[name] = registers.selector(segment);
  return sigcontext32.encode(values, ABI);
}

function ucontextBytes(task: Task, context: Uint8Array, mask: SignalSet): Uint8Array {
  const { altStack, stack } = task;
  const values = {
    ss_sp: altStack.base,
    ss_flags: altStack.statusAt(stack.regs.low(pt.PT_SP) >>> 0),
    ss_size: altStack.size,
  };
  return ucontext32.encode(
    {
      uc_flags: UC_FP_XSTATE,
      uc_stack: stackStruct.encode(values, ABI),
      uc_mcontext: context,
      uc_sigmask: new Uint8Array(Int32Array.of(mask.low, mask.high).buffer),
    },
    ABI,
  );
}

function enterHandler(cpu: Cpu, task: Task, handler: number, frame: number): void {
  const { regs } = task.stack;
  regs.setAddress(pt.PT_SP, frame);
  regs.setAddress(pt.PT_IP, handler);
  regs.set(pt.PT_CS, USER32_CS, 0);
  regs.set(pt.PT_SS, USER_DS, 0);
  regs.set(pt.PT_FLAGS, regs.low(pt.PT_FLAGS) & ~(cpuState.DF | cpuState.RF | cpuState.TF), 0);
  loadUserSegment(cpu, SEGMENT_DS, USER_DS);
  loadUserSegment(cpu, SEGMENT_ES, USER_DS);
}

/** convert_from_fxsr, save_fsave_header: struct fregs_state and the status word that says an FXSAVE image follows. */
function fregs(cpu: Cpu): Uint8Array {
  const image = floatingPointImage(cpu);
  const from = new DataView(image.buffer);
  const to = new DataView(new ArrayBuffer(FREGS_SIZE));
  const status = from.getUint16(2, true);
  const tags = fullTags(from);
  [from.getUint16(0, true), status, tags].forEach((word, index) => to.setUint32(index * 4, 0xffff0000 | word, true));
  to.setUint32(12, from.getUint32(8, true), true);
  to.setUint32(16, USER32_CS | (from.getUint16(6, true) << 16), true);
  to.setUint32(20, from.getUint32(16, true), true);
  to.setUint32(24, 0xffff0000 | USER_DS, true);
  const registers = new Uint8Array(to.buffer, 28, 8 * X87_REGISTER);
  for (let i = 0; i < 8; i++) {
    const start = FXSAVE_ST + i * 16;
    registers.set(image.subarray(start, start + X87_REGISTER), i * X87_REGISTER);
  }
  to.setUint16(108, status, true);
  to.setUint16(110, 0, true); // X86_FXSR_MAGIC
  return new Uint8Array(to.buffer);
}

/** FXSAVE's bit for each register as FSAVE's two: 0 valid, 1 zero, 2 special, 3 empty. */
function fullTags(image: DataView): number {
  const present = image.getUint8(FXSAVE_TAG);
  const top = (image.getUint16(2, true) >>> 11) & 7;
  let tags = 0;
  for (let physical = 0; physical < 8; physical++) {
    const start = FXSAVE_ST + ((physical - top) & 7) * 16;
    tags |= (present & (1 << physical) ? tagOf(image, start) : 3) << (physical * 2);
  }
  return tags;
}

function tagOf(image: DataView, start: number): number {
  const exponent = image.getUint16(start + 8, true) & 0x7fff;
  const [low, high] = [image.getUint32(start, true), image.getUint32(start + 4, true)];
  if (exponent === 0x7fff) return 2;
  if (exponent === 0) return low === 0 && high === 0 ? 1 : 2;
  return high >>> 31 === 1 ? 0 : 2;
}

/** sigreturn(2): the frame is where `popl %eax` left the stack pointer. */
export function sigreturn32(cpu: Cpu, task: Task): number | bigint {
  return takeBack(cpu, task, () => {
    const frame = (task.stack.regs.low(pt.PT_SP) >>> 0) - 8;
    const view = new DataView(task.copyIn(frame, oldSigframe.size(ABI)).buffer);
    const context = oldSigframe.inner(view, "sc", ABI);
    const low = sigcontext32.get(context, "oldmask", ABI);
    task.setBlocked(new SignalSet(low, oldSigframe.get(view, "extramask", ABI)));
    restoreContext(cpu, task, context);
  });
}

/** rt_sigreturn(2). */
export function rtSigreturn32(cpu: Cpu, task: Task): number | bigint {
  return takeBack(cpu, task, () => {
    const frame = (task.stack.regs.low(pt.PT_SP) >>> 0) - 4;
    const view = new DataView(task.copyIn(frame, rtSigframe.offset("retcode", ABI)).buffer);
    const uc = rtSigframe.inner(view, "uc", ABI);
    const mask = ucontext32.inner(uc, "uc_sigmask", ABI);
    task.setBlocked(new SignalSet(mask.getInt32(0, true), mask.getInt32(4, true)));
    restoreContext(cpu, task, ucontext32.inner(uc, "uc_mcontext", ABI));
    const stack = ucontext32.inner(uc, "uc_stack", ABI);
    const [base, flags, size] = (["ss_sp", "ss_flags", "ss_size"] as const).map((name) =>
      stackStruct.get(stack, name, ABI),
    );
    task.altStack.restore(base, flags, size);
  });
}

/** What is common to both: a bad frame is SIGSEGV, and nothing is left to restart. */
function takeBack(cpu: Cpu, task: Task, restore: () => void): number | bigint {
  const { regs } = task.stack;
  try {
    restore();
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    task.forceSignal(SIGSEGV, kernelInfo(SIGSEGV));
    return 0;
  }
  restoreExtraRegs(cpu, task);
  task.stack.setFlag(TIF_NOTIFY_RESUME);
  regs.set(pt.PT_ORIG_AX, -1, -1);
  return BigInt(regs.low(pt.PT_AX) >>> 0);
}

/** ia32_restore_sigcontext */
function restoreContext(cpu: Cpu, task: Task, context: DataView): void {
  const { regs } = task.stack;
  const get = (name: keyof typeof sigcontext32.fields): number => sigcontext32.get(context, name, ABI);
  for (const [name, word] of Object.entries(CONTEXT_WORDS)) regs.set(word, get(name as "di") | 0, 0);
  regs.set(pt.PT_CS, get("cs") | 3, 0);
  regs.set(pt.PT_SS, get("ss") | 3, 0);
  const flags = get("flags") & RESTORABLE_FLAGS;
  regs.set(pt.PT_FLAGS, (regs.low(pt.PT_FLAGS) & ~RESTORABLE_FLAGS) | flags, 0);
  for (const [name, segment] of Object.entries(CONTEXT_SEGMENTS)) loadSegment(cpu, segment, get(name as "gs"));
  const fpState = get("fpstate");
  if (fpState !== 0) restoreExtended(cpu, task, fpState + FREGS_SIZE);
}

/** Selectors in data segments count for ring 3. */
function loadSegment(cpu: Cpu, segment: number, selector: number): void {
  const wanted = segment === SEGMENT_DS || segment === SEGMENT_ES ? selector | 3 : selector;
  if (cpu.processor.registers.selector(segment) !== wanted) loadUserSegment(cpu, segment, wanted);
}
