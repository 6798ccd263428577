// Segment registers, descriptors as a program can ask about them, and far transfers within 64-bit mode. SDM vol. 2; the descriptors are those
// of Linux's GDT (arch/x86/include/asm/segment.h). 32-bit code segments exist in it, but this processor does not run their code.
import { GENERAL_PROTECTION, INVALID_OPCODE, PAGE_FAULT, PF_USER, PF_WRITE } from "../../../machine/processor.js";
import * as layout from "../../../machine/state-layout.js";
import { type Core, Exception } from "../../core.js";
import { LOAD16, LOAD32 } from "../../ir/builder.js";
import type { Node } from "../../ir/node.js";
import type { Emitter } from "../emitter.js";
import * as flags from "../flags.js";
import { instruction } from "../opcode-table.js";
import { ACCESS } from "../vector-emitter.js";

const CS = 1;
const SS = 2;
const FS = 4;
const GS = 5;
const USER_CS = 0x33;
const USER_DS = 0x2b;

interface Descriptor {
  /** What LAR and LSL give. */
  readonly rights: number;
  readonly limit: number;
  readonly writable: boolean;
}
/** Those that user mode may see, by selector without RPL: 32-bit code, data, 64-bit code, the number of the processor. */
const DESCRIPTORS: ReadonlyMap<number, Descriptor> = new Map([
  [0x20, { rights: 0xcffb00, limit: 0xffffffff, writable: false }],
  [0x28, { rights: 0xcff300, limit: 0xffffffff, writable: true }],
  [0x30, { rights: 0xaffb00, limit: 0xffffffff, writable: false }],
  [0x78, { rights: 0x40f500, limit: 0, writable: false }],
]);
const descriptorOf = (selector: number) => DESCRIPTORS.get(selector & 0xfffc);

/** Loads a segment register other than CS; #GP names the selector. */
function loadSegment(core: Core, segment: number, selector: number): void {
  const descriptor = descriptorOf(selector);
  const null_ = (selector & 0xfffc) === 0;
  if (segment === SS ? !descriptor?.writable || (selector & 3) !== 3 : !descriptor && !null_)
    throw new Exception(GENERAL_PROTECTION, selector & 0xfffc);
  core.setState32(layout.OFFSET_SELECTORS + segment * 4, selector);
  core.inTrapShadow = segment === SS;
  if (segment === FS) core.setState64(layout.OFFSET_FS_BASE, 0n);
  if (segment === GS) core.setState64(layout.OFFSET_GS_BASE, 0n);
}

const SELECTOR = layout.OFFSET_SCRATCH;
const RESULT = layout.OFFSET_SCRATCH + 8;

function setSegment(x: Emitter, segment: number, selector: Node): void {
  x.stateStore(SELECTOR, LOAD32, selector);
  x.runMicrocode((core) => loadSegment(core, segment, core.state32(SELECTOR) & 0xffff));
}

instruction("mov", ["8C /r Ev,Sw"], {}, (x) => {
  const selector = x.stateLoad(layout.OFFSET_SELECTORS + (x.i.reg & 7) * 4, LOAD32);
  if ((x.i.reg & 7) > GS) return x.trap(INVALID_OPCODE);
  if (x.i.isMemory) x.store(LOAD16, x.effectiveAddress(), selector);
  else x.setRegister(x.i.rm, x.i.operandSize, x.i.operandSize === 64 ? x.extendU(selector) : selector);
});

instruction("mov sreg", ["8E /r Sw,Ew"], { memory: true }, (x) => {
  if ((x.i.reg & 7) === CS || (x.i.reg & 7) > GS) return x.trap(INVALID_OPCODE);
  setSegment(x, x.i.reg & 7, x.read(1));
});

for (const [name, segment, push, pop] of [
  ["fs", FS, "A0", "A1"],
  ["gs", GS, "A8", "A9"],
] as const) {
  instruction(`push ${name}`, [`0F ${push}`], { default64: true, memory: true }, (x) => {
    const selector = x.stateLoad(layout.OFFSET_SELECTORS + segment * 4, LOAD32);
    const bytes = x.i.operandSize === 16 ? 2 : 8;
    x.push(bytes === 2 ? selector : x.extendU(selector), bytes);
  });
  instruction(`pop ${name}`, [`0F ${pop}`], { default64: true, memory: true }, (x) => {
    const bytes = x.i.operandSize === 16 ? 2 : 8;
    const selector = x.load(LOAD16, x.onStack(x.get(layout.RSP)));
    setSegment(x, segment, selector);
    x.set(layout.RSP, x.add(x.get(layout.RSP), x.i64(bytes)));
  });
}

