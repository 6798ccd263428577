// State of the entry path in names and values, for its observer. Only called when there is one.
import { errnoName } from "../../abi/errno.js";
import {
  AC,
  AF,
  CF,
  DF,
  ID,
  IF,
  IOPL,
  NT,
  OF,
  PF,
  R11,
  RAX,
  RCX,
  RF,
  RSP,
  SF,
  TF,
  ZF,
} from "../../machine/state-layout.js";
import type { Task } from "../task/task.js";
import type { Cpu, PathValues } from "./cpu.js";
import * as flag from "./kernel-stack.js";
import * as pt from "./pt-regs.js";
import { SEGMENT_CS, SEGMENT_SS } from "./selectors.js";

const FLAG_NAMES = Object.entries(flag).flatMap(([name, bit]): [string, number][] =>
  name.startsWith("TIF_") && typeof bit === "number" && (bit & (bit - 1)) === 0 ? [[name.slice(4), bit]] : [],
);

/** thread_info.flags as "SYSCALL_TRACE|SIGPENDING"; "0" for none. */
export function flagNames(flags: number): string {
  return (
    FLAG_NAMES.filter(([, bit]) => flags & bit)
      .map(([name]) => name)
      .join("|") || "0"
  );
}

export function gsBases(cpu: Cpu): PathValues {
  return { "gs base": cpu.gsBase, KERNEL_GS_BASE: cpu.msr.kernelGsBase.value };
}

export function ripOf(cpu: Cpu): bigint {
  const { ripLow, ripHigh } = cpu.processor.registers;
  return (BigInt(ripHigh >>> 0) << 32n) | BigInt(ripLow >>> 0);
}

/** From the highest address down, as they are pushed. */
const WORDS: readonly (readonly [string, number])[] = [
  ["ss", pt.PT_SS],
  ["sp", pt.PT_SP],
  ["flags", pt.PT_FLAGS],
  ["cs", pt.PT_CS],
  ["ip", pt.PT_IP],
  ["orig_ax", pt.PT_ORIG_AX],
  ["di", pt.PT_DI],
  ["si", pt.PT_SI],
  ["dx", pt.PT_DX],
  ["cx", pt.PT_CX],
  ["ax", pt.PT_AX],
  ["r8", pt.PT_R8],
  ["r9", pt.PT_R9],
  ["r10", pt.PT_R10],
  ["r11", pt.PT_R11],
];

export function pushedBySyscall(regs: pt.PtRegs): PathValues {
  return Object.fromEntries(WORDS.map(([name, word]) => [name, regs.get64(word)]));
}

const ARGUMENTS: readonly (readonly [string, number])[] = [
  ["rax", pt.PT_ORIG_AX],
  ["rdi", pt.PT_DI],
  ["rsi", pt.PT_SI],
  ["rdx", pt.PT_DX],
  ["r10", pt.PT_R10],
  ["r8", pt.PT_R8],
  ["r9", pt.PT_R9],
];

const EXTRA: readonly (readonly [string, number])[] = [
  ["bx", pt.PT_BX],
  ["bp", pt.PT_BP],
  ["r12", pt.PT_R12],
  ["r13", pt.PT_R13],
  ["r14", pt.PT_R14],
  ["r15", pt.PT_R15],
];

export function extraRegisters(regs: pt.PtRegs): PathValues {
  return Object.fromEntries(EXTRA.map(([name, word]) => [name, regs.get64(word)]));
}

/** What the tracer may have changed. */
export function reloadedArguments(regs: pt.PtRegs): PathValues {
  return Object.fromEntries(ARGUMENTS.map(([name, word]) => [name, regs.get64(word)]));
}

export function poppedBySysret({ processor: { registers } }: Cpu): PathValues {
  return {
    "rcx (ip)": registers.get64(RCX),
    "r11 (flags)": registers.get64(R11),
    "rsp (sp)": registers.get64(RSP),
    "rax (ax)": registers.get64(RAX),
  };
}

/** After SYSRET and IRET. */
export function backInUserMode(cpu: Cpu, flags: number): PathValues {
  const { registers } = cpu.processor;
  return {
    rip: ripOf(cpu),
    rflags: rflagsText(flags),
    rsp: registers.get64(RSP),
    rax: registers.get64(RAX),
    cs: BigInt(registers.selector(SEGMENT_CS)),
    ss: BigInt(registers.selector(SEGMENT_SS)),
    cpl: cpu.cpl,
  };
}

export function resultOf({ stack: { regs } }: Task): PathValues {
  return { ax: resultText(BigInt.asIntN(64, regs.get64(pt.PT_AX))) };
}

const RFLAGS = Object.entries({ CF, PF, AF, ZF, SF, TF, IF, DF, OF, IOPL, NT, RF, AC, ID });

/** "0x246 (PF|ZF|IF)". */
export function rflagsText(flags: number): string {
  const names = RFLAGS.flatMap(([name, bit]) => (flags & bit ? [name] : []));
  const hex = `0x${(flags >>> 0).toString(16)}`;
  return names.length === 0 ? hex : `${hex} (${names.join("|")})`;
}

/** What a handler begins with. */
export function handlerState(regs: pt.PtRegs): PathValues {
  return {
    ip: regs.get64(pt.PT_IP),
    sp: regs.get64(pt.PT_SP),
    di: regs.get64(pt.PT_DI),
    si: regs.get64(pt.PT_SI),
    dx: regs.get64(pt.PT_DX),
  };
}

/** What a program sees of the way back. */
export function userState(regs: pt.PtRegs): PathValues {
  return {
    ip: regs.get64(pt.PT_IP),
    sp: regs.get64(pt.PT_SP),
    ax: resultText(BigInt.asIntN(64, regs.get64(pt.PT_AX))),
  };
}

/** "-ENOENT", "17", "0x7ffff7dd0000". */
export function resultText(ax: bigint): string {
  if (ax < 0n && ax > -4096n) return `-${errnoName(Number(-ax)) ?? -ax}`;
  return ax >= 0n && ax < 1_000_000n ? `${ax}` : `0x${BigInt.asUintN(64, ax).toString(16)}`;
}
