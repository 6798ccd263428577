// What the decoder makes of any bytes, against iced-x86's decoder: which are instructions, how long they are, and what their operands name.
// A longer run: TSSTRACE_DECODER_CASES=5000000 TSSTRACE_DECODER_SEED=7 npx vitest run tests/unit/cpu/decoder.test.ts
import * as iced from "iced-x86";
import { expect, test } from "vitest";
import { FLAT, LONG } from "../../../src/cpu/code-address.js";
import { Decoder } from "../../../src/cpu/x86/decoder.js";
import { type Instruction, NO_REGISTER, type OperandKind, RIP_BASE } from "../../../src/cpu/x86/instruction.js";
import "../../../src/cpu/x86/instructions/all.js";
import { Random } from "../../native/random.js";

const CASES = Number(process.env.TSSTRACE_DECODER_CASES ?? 60_000);
const SEED = Number(process.env.TSSTRACE_DECODER_SEED ?? 1);
const STRIDE = 24;
const RIP = { 64: 0x7f12_3456_7000, 32: 0x7234_5000 };

/** What x86-64-v3 does not have: no instruction for us. */
const NOT_OURS = new RegExp(
  `^(${[
    "AMX AVX512 AVX_VNNI AVX_IFMA AVX_NE AVX_INT SM3 SM4 XOP FMA4 TBM LWP SSE4A D3NOW AESKLE AES_KL WIDE_KL KL",
    "SKINIT SVM SMX VMX MOVDIR ENQCMD GFNI VAES VPCLMULQDQ INVLPGB PADLOCK CYRIX CET LKGS SHA CMPCCXADD",
    "MONITOR SMM RTM RAO SEP$ UINTR HRESET SERIALIZE TSXLDTRK PTWRITE WAITPKG PCONFIG WBNOINVD SEV SNP RMP",
    "MCOMMIT CLZERO RDPRU RDPID PREFETCHWT1 PCOMMIT FRED MSRLIST WRMSRNS PBNDKB PREFETCHITI UDBG ZALLOC",
    "INVPCID GEODE CL1INVMB MOV_TR RDUDBG XSAVES PKU OSPKE HLE CLDEMOTE SMAP SGX TDX OSS TSE",
  ]
    .join(" ")
    .replaceAll(" ", "|")})`,
);
/** Only AMD's processors have it outside 64-bit mode. */
const NOT_OURS_32 = /^SYSCALL$/;
/** We decode what names no register, and it traps as what does not decode. */
const TRAPS = /^(mov( sreg| cr| dr)?|v.*gather.*)$/;
/** Operands whose width or names do not matter, or are not told: their addresses are compared. */
const LOOSE =
  /^(l[defgs]s|(jmp|call) far|bound|arpl|l[ad]r|lar|lsl|verr|verw|sldt|str|smsw|lmsw|mov (sreg|cr|dr)|pinsr[bw]|pextr[bw]|extractps|vp?gatherq(ps|d)|fence|nop|ud|privileged|xchg|lods|stos|scas|cmps|movs|maskmov.*|(push|pop) [c-gs]s|xlat|int1)$/;

const { CodeSize, Register, RegisterExt, OpKind, Code, MemorySizeExt } = iced;
const GENERAL = ["AX", "CX", "DX", "BX", "SP", "BP", "SI", "DI"];
const SEGMENTS = ["ES", "CS", "SS", "DS", "FS", "GS"];

function generalName(number: number, bits: number, rex: boolean): string {
  if (number >= 8) return `R${number}${bits === 64 ? "" : bits === 32 ? "D" : bits === 16 ? "W" : "L"}`;
  const name = GENERAL[number];
  if (bits === 64) return `R${name}`;
  if (bits === 32) return `E${name}`;
  if (bits === 16) return name;
  if (number < 4) return `${name[0]}L`;
  return rex ? `${name}L` : `${GENERAL[number - 4][0]}H`;
}

function widthOf(i: Instruction, bits: number): number {
  if (bits > 0) return bits;
  if (bits === -1) return i.isWide ? 64 : 32;
  if (bits === -2) return i.vectorBits;
  return bits === -3 && i.mode === LONG ? 64 : i.operandSize;
}