/** A far pointer: the offset, of the operand's size, then the selector. */
for (const [name, opcode, segment] of [
  ["lss", "B2", SS],
  ["lfs", "B4", FS],
  ["lgs", "B5", GS],
] as const)
  instruction(name, [`0F ${opcode} /r mem Gv,M`], { memory: true }, (x) => {
    const bits = x.bits(0);
    const { offset, selector } = farPointer(x, bits);
    x.stateStore(RESULT, ACCESS[bits], offset);
    setSegment(x, segment, selector);
    x.write(0, x.stateLoad(RESULT, ACCESS[bits]));
  });

function farPointer(x: Emitter, bits: number): { offset: Node; selector: Node } {
  const start = x.effectiveAddress();
  const offset = x.load(ACCESS[bits], start);
  return { offset, selector: x.load(LOAD16, x.displaced(start, x.i64(bits >> 3))) };
}

// ---- asking about descriptors

/** ZF says whether the selector can be looked at; the microcode leaves that and a value. */
function lookUp(x: Emitter, selector: Node, found: (descriptor: Descriptor) => boolean, value = (_: Descriptor) => 0) {
  x.stateStore(SELECTOR, LOAD32, selector);
  x.runMicrocode((core) => {
    const descriptor = descriptorOf(core.state32(SELECTOR) & 0xffff);
    const yes = descriptor !== undefined && found(descriptor);
    core.setState32(SELECTOR, yes ? 1 : 0);
    core.setState32(RESULT, yes ? value(descriptor) : 0);
  });
  const seen = x.stateLoad(SELECTOR, LOAD32);
  x.changeFlags(layout.ZF, () => x.shl(seen, x.i32(6)));
  return seen;
}

const ZERO_FLAG = { writes: "Z", memory: true };
const describe = (name: string, opcode: string, value: (descriptor: Descriptor) => number) =>
  instruction(name, [`0F ${opcode} /r Gv,Ew`], ZERO_FLAG, (x) => {
    const seen = lookUp(x, x.read(1), () => true, value);
    const bits = x.bits(0);
    const result = x.stateLoad(RESULT, LOAD32);
    const kept = x.get(x.i.reg);
    x.write(0, bits === 64 ? x.extendU(result) : x.cut(result, bits));
    x.set(x.i.reg, x.select(seen, x.get(x.i.reg), kept));
  });
describe("lar", "02", ({ rights }) => rights);
describe("lsl", "03", ({ limit }) => limit);
instruction("verr", ["0F 00 /4 Ew"], ZERO_FLAG, (x) => {
  lookUp(x, x.read(0), () => true);
});
instruction("verw", ["0F 00 /5 Ew"], ZERO_FLAG, (x) => {
  lookUp(x, x.read(0), ({ writable }) => writable);
});

// ---- what UMIP keeps from programs and Linux answers with constants (arch/x86/kernel/umip.c): only the operand's bytes are written

const TSS_SELECTOR = 0x40;
const CR0_STATE = 0x80050033;

/** As copy_to_user does: up to a page that is missing, and the fault names the operand. */
function copyToUser(x: Emitter, bytes: Uint8Array): void {
  x.stateStoreScratch(x.effectiveAddress());
  x.runMicrocode((core) => {
    const start = core.scratchAddress();
    const room = layout.PAGE_SIZE - Number(core.scratch64() & 0xfffn);
    try {
      core.writeBytes(start, bytes.subarray(0, room));
      if (room < bytes.length) core.writeBytes(start + room, bytes.subarray(room));
    } catch (error) {
      if (!(error instanceof Exception)) throw error;
      throw new Exception(PAGE_FAULT, PF_USER | PF_WRITE, core.scratch64());
    }
  });
}

const constant = (name: string, row: string, value: number) =>
  instruction(name, [row], { memory: true }, (x) => {
    if (x.i.isMemory) return copyToUser(x, Uint8Array.of(value & 0xff, (value >> 8) & 0xff));
    const size = x.i.operandSize;
    if (size === 64) return x.set(x.i.rm, x.i64(value, 0));
    const mask = size === 16 ? x.i64(~0xffff, -1) : x.i64(0, -1);
    x.set(x.i.rm, x.or(x.and(x.get(x.i.rm), mask), x.i64(size === 16 ? value & 0xffff : value, 0)));
  });
constant("sldt", "0F 00 /0 Ev", 0);
constant("str", "0F 00 /1 Ev", TSS_SELECTOR);
constant("smsw", "0F 01 /4 Ev", CR0_STATE);

/** A limit of 0 and a base that is not there. */
const tableRegister = (name: string, row: string, base: number) =>
  instruction(name, [row], { memory: true }, (x) => {
    const bytes = new Uint8Array(10);
    new DataView(bytes.buffer).setBigUint64(2, 0xffff_ffff_0000_0000n | BigInt(base), true);
    copyToUser(x, bytes);
  });
