// Segment registers, descriptors as a program can ask about them, and far transfers, which may change the mode. SDM vol. 2.
import { GENERAL_PROTECTION, INVALID_OPCODE, PAGE_FAULT, PF_USER, PF_WRITE } from "../../../machine/processor.js";
import * as layout from "../../../machine/state-layout.js";
import { LONG } from "../../code-address.js";
import { Exception } from "../../core.js";
import { LOAD16, LOAD32, LOAD64 } from "../../ir/builder.js";
import type { Node } from "../../ir/node.js";
import {
  codeMode,
  type Descriptor,
  dataMode,
  descriptorOf,
  isReadable,
  isVisible,
  isWritable,
  limitOf,
  loadSegment,
  rightsOf,
} from "../descriptors.js";
import type { Emitter } from "../emitter.js";
import * as flags from "../flags.js";
import { instruction } from "../opcode-table.js";
import { CS, DS, ES, FS, GS, SS, segmentBase } from "../segments.js";
import { ACCESS } from "../vector-emitter.js";

const SELECTOR = layout.OFFSET_SCRATCH;
const RESULT = layout.OFFSET_SCRATCH + 8;
const TARGET = layout.OFFSET_SCRATCH + 16;

function setSegment(x: Emitter, segment: number, selector: Node): void {
  x.stateStore(SELECTOR, LOAD32, selector);
  x.runMicrocode((core) => loadSegment(core, segment, core.state32(SELECTOR) & 0xffff));
}

/** After a segment register was loaded: in compatibility mode code is to be of the mode that the data segments make. */
function afterLoad(x: Emitter, segment: number): void {
  if (x.is64 || segment >= FS) return;
  x.runMicrocode((core) => core.setState64(TARGET, BigInt(dataMode(core))));
  const target = x.or(x.stateLoad(TARGET, LOAD64), x.extendU(x.wrap(x.nextAddress())));
  x.terminator = { kind: "indirect", target, isReturn: false };
}

instruction("mov", ["8C /r Ev,Sw"], {}, (x) => {
  const selector = x.stateLoad(layout.OFFSET_SELECTORS + (x.i.reg & 7) * 4, LOAD32);
  if ((x.i.reg & 7) > GS) return x.trap(INVALID_OPCODE);
  if (x.i.isMemory) x.store(LOAD16, x.effectiveAddress(), selector);
  else x.setRegister(x.i.rm, x.i.operandSize, x.i.operandSize === 64 ? x.extendU(selector) : selector);
});

instruction("mov sreg", ["8E /r Sw,Ew"], { memory: true }, (x) => {
  const segment = x.i.reg & 7;
  if (segment === CS || segment > GS) return x.trap(INVALID_OPCODE);
  setSegment(x, segment, x.read(1));
  afterLoad(x, segment);
});

for (const [name, segment, push, pop] of [
  ["es", ES, "i64 06", "i64 07"],
  ["cs", CS, "i64 0E", undefined],
  ["ss", SS, "i64 16", "i64 17"],
  ["ds", DS, "i64 1E", "i64 1F"],
  ["fs", FS, "0F A0", "0F A1"],
  ["gs", GS, "0F A8", "0F A9"],
] as const) {
  instruction(`push ${name}`, [push], { default64: true, memory: true }, (x) => {
    const selector = x.stateLoad(layout.OFFSET_SELECTORS + segment * 4, LOAD32);
    x.push(x.i.operandSize === 64 ? x.extendU(selector) : selector);
  });
  if (!pop) continue;
  instruction(`pop ${name}`, [pop], { default64: true, memory: true }, (x) => {
    const selector = x.rawLoad(LOAD16, x.translate(x.stackAddress(x.stackTop()), x.stackBytes, false));
    setSegment(x, segment, selector);
    x.set(layout.RSP, x.stackTop(x.stackBytes));
    afterLoad(x, segment);
  });
}