/** Our operand as text. `isSecond`: an immediate behind another. */
function ours(i: Instruction, { where, file, bits, value }: OperandKind, isSecond: boolean): string {
  const width = widthOf(i, bits);
  const register = (number: number): string => {
    if (file === "gpr") return generalName(number, width, i.rex !== 0);
    if (file === "xmm") return `${width === 256 ? "Y" : "X"}MM${number}`;
    return file === "mmx" ? `MM${number & 7}` : (SEGMENTS[number & 7] ?? "none");
  };
  switch (where) {
    case "reg":
      return register(file === "segment" ? i.reg & 7 : i.reg);
    case "rm":
      return i.mod === 3 ? register(i.rm) : memory(i, file === "none" && bits === 0 ? 0 : width / 8);
    case "moffs":
      return memory(i, width / 8);
    case "op":
      return register(i.rm);
    case "vvvv":
      return register(i.vvvv);
    case "is4":
      return register(i.is4);
    case "fixed":
      return register(value);
    case "one":
      return "1";
    case "imm":
      return immediate(i, width, isSecond);
    case "rel":
      return BigInt.asUintN(64, BigInt(i.relativeTarget - i.mode)).toString(16);
  }
}

function immediate(i: Instruction, bits: number, isSecond: boolean): string {
  const whole = isSecond ? BigInt(i.immediate2) : (BigInt(i.immediateHigh) << 32n) | BigInt(i.immediate >>> 0);
  return BigInt.asUintN(bits, whole).toString(16);
}

function memory(i: Instruction, size: number): string {
  const vector = i.row.definition.vsib ? `${i.vectorBits === 256 ? "Y" : "X"}MM${i.vectorIndex}` : "";
  const address = (number: number) => (number === NO_REGISTER ? "" : generalName(number, i.addressSize, true));
  const base = i.base === RIP_BASE ? "" : address(i.base);
  const index = vector ? "?" : address(i.index);
  const scale = i.index === NO_REGISTER && !vector ? 1 : 1 << i.scale;
  const offset = i.row.operands.some(({ where }) => where === "moffs")
    ? (BigInt(i.immediateHigh) << 32n) | BigInt(i.immediate >>> 0)
    : BigInt(i.displacement);
  const segment = i.segment < 4 ? "" : SEGMENTS[i.segment];
  return `${size || "any"} ${segment}[${base}+${index}*${scale}+${BigInt.asUintN(i.addressSize, offset).toString(16)}]`;
}

function theirs(i: iced.Instruction, operand: number): string {
  const kind = i.opKind(operand);
  const kindName = OpKind[kind];
  if (kind === OpKind.Register) return Register[i.opRegister(operand)].toUpperCase();
  if (kind === OpKind.Memory) return icedMemory(i);
  if (kindName.startsWith("NearBranch")) return i.nearBranchTarget.toString(16);
  if (!kindName.startsWith("Immediate")) return kindName;
  const bits = /to(\d+)$/.exec(kindName)?.[1] ?? /^Immediate(\d+)/.exec(kindName)?.[1];
  return BigInt.asUintN(Number(bits), i.immediate(operand)).toString(16);
}

function addressBits(i: iced.Instruction): number {
  const register = i.memoryBase === Register.None ? i.memoryIndex : i.memoryBase;
  if (register === Register.EIP) return 32;
  if (register !== Register.None && !/MM/.test(Register[register])) return RegisterExt.size(register) * 8;
  return i.codeSize === CodeSize.Code64 ? 64 : i.memoryDisplSize === 2 ? 16 : 32;
}

function icedMemory(i: iced.Instruction): string {
  const name = (register: iced.Register) => (register === Register.None ? "" : Register[register].toUpperCase());
  const isRip = i.isIpRelMemoryOperand;
  const segment = [Register.FS, Register.GS].includes(i.memorySegment) ? name(i.memorySegment) : "";
  const displacement = BigInt.asUintN(addressBits(i), isRip ? i.ipRelMemoryAddress : i.memoryDisplacement);
  const index = /MM/.test(name(i.memoryIndex)) ? "?" : name(i.memoryIndex);
  const scale = i.memoryIndex === Register.None ? 1 : i.memoryIndexScale;
  return `${MemorySizeExt.size(i.memorySize)} ${segment}[${isRip ? "" : name(i.memoryBase)}+${index}*${scale}+${displacement.toString(16)}]`;
}

