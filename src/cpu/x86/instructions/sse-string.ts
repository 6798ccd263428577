// SSE4.2: PCMPESTRx, PCMPISTRx and CRC32. SDM vol. 2 and vol. 1, 5.12. Microcode: one definition of the comparison serves all four;
// what strcmp uses is in IR as well.
import * as layout from "../../../machine/state-layout.js";
import type { Core } from "../../core.js";
import type { Node } from "../../ir/node.js";
import { operatorNamed } from "../../ir/operators.js";
import type { Emitter } from "../emitter.js";
import { instruction } from "../opcode-table.js";
import { packedRows } from "../packed-forms.js";

const POLYNOMIAL = 0x82f63b78; // CRC-32C, reflected

interface Comparison {
  /** One bit an element of the second operand. */
  readonly bits: number;
  readonly count: number;
}

/** Elements of the operands, used again for each instruction: libraries search long texts with it. */
const first = new Int32Array(16);
const second = new Int32Array(16);

/** Those of the vector at `at`. */
function takeElements(into: Int32Array, bytes: Uint8Array, at: number, control: number, count: number): void {
  const unused = control & 2 ? (control & 1 ? 16 : 24) : 0; // above a signed element
  for (let n = 0; n < count; n++) {
    const element = control & 1 ? bytes[at + 2 * n] | (bytes[at + 2 * n + 1] << 8) : bytes[at + n];
    into[n] = (element << unused) >> unused;
  }
}

function implicitLength(values: Int32Array, count: number): number {
  let length = 0;
  while (length < count && values[length] !== 0) length++;
  return length;
}

function explicitLength(core: Core, register: number, wide: boolean, count: number): number {
  const low = core.gpr32(register) | 0;
  const high = core.state32(layout.OFFSET_GPR + register * 8 + 4);
  if (wide && high !== low >> 31) return count;
  return Math.min(Math.abs(low), count);
}

/** Bytes that are in the first operand, while it is compared. */
const isPresent = new Uint8Array(256);

/** Equal any, of bytes. */
function anyByte(a: Int32Array, aLength: number, b: Int32Array, bLength: number): number {
  let bits = 0;
  for (let i = 0; i < aLength; i++) isPresent[a[i] & 0xff] = 1;
  for (let j = 0; j < bLength; j++) bits |= isPresent[b[j] & 0xff] << j;
  for (let i = 0; i < aLength; i++) isPresent[a[i] & 0xff] = 0;
  return bits;
}

/** Aggregation modes: equal any, ranges, equal each, equal ordered. Elements past an end follow the manual's override table. */
function aggregate(
  mode: number,
  a: Int32Array,
  aLength: number,
  b: Int32Array,
  bLength: number,
  count: number,
): number {
  if (mode === 0 && count === 16) return anyByte(a, aLength, b, bLength);
  let bits = 0;
  for (let j = 0; j < count; j++) {
    let set = false;
    if (mode === 0) {
      for (let i = 0; i < aLength && j < bLength; i++) if (b[j] === a[i]) set = true;
    } else if (mode === 1) {
      for (let i = 0; i + 1 < aLength; i += 2) if (j < bLength && b[j] >= a[i] && b[j] <= a[i + 1]) set = true;
    } else if (mode === 2) set = j < aLength && j < bLength ? a[j] === b[j] : j >= aLength && j >= bLength;
    else {
      set = true;
      for (let i = 0; i < aLength && i + j < count; i++) if (i + j >= bLength || a[i] !== b[i + j]) set = false;
    }
    if (set) bits |= 1 << j;
  }
  return bits;
}

function compareStrings(
  core: Core,
  x: number,
  y: number,
  control: number,
  lengths: [number, number] | undefined,
): Comparison {
  const count = control & 1 ? 8 : 16;
  takeElements(first, core.memory.u8, x, control, count);
  takeElements(second, core.memory.u8, y, control, count);
  const [aLength, bLength] = lengths ?? [implicitLength(first, count), implicitLength(second, count)];
  const all = (1 << count) - 1;
  let bits = aggregate((control >> 2) & 3, first, aLength, second, bLength, count);
  if (control & 0x10) bits ^= control & 0x20 ? (1 << bLength) - 1 : all;
  core.arithmeticFlags =
    (bits ? layout.CF : 0) |
    (bLength < count ? layout.ZF : 0) |
    (aLength < count ? layout.SF : 0) |
    (bits & 1 ? layout.OF : 0);
  return { bits, count };
}

function putIndex(core: Core, { bits, count }: Comparison, control: number): void {
  const index = bits === 0 ? count : control & 0x40 ? 31 - Math.clz32(bits) : 31 - Math.clz32(bits & -bits);
  core.setGpr32(layout.RCX, index);
}

function putMask(core: Core, { bits, count }: Comparison, control: number): void {
  const out = core.xmm(0);
  out.fill(0);
  if (!(control & 0x40)) {
    out[0] = bits;
    out[1] = bits >> 8;
    return;
  }
  const bytes = 16 / count;
  for (let n = 0; n < 16; n++) if ((bits >> Math.floor(n / bytes)) & 1) out[n] = 0xff;
}

const EQUAL_ANY_BYTE = 0x00;
const EQUAL_EACH_BYTE = 0x08;
const BITMASK = operatorNamed("i8x16_bitmask");
const EQUAL_BYTES = operatorNamed("i8x16_eq");
const SPLAT = operatorNamed("i8x16_splat");
const EXTRACT = operatorNamed("i8x16_extract_lane_u");
const OR = operatorNamed("v128_or");
const AND_NOT = operatorNamed("v128_andnot");