/** A far pointer: the offset, of the operand's size, then the selector. */
for (const [name, row, segment] of [
  ["les", "i64 C4 /r mem Gv,M", ES],
  ["lds", "i64 C5 /r mem Gv,M", DS],
  ["lss", "0F B2 /r mem Gv,M", SS],
  ["lfs", "0F B4 /r mem Gv,M", FS],
  ["lgs", "0F B5 /r mem Gv,M", GS],
] as const)
  instruction(name, [row], { memory: true }, (x) => {
    const bits = x.bits(0);
    const { offset, selector } = farPointer(x, bits);
    x.stateStore(RESULT, ACCESS[bits], offset);
    setSegment(x, segment, selector);
    x.write(0, x.stateLoad(RESULT, ACCESS[bits]));
    afterLoad(x, segment);
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
    const descriptor = descriptorOf(core.descriptors, core.state32(SELECTOR) & 0xffff);
    const yes = descriptor !== undefined && isVisible(descriptor) && found(descriptor);
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
describe("lar", "02", rightsOf);
describe("lsl", "03", limitOf);
instruction("verr", ["0F 00 /4 Ew"], ZERO_FLAG, (x) => {
  lookUp(x, x.read(0), isReadable);
});
instruction("verw", ["0F 00 /5 Ew"], ZERO_FLAG, (x) => {
  lookUp(x, x.read(0), isWritable);
});

// ---- what UMIP keeps from programs and Linux answers with constants (arch/x86/kernel/umip.c): only the operand's bytes are written

const TSS_SELECTOR = 0x40;
const CR0_STATE = 0x80050033;

/** As copy_to_user does: up to a page that is missing, and the fault names the operand. */
function copyToUser(x: Emitter, bytes: Uint8Array): void {
  // Linux adds the base of a segment to the offset without cutting the sum.
  const { segment } = x.i;
  const isBased = !x.is64 && segment >= FS;
  x.stateStoreScratch(isBased ? x.add(x.offset(), x.stateLoad(segmentBase(segment), LOAD64)) : x.effectiveAddress());
  // The kernel writes wherever the program could.
  x.microcode((core) => {
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
    const bytes = new Uint8Array(x.is64 ? 10 : 6);
    const view = new DataView(bytes.buffer);
    view.setUint32(2, base, true);
    if (x.is64) view.setUint32(6, 0xffff_ffff, true);
    copyToUser(x, bytes);
  });
tableRegister("sgdt", "0F 01 /0 mem M", 0xfffe0000);
tableRegister("sidt", "0F 01 /1 mem M", 0xffff0000);

// ---- far transfers

const ENDS = { ends: true, memory: true };

/**
 * The code address of an offset (i64) in the code segment of a selector (i32); a segment that is not user code, or an address that cannot be, is #GP.
 * A return's selector must have user mode's RPL.
 */
function farTarget(x: Emitter, offset: Node, selector: Node, returns: boolean): Node {
  x.stateStore(SELECTOR, LOAD32, selector);
  x.stateStore(TARGET, LOAD64, offset);
  x.runMicrocode((core) => {
    const mode = codeMode(core, core.state32(SELECTOR) & 0xffff, returns);
    const high = core.state32(TARGET + 4);
    const isAddress = mode === LONG ? high >>> 15 === 0 || high >> 15 === -1 : high === 0;
    if (!isAddress) throw new Exception(GENERAL_PROTECTION);
    if (mode !== LONG) core.setState32(TARGET + 4, mode / 0x1_0000_0000);
  });
  return x.stateLoad(TARGET, LOAD64);
}

/** Goes to the target in the segment of `selector`. */
function transfer(x: Emitter, target: Node, selector: Node): void {
  const own = x.or(x.and(selector, x.i32(0xfffc)), x.i32(3));
  x.stateStore(layout.OFFSET_SELECTORS + CS * 4, LOAD32, own);
  x.terminator = { kind: "indirect", target, isReturn: false };
}
const wide = (x: Emitter, value: Node) => x.toI64(value, x.i.operandSize, false);
const narrow32 = (x: Emitter, value: Node) => (x.i.operandSize === 64 ? x.wrap(value) : value);

/** The far pointer in the code: offset, then selector. */
const immediatePointer = (x: Emitter) => ({
  offset: x.immediate(x.i.operandSize),
  selector: x.i32(x.i.immediate2 & 0xffff),
});
const memoryPointer = (x: Emitter) => farPointer(x, x.i.operandSize);

for (const [row, pointer] of [
  ["FF /5 mem M", memoryPointer],
  ["i64 EA Iz,Iw", immediatePointer],
] as const)
  instruction("jmp far", [row], ENDS, (x) => {
    const { offset, selector } = pointer(x);
    transfer(x, farTarget(x, wide(x, offset), selector, false), selector);
  });

for (const [row, pointer] of [
  ["FF /3 mem M", memoryPointer],
  ["i64 9A Iz,Iw", immediatePointer],
] as const)
  instruction("call far", [row], ENDS, (x) => {
    const bits = x.i.operandSize;
    const { offset, selector } = pointer(x);
    const target = farTarget(x, wide(x, offset), selector, false);
    const top = x.stackTop(-bits / 4);
    const linear = x.translate(x.stackAddress(top), bits / 4, true);
    const own = x.stateLoad(layout.OFFSET_SELECTORS + CS * 4, LOAD32);
    x.rawStore(ACCESS[bits], linear, x.returnAddress(bits / 8));
    x.rawStore(ACCESS[bits], x.add(linear, x.i32(bits / 8)), bits === 64 ? x.extendU(own) : own);
    x.set(layout.RSP, top);
    transfer(x, target, selector);
  });

/** The words on the stack from rsp on, each of the operand's size. */
function stackWord(x: Emitter, n: number): Node {
  const bits = x.i.operandSize;
  return x.load(ACCESS[bits], x.stackAddress(x.stackTop((n * bits) / 8)));
}

instruction("ret far", ["CB", "CA Iw"], ENDS, (x) => {
  const back = stackWord(x, 0);
  const selector = narrow32(x, stackWord(x, 1));
  const target = farTarget(x, wide(x, back), selector, true);
  const dropped = x.i.row.operands.length > 0 ? x.extendU(x.immediate(16)) : x.i64(0);
  x.set(layout.RSP, x.stackOffset(x.add(x.stackTop(x.i.operandSize / 4), dropped)));
  transfer(x, target, selector);
});

const USER_DS = 0x2b;
/** IF and IOPL stay as they are. */
const RESTORED = layout.TF | layout.DF | layout.NT | layout.RF | layout.AC | layout.ID;
instruction("iret", ["CF"], { ...ENDS, writes: "OSZAPC" }, (x) => {
  const [ip, cs, image] = [0, 1, 2].map((n) => stackWord(x, n));
  // Only in 64-bit mode the stack is among what it returns to.
  const [sp, ss] = x.is64 ? [3, 4].map((n) => stackWord(x, n)) : [];
  const system = x.stateLoad(layout.OFFSET_SYSTEM_FLAGS, LOAD32);
  x.trapWhen(x.and(system, x.i32(layout.NT)), GENERAL_PROTECTION);
  const value = narrow32(x, image);
  // Compiled code does not look at these, and would go on at the target.
  x.interpretWhen(x.and(value, x.i32(layout.TF | layout.AC)));
  const selector = narrow32(x, cs);
  if (ss) {
    const stackSelector = x.and(narrow32(x, ss), x.i32(0xffff));
    x.trapWhen(x.ne(stackSelector, x.i32(USER_DS)), GENERAL_PROTECTION);
  }
  const target = farTarget(x, wide(x, ip), selector, true);
  x.set(layout.RSP, sp ? wide(x, sp) : x.stackTop((3 * x.i.operandSize) / 8));
  const restored = x.i.operandSize === 16 ? RESTORED & 0xffff : RESTORED;
  const kept = x.and(system, x.i32(~restored));
  x.stateStore(layout.OFFSET_SYSTEM_FLAGS, LOAD32, x.or(kept, x.and(value, x.i32(restored))));
  x.setLazy(flags.EXPLICIT, 8, x.and(value, x.i32(layout.ARITHMETIC_FLAGS)));
  transfer(x, target, selector);
});