/** The operands of both in words that are the same when they are. */
function operandTexts(mine: Instruction, other: iced.Instruction): [string, string] {
  const { operands, map, opcode, text } = mine.row;
  const isX87 = map === 0 && opcode >= 0xd8 && opcode <= 0xdf;
  const have = operands.map((operand, n) => ours(mine, operand, operands[n - 1]?.where === "imm"));
  const want = Array.from({ length: other.opCount }, (_, operand) => theirs(other, operand));
  if (!isX87 && !LOOSE.test(mine.name) && !text.includes("Sw"))
    return [have.join(" "), want.map((one, n) => (have[n]?.startsWith("any") ? anySize(one) : one)).join(" ")];
  const address = (texts: readonly string[]) =>
    texts
      .filter((one) => one.includes("["))
      .map(anySize)
      .join();
  return mine.isMemory && mine.row.hasModrm ? [address(have), address(want)] : ["", ""];
}

const anySize = (text: string) => text.replace(/^\w+ /, "any ");

function anyBytes(random: Random, out: Uint8Array, at: number): void {
  for (let n = 0; n < STRIDE; n++) out[at + n] = random.below(256);
  if (random.chance(0.2)) return;
  let place = at;
  while (random.chance(0.35) && place < at + 8)
    out[place++] = random.pick([0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x2e, 0x36, 0x3e, 0x26, 0x64, 0x65]);
  const kind = random.below(10);
  if (kind < 6 && random.chance(0.4)) out[place++] = 0x40 | random.below(16);
  if (kind < 2) return;
  if (kind < 6) {
    out[place++] = 0x0f;
    if (kind === 4) out[place++] = 0x38;
    else if (kind === 5) out[place++] = 0x3a;
  } else if (kind === 6) out[place++] = 0xc5;
  else {
    out[place++] = 0xc4;
    out[place] = (out[place] & 0xe0) | (1 + random.below(3));
    place++;
  }
  // vvvv is mostly unused
  if (kind >= 6 && random.chance(0.4)) out[place] |= 0x78;
}

test.each([64, 32] as const)("decodes %s-bit code as iced-x86 does", { timeout: 3_600_000 }, (bits) => {
  const start = RIP[bits];
  const random = new Random(SEED);
  const wrong = new Map<string, string>();
  let compared = 0;
  const BATCH = 4096;
  const bytes = new Uint8Array(BATCH * STRIDE);
  const code = { u8: bytes, linear: (address: number) => address - start };
  for (let done = 0; done < CASES; done += BATCH) {
    for (let n = 0; n < BATCH; n++) anyBytes(random, bytes, n * STRIDE);
    const decoder = new Decoder(code, 3);
    const other = new iced.Decoder(bits, bytes, iced.DecoderOptions.None);
    const instruction = new iced.Instruction();
    for (let n = 0; n < BATCH; n++) {
      const at = n * STRIDE;
      other.position = at;
      other.ip = BigInt(start + at);
      other.decodeOut(instruction);
      decoder.begin();
      const mine = decoder.decode((bits === 64 ? LONG : FLAT) + start + at);
      const text = Buffer.from(bytes.subarray(at, at + 15)).toString("hex");
      const note = (key: string, what: string) => {
        if (!wrong.has(key)) wrong.set(key, `${key}: ${text} ${what}`);
      };
      const name = Code[instruction.code];
      if (instruction.code === Code.INVALID) {
        if (mine && !TRAPS.test(mine.name)) note(`${mine.name} [${mine.row.text}] is none`, `${mine.length}`);
        continue;
      }
      if (!mine) {
        const features = [...instruction.cpuidFeatures()].map((feature) => iced.CpuidFeature[feature]);
        const isOurs = (feature: string) => !NOT_OURS.test(feature) && (bits === 64 || !NOT_OURS_32.test(feature));
        if (features.every(isOurs)) note(`${name} is missing`, features.join());
        continue;
      }
      compared++;
      if (mine.length !== instruction.length)
        note(`${mine.name} length`, `${mine.length} not ${instruction.length} ${name}`);
      const [have, want] = operandTexts(mine, instruction);
      if (have !== want) note(`${mine.name} operands`, `[${mine.row.text}] ${name}: ${have}; not ${want}`);
    }
    instruction.free();
    other.free();
  }
  expect(compared).toBeGreaterThan(CASES / 10);
  expect([...wrong.values()].sort()).toEqual([]);
});
