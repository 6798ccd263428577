// The registers of a stopped task, as struct user_regs_struct has them, and its floating-point state. arch/x86/kernel/ptrace.c, fpu/regset.c
import { EIO, Errno } from "../../abi/errno.js";
import { EXTENDED_STATE_SIZE } from "../../machine/processor.js";
import {
  AC,
  ARITHMETIC_FLAGS,
  DF,
  NT,
  OFFSET_FS_BASE,
  OFFSET_SELECTORS,
  RF,
  STATE,
  STATE_SIZE,
  TF,
} from "../../machine/state-layout.js";
import * as pt from "../entry/pt-regs.js";
import { SEGMENT_DS, SEGMENT_ES, SEGMENT_FS, SEGMENT_GS } from "../entry/selectors.js";
import { TASK_SIZE } from "../mm/mm.js";
import type { Task } from "../task/task.js";

/** Words of struct user_regs_struct: pt_regs, and what is not in it. */
export const USER_WORDS = 27;
export const FS_BASE = 21;
export const GS_BASE = 22;
/** DS, ES, FS and GS, from word 23 on. */
const FIRST_SELECTOR = 23;
const SELECTORS = [SEGMENT_DS, SEGMENT_ES, SEGMENT_FS, SEGMENT_GS];
const WRITABLE_FLAGS = ARITHMETIC_FLAGS | TF | DF | RF | AC | NT;
const RPL = 3;

/** The register file it has while it does not run. */
function stateOf(task: Task): DataView {
  const { savedState, mm } = task;
  if (savedState) return new DataView(savedState.buffer, savedState.byteOffset, STATE_SIZE);
  return new DataView(mm.memory.u8.buffer, STATE, STATE_SIZE);
}

/** getreg */
export function getRegister(task: Task, word: number): bigint {
  const { regs } = task.stack;
  if (word === pt.PT_FLAGS && task.ptraced?.forcedTf) return regs.get64(word) & ~BigInt(TF);
  if (word < pt.PT_WORDS) return regs.get64(word);
  if (word === FS_BASE) return stateOf(task).getBigUint64(OFFSET_FS_BASE, true);
  if (word === GS_BASE) {
    const { low, high } = task.savedGs ?? { low: 0, high: 0 };
    return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  }
  return BigInt(stateOf(task).getUint32(OFFSET_SELECTORS + SELECTORS[word - FIRST_SELECTOR] * 4, true));
}

/** putreg: EIO for what no program could have in the register. */
export function setRegister(task: Task, word: number, value: bigint): void {
  task.registersWritten = true;
  task.flagsInProcessor = -1;
  if (word === FS_BASE || word === GS_BASE) {
    if (value >= BigInt(TASK_SIZE)) throw new Errno(EIO);
    if (word === FS_BASE) stateOf(task).setBigUint64(OFFSET_FS_BASE, value, true);
    else task.savedGs = { low: Number(BigInt.asIntN(32, value)), high: Number(BigInt.asIntN(32, value >> 32n)) };
  } else if (word >= FIRST_SELECTOR || word === pt.PT_CS || word === pt.PT_SS) setSelector(task, word, value);
  else if (word === pt.PT_FLAGS) setFlags(task, Number(BigInt.asIntN(32, value)));
  else task.stack.regs.set64(word, value);
}

function setSelector(task: Task, word: number, value: bigint): void {
  const selector = Number(value & 0xffffn);
  const isCode = word < FIRST_SELECTOR;
  if (selector === 0 ? isCode : (selector & RPL) !== RPL) throw new Errno(EIO);
  if (isCode) task.stack.regs.set(word, selector, 0);
  else stateOf(task).setUint32(OFFSET_SELECTORS + SELECTORS[word - FIRST_SELECTOR] * 4, selector, true);
}

function setFlags(task: Task, value: number): void {
  const { regs } = task.stack;
  const { ptraced } = task;
  let flags = value;
  if (ptraced) {
    if (value & TF) ptraced.forcedTf = false;
    else if (ptraced.forcedTf) flags |= TF;
  }
  regs.set(pt.PT_FLAGS, (regs.low(pt.PT_FLAGS) & ~WRITABLE_FLAGS) | (flags & WRITABLE_FLAGS), 0);
}

