// What processors of other makers than Intel, whose processor is emulated, do differently. Declared here and nowhere else.
import { existsSync, readFileSync } from "node:fs";
import { type Row, VEX_MAP } from "../../src/cpu/x86/instruction.js";
import { BREAKPOINT, GENERAL_PROTECTION, PAGE_FAULT, STACK_FAULT } from "../../src/machine/processor.js";
import type { CodeMode, CpuOutcome } from "./cpu-case.js";

/** Whether the processor this runs on is an Intel one. */
export const isIntel = existsSync("/proc/cpuinfo") && /GenuineIntel/.test(readFileSync("/proc/cpuinfo", "utf8"));

/**
 * Programs of tests/programs that show only what is a maker's own. On AMD's processors MOVUPS is checked for alignment when AC is
 * set, FOP names instructions whose exceptions are masked, and RF is clear between iterations; under KVM their INT1 never gets
 * past itself.
 */
export const INTEL_PROGRAMS: ReadonlySet<string> = new Set(["makers"]);

/** And those that show what only AMD's have: SYSCALL in compatibility mode. They want `--cpu-vendor amd`. */
export const AMD_PROGRAMS: ReadonlySet<string> = new Set(["syscall-compat"]);

/** Opcodes, by map, under which AMD has more instructions: LOCK MOV CR0 (for CR8), SSE4A, VPERMQ and VPERMPD without W. */
export const MAKERS_OPCODES: readonly (readonly [number, string])[] = isIntel
  ? []
  : [
      [1, "20 22 2B 78 79"],
      [VEX_MAP + 3, "00 01"],
    ];

/** One instruction of a case. */
export interface Coded {
  readonly row: Row;
  readonly bytes: readonly number[];
}

interface MakersOwn {
  readonly why: string;
  /** The code it is of; of both kinds when absent. */
  readonly mode?: CodeMode;
  /** What of the instruction, in a case with this outcome, is a maker's own. */
  readonly of: (instruction: Coded, expected: CpuOutcome) => boolean;
  /** The differences it explains; all when absent. */
  readonly explains?: (difference: string, expected: CpuOutcome, actual: CpuOutcome) => boolean;
  /** In a sequence others go on with what differs: all is explained. */
  readonly spreads?: boolean;
}

const named = (names: RegExp) => (instruction: Coded) => names.test(instruction.row.definition.name);
const begins = (words: RegExp) => (difference: string) => words.test(difference);
const all =
  (...conditions: MakersOwn["of"][]) =>
  (instruction: Coded, expected: CpuOutcome) =>
    conditions.every((condition) => condition(instruction, expected));
const ended = (trap: number) => (_: Coded, expected: CpuOutcome) => expected.trap === trap;
/** By the address of an operand. */
const faulted = (_: Coded, { trap }: CpuOutcome) =>
  trap === PAGE_FAULT || trap === GENERAL_PROTECTION || trap === STACK_FAULT;
const PREFIXES = new Set([0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3]);
const opcodeAt = ({ bytes }: Coded) => bytes.findIndex((byte) => !PREFIXES.has(byte));
const isNarrow = (code: Coded) => code.bytes.slice(0, opcodeAt(code)).includes(0x66) && !isWide(code);
/** In 64-bit code. */
const isWide = (code: Coded) => (code.bytes[opcodeAt(code)] & 0xf8) === 0x48;
const isRepeated = (code: Coded) => code.bytes.slice(0, opcodeAt(code)).some((byte) => byte === 0xf2 || byte === 0xf3);
const isRegister = ({ bytes }: Coded) => (bytes.at(-1) as number) >= 0xc0;
const isNear = ({ row }: Coded) =>
  row.operands.some(({ where }) => where === "rel") || /^(call|jmp|ret)$/.test(row.definition.name);

const STATE_STORES = named(/^(fxsave|xsave(opt|c)?)$/);
const STATE_LOADS = named(/^(fxrstor|xrstor)$/);