tableRegister("sgdt", "0F 01 /0 mem M", 0xfffe0000);
tableRegister("sidt", "0F 01 /1 mem M", 0xffff0000);

// ---- far transfers that stay in 64-bit mode

const ENDS = { ends: true, memory: true };

/** #GP for every selector but that of user mode's own 64-bit code; jumps and calls do not look at its RPL. */
function requireUserCode(x: Emitter, selector: Node, anyRpl = false): void {
  const narrow = x.and(selector, x.i32(anyRpl ? 0xfffc : 0xffff));
  x.trapWhen(x.ne(narrow, x.i32(anyRpl ? USER_CS & ~3 : USER_CS)), GENERAL_PROTECTION);
}
const wide = (x: Emitter, value: Node) => x.toI64(value, x.i.operandSize, false);
const narrow32 = (x: Emitter, value: Node) => (x.i.operandSize === 64 ? x.wrap(value) : value);

instruction("jmp far", ["FF /5 mem M"], ENDS, (x) => {
  const { offset, selector } = farPointer(x, x.i.operandSize);
  requireUserCode(x, selector, true);
  x.terminator = { kind: "indirect", target: x.requireCanonical(wide(x, offset)), isReturn: false };
});

instruction("call far", ["FF /3 mem M"], ENDS, (x) => {
  const bits = x.i.operandSize;
  const { offset, selector } = farPointer(x, bits);
  requireUserCode(x, selector, true);
  const target = x.requireCanonical(wide(x, offset));
  const linear = x.translate(x.onStack(x.sub(x.get(layout.RSP), x.i64(bits / 4))), bits / 4, true);
  const put = (at: number, value: Node) =>
    x.rawStore(ACCESS[bits], at === 0 ? linear : x.add(linear, x.i32(at)), bits === 64 ? value : x.wrap(value));
  put(0, x.nextAddress());
  put(bits / 8, x.i64(USER_CS));
  x.set(layout.RSP, x.sub(x.get(layout.RSP), x.i64(bits / 4)));
  x.terminator = { kind: "indirect", target, isReturn: false };
});

/** The words on the stack from rsp on, each of the operand's size. */
function stackWord(x: Emitter, n: number): Node {
  const bits = x.i.operandSize;
  return x.load(ACCESS[bits], x.onStack(x.add(x.get(layout.RSP), x.i64((n * bits) / 8))));
}

instruction("ret far", ["CB", "CA Iw"], ENDS, (x) => {
  const back = stackWord(x, 0);
  requireUserCode(x, narrow32(x, stackWord(x, 1)));
  const target = x.requireCanonical(wide(x, back));
  const dropped = x.i.row.operands.length > 0 ? x.extendU(x.immediate(16)) : x.i64(0);
  x.set(layout.RSP, x.add(x.add(x.get(layout.RSP), x.i64(x.i.operandSize / 4)), dropped));
  x.terminator = { kind: "indirect", target, isReturn: false };
});

/** IF and IOPL stay as they are. */
const RESTORED = layout.TF | layout.DF | layout.NT | layout.RF | layout.AC | layout.ID;
instruction("iret", ["CF"], { ...ENDS, writes: "OSZAPC" }, (x) => {
  const [ip, cs, image, sp, ss] = [0, 1, 2, 3, 4].map((n) => stackWord(x, n));
  const system = x.stateLoad(layout.OFFSET_SYSTEM_FLAGS, LOAD32);
  x.trapWhen(x.and(system, x.i32(layout.NT)), GENERAL_PROTECTION);
  requireUserCode(x, narrow32(x, cs));
  const stackSelector = x.and(narrow32(x, ss), x.i32(0xffff));
  x.trapWhen(x.ne(stackSelector, x.i32(USER_DS)), GENERAL_PROTECTION);
  const target = x.requireCanonical(wide(x, ip));
  x.set(layout.RSP, wide(x, sp));
  const value = narrow32(x, image);
  const restored = x.i.operandSize === 16 ? RESTORED & 0xffff : RESTORED;
  const kept = x.and(system, x.i32(~restored));
  x.stateStore(layout.OFFSET_SYSTEM_FLAGS, LOAD32, x.or(kept, x.and(value, x.i32(restored))));
  x.setLazy(flags.EXPLICIT, 8, x.and(value, x.i32(layout.ARITHMETIC_FLAGS)));
  // Compiled code does not look at these: it is left after microcode.
  x.when(x.and(value, x.i32(layout.TF | layout.AC)), () => x.microcode(() => {}));
  x.terminator = { kind: "indirect", target, isReturn: false };
});