export function getRegisters(task: Task): Uint8Array {
  const words = new BigUint64Array(USER_WORDS);
  for (let word = 0; word < USER_WORDS; word++) words[word] = getRegister(task, word);
  return new Uint8Array(words.buffer);
}

/** As many as there are whole words. */
export function setRegisters(task: Task, bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let word = 0; word < bytes.length >>> 3; word++) setRegister(task, word, view.getBigUint64(word * 8, true));
}

/** i386's words of struct user_regs_struct32, by where they are in user_regs_struct: ebx ecx edx esi edi ebp eax ds es fs gs orig_eax eip cs eflags esp ss. */
const WORDS_32 = [
  pt.PT_BX,
  pt.PT_CX,
  pt.PT_DX,
  pt.PT_SI,
  pt.PT_DI,
  pt.PT_BP,
  pt.PT_AX,
  23,
  24,
  25,
  26,
  pt.PT_ORIG_AX,
  pt.PT_IP,
  pt.PT_CS,
  pt.PT_FLAGS,
  pt.PT_SP,
  pt.PT_SS,
];

export function getRegisters32(task: Task): Uint8Array {
  const words = Uint32Array.from(WORDS_32, (word) => Number(BigInt.asUintN(32, getRegister(task, word))));
  return new Uint8Array(words.buffer);
}

/** A number of a call is sign-extended, so that -1 is no call. */
export function setRegisters32(task: Task, bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let index = 0; index < bytes.length >>> 2; index++) {
    const word = WORDS_32[index];
    const value = word === pt.PT_ORIG_AX ? view.getInt32(index * 4, true) : view.getUint32(index * 4, true);
    setRegister(task, word, BigInt.asUintN(64, BigInt(value)));
  }
}

/** FXSAVE's image. */
export const LEGACY_STATE_SIZE = 512;
export const XSTATE_SIZE = EXTENDED_STATE_SIZE;
/** struct _fpx_sw_bytes in the image of a regset begins with the features the kernel knows. */
const SOFTWARE_BYTES = 464;
const XFEATURES = 7n; // x87, SSE, AVX
const XSTATE_BV = 512;
const MXCSR = 24;

/** What `use` does to the processor's registers while they are the task's, and the processor's the caller's again after it. */
function withExtendedState(task: Task, use: () => void): void {
  const { processor } = task.kernel.cpu;
  const { memory } = processor;
  const { savedState, mm } = task;
  const own = savedState && mm.memory.u8.slice(STATE, STATE + STATE_SIZE);
  if (savedState) mm.memory.u8.set(savedState, STATE);
  processor.memory = mm.memory;
  try {
    use();
  } finally {
    if (own) {
      savedState?.set(mm.memory.u8.subarray(STATE, STATE + STATE_SIZE));
      mm.memory.u8.set(own, STATE);
    }
    processor.memory = memory;
  }
}

export function getExtendedState(task: Task): Uint8Array {
  const image = new Uint8Array(EXTENDED_STATE_SIZE);
  withExtendedState(task, () => task.kernel.cpu.processor.saveExtended(image));
  new DataView(image.buffer).setBigUint64(SOFTWARE_BYTES, XFEATURES, true);
  return image;
}

/** All of the image, or FXSAVE's part of it. */
export function setExtendedState(task: Task, bytes: Uint8Array): void {
  const image = getExtendedState(task);
  image.set(bytes);
  const view = new DataView(image.buffer);
  if (bytes.length <= LEGACY_STATE_SIZE) view.setBigUint64(XSTATE_BV, view.getBigUint64(XSTATE_BV, true) | 3n, true);
  if (view.getUint32(MXCSR, true) & ~0xffff) view.setUint32(MXCSR, view.getUint32(MXCSR, true) & 0xffff, true);
  withExtendedState(task, () => task.kernel.cpu.processor.restoreExtended(image));
}