const MAKERS_OWN: readonly MakersOwn[] = [
  { why: "AMD under KVM does not get past INT1", of: named(/^int1$/) },
  { why: "AMD has no SYSENTER in compatibility mode", mode: 32, of: named(/^sysenter$/) },
  {
    why: "for AMD VPEXTRD and VPINSRD with VEX.W are no instructions in compatibility mode",
    mode: 32,
    of: all(named(/^p(extr|insr)d\//), ({ row, bytes }) => row.vex && (bytes[bytes.indexOf(0xc4) + 2] & 0x80) !== 0),
  },
  { why: "AMD has no far pointers of 80 bits", mode: 64, of: all(named(/^(l[fgs]s|(jmp|call) far)$/), isWide) },
  { why: "for AMD an operand-size prefix cuts near branches to 16 bits", mode: 64, of: all(isNear, isNarrow) },
  {
    why: "for AMD a prefetch of a register is no instruction",
    of: all(({ row }) => row.map === 1 && row.opcode === 0x0d, isRegister),
  },
  { why: "SHLD and SHRD of 16 bits by more than 16 are undefined", of: all(named(/^sh[lr]d$/), isNarrow) },
  {
    why: "for AMD a REX prefix makes PAUSE an exchange with r8",
    mode: 64,
    of: all(named(/^pause$/), ({ bytes }) => (bytes.at(-2) as number) % 2 === 1),
  },
  {
    why: "AMD keeps the pointer and opcode of an earlier instruction",
    of: named(/^f/),
    explains: begins(/^x87 (data pointer|opcode): processor 0x\w+, ours 0x0$/),
  },
  {
    why: "pointers that are not canonical are loaded as each likes",
    of: STATE_LOADS,
    explains: begins(/^x87 data pointer/),
  },
  {
    why: "AMD's MXCSR_MASK has the bit for misaligned SSE",
    of: STATE_STORES,
    explains: (difference, expected, actual) =>
      difference.startsWith("memory beside") ||
      (difference.startsWith("data") && expected.data.filter((byte, at) => byte !== actual.data[at]).join() === "2"),
  },
  {
    why: "DPPS and DPPD of several NaNs give one of them",
    of: named(/^v?dpp[sd]/),
    explains: (difference) => /^ymm/.test(difference) && lanesAreNaN(difference),
    spreads: true,
  },
  {
    why: "Intel names the last byte of a masked store that faults in its second page",
    of: all(named(/maskmov/), ended(PAGE_FAULT)),
    explains: begins(/^cr2/),
  },
  {
    why: "AMD takes the operands of CMPS in their order, Intel the second first",
    of: all(named(/^cmps$/), ended(PAGE_FAULT)),
    explains: begins(/^(cr2|error)/),
  },
  { why: "for AMD LOCK MOV CR0 is MOV CR8", of: all(named(/^mov cr$/), ({ bytes }) => bytes.includes(0xf0)) },
  {
    why: "Intel normalises the mask of a gather that faults",
    of: all(named(/gather/), faulted),
    explains: begins(/^ymm/),
  },
  {
    why: "AMD pushes the return address before it looks at the target",
    mode: 64,
    of: all(named(/^call$/), ended(GENERAL_PROTECTION)),
    explains: begins(/^(data|memory beside)/),
  },
  {
    why: "AMD sets the flags of the iterations before the fault",
    of: all(named(/^(scas|cmps)$/), isRepeated, ended(PAGE_FAULT)),
    explains: begins(/^rflags/),
  },
  {
    why: "Intel looks at exceptions of VCVTPS2PH before the operand's page, and unmasked underflows are inexact",
    of: named(/^vcvtps2ph$/),
    explains: begins(/^(mxcsr|trap: processor 0x[cde], ours 0x13|cr2|error)/),
  },
  {
    why: "Intel does not look at the page of what an unmasked exception keeps from being stored",
    of: all(named(/^(fistt?p?|fstp?|fbstp)$/), faulted),
  },
  {
    why: "Intel makes the registers MMX's although the store faults",
    of: all(({ row }) => row.mmx && row.operands[0].where === "rm", faulted),
    explains: begins(/^(x87 (status|tag)|st\d)/),
  },
  {
    why: "AMD's MXCSR has the bit for misaligned SSE",
    of: all(named(/ldmxcsr|fxrstor|xrstor/), ended(BREAKPOINT)),
    explains: (_difference, _expected, { trap }) => trap === GENERAL_PROTECTION,
  },
  {
    why: "AMD wants the offset in FS and GS to be canonical itself",
    mode: 64,
    of: all(({ bytes }) => bytes.some((byte) => byte === 0x64 || byte === 0x65), ended(GENERAL_PROTECTION)),
    explains: (_difference, _expected, { trap }) => trap === PAGE_FAULT,
  },
  {
    why: "whether a tiny result is an underflow",
    of: named(/^(f2xm1|fyl2x(p1)?|fpatan|fptan|fsin|fcos|fsincos)$/),
    explains: (_difference, expected, actual) => ((expected.xsave[2] ^ actual.xsave[2]) & 0x10) !== 0,
  },
];

const isNaN32 = (bits: string) => (Number.parseInt(bits, 16) & 0x7fffffff) > 0x7f800000;
const isNaN64 = (bits: string) => BigInt.asUintN(63, BigInt(`0x${bits}`)) > 0x7ff0_0000_0000_0000n;

/** "ymm4: processor 0123_4567, ours 89ab_cdef": where elements of 32 or of 64 bits differ both are NaNs. */
function lanesAreNaN(difference: string): boolean {
  const [want, have] = [...difference.matchAll(/[0-9a-f]{32}_[0-9a-f]{32}/g)].map(([bits]) => bits.replace("_", ""));
  const agree = (digits: number, nan: (bits: string) => boolean) =>
    Array.from({ length: 64 / digits }, (_, lane) =>
      [want, have].map((bits) => bits.slice(lane * digits, (lane + 1) * digits)),
    ).every(([one, other]) => one === other || (nan(one) && nan(other)));
  return agree(8, isNaN32) || agree(16, isNaN64);
}

/** How many differences were explained, by reason. */
export const explained = new Map<string, number>();

/** The differences that no maker's own ways explain. */
export function unexplained(
  differences: readonly string[],
  code: readonly Coded[],
  expected: CpuOutcome,
  actual: CpuOutcome,
  codeMode: CodeMode = 64,
): string[] {
  if (isIntel || differences.length === 0) return [...differences];
  const ways = MAKERS_OWN.filter(
    ({ of, mode }) => (mode ?? codeMode) === codeMode && code.some((instruction) => of(instruction, expected)),
  );
  return differences.filter((difference) => {
    const way = ways.find(
      ({ explains, spreads }) => !explains || (spreads && code.length > 1) || explains(difference, expected, actual),
    );
    if (way) explained.set(way.why, (explained.get(way.why) ?? 0) + 1);
    return !way;
  });
}