/** PCMPISTRI comparing byte with byte, as strcmp does, or with any of some bytes, as strcspn does: in IR. */
function indexInText(x: Emitter, control: number): void {
  const b = x.vector(1);
  const a = x.xmm(x.i.reg);
  const all = x.i32(0xffff);
  /** The places before the first zero byte. */
  const valid = (value: Node) => {
    const zeros = x.or(x.apply(BITMASK, x.apply(EQUAL_BYTES, value, x.zeroVector())), x.i32(0x10000));
    return x.sub(x.and(zeros, x.sub(x.i32(0), zeros)), x.i32(1));
  };
  const aValid = valid(a);
  const bValid = valid(b);
  const isEach = (control & 0x0c) === EQUAL_EACH_BYTE;
  let bits = isEach ? equalEach(x, a, aValid, b, bValid) : equalAny(x, a, b, bValid);
  if (control & 0x10) bits = x.xor(bits, control & 0x20 ? bValid : all);
  const index = control & 0x40 ? x.sub(x.i32(31), x.clz(bits)) : x.ctz(bits);
  x.setExplicitFlags(() => {
    const flag = (condition: Node, mask: number) => x.shl(condition, x.i32(31 - Math.clz32(mask)));
    const ends = x.or(flag(x.ne(bValid, all), layout.ZF), flag(x.ne(aValid, all), layout.SF));
    return x.or(x.or(x.eqz(x.eqz(bits)), ends), flag(x.and(bits, x.i32(1)), layout.OF));
  });
  x.setRegister(layout.RCX, 32, x.select(bits, index, x.i32(16)));
}

function equalEach(x: Emitter, a: Node, aValid: Node, b: Node, bValid: Node): Node {
  const both = x.and(x.and(x.apply(BITMASK, x.apply(EQUAL_BYTES, a, b)), aValid), bValid);
  const neither = x.and(x.xor(x.or(aValid, bValid), x.i32(0xffff)), x.i32(0xffff));
  return x.or(both, neither);
}

/** With what is behind the end of `a` as zeros, which are in no valid place of `b`. */
function equalAny(x: Emitter, a: Node, b: Node, bValid: Node): Node {
  const none = x.zeroVector();
  let ended = x.apply(EQUAL_BYTES, a, none);
  for (const distance of [1, 2, 4, 8]) {
    const places = Array.from({ length: 16 }, (_, n) => (n < distance ? 16 : n - distance));
    ended = x.apply(OR, ended, x.shuffle(ended, none, places));
  }
  const wanted = x.apply(AND_NOT, a, ended);
  let found = none;
  for (let n = 0; n < 16; n++)
    found = x.apply(OR, found, x.apply(EQUAL_BYTES, b, x.apply(SPLAT, x.lane(EXTRACT, n, wanted))));
  return x.and(x.apply(BITMASK, found), bValid);
}

const stringComparison = (name: string, opcode: string, explicit: boolean, put: typeof putIndex) =>
  instruction(
    name,
    packedRows(`66 0F 3A ${opcode} /r Vx,Wx,Ib`, "", "WIG", 128),
    // All forms of a row are told apart by the same things: microcode's need the registers.
    { writes: "OSZAPC", unaligned: true, memory: true, byNumber: true },
    (x: Emitter) => {
      const { reg, immediate, isWide: wide } = x.i;
      const compared = immediate & 0x0d;
      if (opcode === "63" && (compared === EQUAL_EACH_BYTE || compared === EQUAL_ANY_BYTE))
        return indexInText(x, immediate);
      x.stateStoreScratchVector(x.vector(1));
      x.runMicrocode((core) => {
        const count = immediate & 1 ? 8 : 16;
        const length = (register: number) => explicitLength(core, register, wide, count);
        const lengths: [number, number] | undefined = explicit ? [length(layout.RAX), length(layout.RDX)] : undefined;
        put(core, compareStrings(core, core.xmmAt(reg), core.scratchVectorAt, immediate, lengths), immediate);
      });
      if (x.i.vex && put === putMask) x.setYmmHigh(0, x.zeroVector());
    },
  );
stringComparison("pcmpestrm", "60", true, putMask);
stringComparison("pcmpestri", "61", true, putIndex);
stringComparison("pcmpistrm", "62", false, putMask);
stringComparison("pcmpistri", "63", false, putIndex);

const crcTable = Int32Array.from({ length: 256 }, (_, n) => {
  let value = n;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
  return value;
});

instruction("crc32", ["F2 0F 38 F0 /r Gy,Eb", "F2 0F 38 F1 /r Gy,Ev"], { memory: true }, (x) => {
  const bits = x.bits(1);
  const value = x.read(1);
  x.stateStoreScratch(bits === 64 ? value : x.extendU(value));
  const { reg } = x.i;
  x.runMicrocode((core) => {
    let crc = core.gpr32(reg);
    let rest = core.scratch64();
    for (let byte = 0; byte < bits / 8; byte++) {
      crc = (crc >>> 8) ^ crcTable[(crc ^ Number(rest & 0xffn)) & 0xff];
      rest >>= 8n;
    }
    core.setGpr32(reg, crc);
  });
});
