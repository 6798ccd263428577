// Moves between registers and memory. SDM vol. 2: MOV MOVZX MOVSX MOVSXD LEA XCHG CMOVcc SETcc PUSH POP CBW CWD BSWAP MOVBE XLAT LAHF SAHF.
import * as layout from "../../../machine/state-layout.js";
import { I64 } from "../../../wasm/module-builder.js";
import { LOAD8, LOAD32 } from "../../ir/builder.js";
import type { Node } from "../../ir/node.js";
import type { Emitter } from "../emitter.js";
import * as flags from "../flags.js";
import { CONDITIONS, instruction } from "../opcode-table.js";
import { ACCESS } from "../vector-emitter.js";

instruction(
  "mov",
  [
    "88 /r Eb,Gb",
    "89 /r Ev,Gv",
    "8A /r Gb,Eb",
    "8B /r Gv,Ev",
    "A0 AL,Ob",
    "A1 rAX,Ov",
    "A2 Ob,AL",
    "A3 Ov,rAX",
    "B0+r Zb,Ib",
    "B8+r Zv,Iv",
    "C6 /0 Eb,Ib",
    "C7 /0 Ev,Iz",
  ],
  {},
  (x) => x.write(0, x.read(1)),
);

instruction("movzx", ["0F B6 /r Gv,Eb", "0F B7 /r Gv,Ew"], {}, (x) => {
  const value = x.read(1);
  x.write(0, x.bits(0) === 64 ? x.extendU(value) : value);
});

instruction("movsx", ["0F BE /r Gv,Eb", "0F BF /r Gv,Ew"], {}, (x) => {
  const value = x.signExtend32(x.read(1), x.bits(1));
  x.write(0, x.bits(0) === 64 ? x.extendS(value) : x.cut(value, x.bits(0)));
});

instruction("movsxd", ["o64 W1 63 /r Gv,Ed", "o64 W0 63 /r Gv,Ev"], {}, (x) => {
  const value = x.read(1);
  x.write(0, x.bits(0) === 64 ? x.extendS(value) : value);
});

instruction("lea", ["8D /r mem Gv,M"], {}, (x) => {
  const address = x.offset();
  x.write(0, x.bits(0) === 64 ? address : x.cut(x.wrap(address), x.bits(0)));
});

instruction("xchg", ["86 /r Eb,Gb", "87 /r Ev,Gv"], { lock: true }, (x) => {
  const source = x.read(1);
  const { value, store } = x.destination(0);
  x.write(1, value);
  store(source);
});

/** Of r8 too. */
instruction("pause", ["F3 90"], {}, () => {});
instruction("xchg", ["90+r Zv,rAX"], { byNumber: true }, (x) => {
  if (x.i.rm === 0) return; // NOP
  const first = x.read(0);
  const second = x.read(1);
  x.write(0, second);
  x.write(1, first);
});

instruction(
  "nop",
  [
    "0F 1F /r Ev",
    "0F 18 /r Ev",
    "0F 19 /r Ev",
    "0F 1A /r Ev",
    "0F 1B /r Ev",
    "0F 1C /r Ev",
    "0F 1D /r Ev",
    "0F 1E /r Ev",
    "0F 0D /r Ev",
  ],
  {},
  () => {},
);

CONDITIONS.forEach((name, code) => {
  const digit = code.toString(16).toUpperCase();
  const reads = ["O", "C", "Z", "CZ", "S", "P", "SO", "SOZ"][code >> 1];
  instruction(`cmov${name}`, [`0F 4${digit} /r Gv,Ev`], { reads }, (x) => {
    const source = x.read(1);
    x.write(0, x.select(x.condition(code), source, x.read(0)));
  });
  instruction(`set${name}`, [`0F 9${digit} /r Eb`], { reads }, (x) => x.write(0, x.condition(code)));
});

instruction("push", ["50+r Zv", "FF /6 Ev"], { default64: true, memory: true }, (x) => x.push(x.read(0)));
instruction("push", ["68 Iz", "6A Ibs"], { default64: true, memory: true }, (x) =>
  x.push(x.immediate(x.i.operandSize)),
);

instruction("pop", ["58+r Zv"], { default64: true, memory: true }, (x) => x.write(0, x.pop()));
instruction("pop", ["8F /0 Ev"], { default64: true, memory: true }, (x) => {
  const bytes = x.stackBytes;
  const access = ACCESS[bytes * 8];
  const value = x.load(access, x.stackAddress(x.stackTop()));
  if (!x.i.isMemory) {
    x.set(layout.RSP, x.stackTop(bytes));
    return x.write(0, value);
  }
  // An address that uses rsp sees it already raised.
  const linear = x.translate(x.effectiveAddress(bytes), bytes, true);
  x.rawStore(access, linear, value);
  x.set(layout.RSP, x.stackTop(bytes));
});

/** One after the other, as their numbers say; of the stack pointer it is the value before. */
instruction("pusha", ["i64 60"], { memory: true }, (x) => {
  const bytes = x.stackBytes;
  for (let register = 0; register < 8; register++) {
    const place = x.stackAddress(x.stackTop(-(register + 1) * bytes));
    x.store(ACCESS[bytes * 8], place, x.register(register, bytes * 8, true));
  }
  x.set(layout.RSP, x.stackTop(-8 * bytes));
});
instruction("popa", ["i64 61"], { memory: true }, (x) => {
  const bytes = x.stackBytes;
  const linear = x.translate(x.stackAddress(x.stackTop()), 8 * bytes, false);
  const above = x.stackTop(8 * bytes);
  for (let register = 0; register < 8; register++) {
    if (register === layout.RSP) continue;
    const value = x.rawLoad(ACCESS[bytes * 8], x.add(linear, x.i32((7 - register) * bytes)));
    x.setRegister(register, bytes * 8, value);
  }
  x.set(layout.RSP, above);
});

instruction("pushf", ["9C"], { default64: true, memory: true, reads: "OSZAPC" }, (x) => {
  const system = x.stateLoad(layout.OFFSET_SYSTEM_FLAGS, LOAD32);
  const all = x.or(x.or(x.allFlags(), system), x.i32(2));
  const shown = x.and(all, x.i32(~layout.RF));
  x.push(x.stackBytes === 8 ? x.extendU(shown) : x.cut(shown, x.i.operandSize));
});

instruction("popf", ["9D"], { default64: true, memory: true, writes: "OSZAPC", ends: true }, (x) => {
  const popped = x.pop();
  const value = popped.type === I64 ? x.wrap(popped) : popped;
  const system = x.stateLoad(layout.OFFSET_SYSTEM_FLAGS, LOAD32);
  // At CPL 3 with IOPL 0 neither IF nor IOPL changes.
  const settable =
    x.stackBytes === 2 ? layout.TF | layout.DF | layout.NT : layout.TF | layout.DF | layout.NT | layout.AC | layout.ID;
  x.stateStore(
    layout.OFFSET_SYSTEM_FLAGS,
    LOAD32,
    x.or(x.and(system, x.i32(~settable)), x.and(value, x.i32(settable))),
  );
  x.setLazy(flags.EXPLICIT, 8, x.and(value, x.i32(layout.ARITHMETIC_FLAGS)));
  // Compiled code does not look at these: it is left after microcode.
  x.when(x.and(value, x.i32(layout.TF | layout.AC)), () => x.microcode(() => {}));
  x.jump(x.next);
});

instruction("leave", ["C9"], { default64: true, memory: true }, (x) => {
  const frame = x.stackOffset(x.get(layout.RBP));
  const bytes = x.stackBytes;
  const value = x.load(ACCESS[bytes * 8], x.stackAddress(frame));
  x.set(layout.RSP, x.stackOffset(x.add(frame, x.i64(bytes))));
  x.setRegister(layout.RBP, bytes * 8, value);
});

instruction("enter", ["C8 Iw,Iub"], { default64: true, memory: true }, (x) => {
  const { immediate, immediate2 } = x.i;
  const level = immediate2 & 31;
  const bytes = x.stackBytes;
  const access = ACCESS[bytes * 8];
  const sized = (value: Node) => (bytes === 8 ? value : x.wrap(value));
  const below = (offset: Node, distance: number) => x.stackOffset(x.sub(offset, x.i64(distance)));
  const start = below(x.get(layout.RSP), bytes);
  x.store(access, x.stackAddress(start), sized(x.get(layout.RBP)));
  let top = start;
  for (let depth = 1; depth < level; depth++) {
    const saved = x.load(access, x.stackAddress(below(x.get(layout.RBP), bytes * depth)));
    top = below(top, bytes);
    x.store(access, x.stackAddress(top), saved);
  }
  if (level > 0) {
    top = below(top, bytes);
    x.store(access, x.stackAddress(top), sized(start));
  }
  // The new stack top must be writable.
  top = below(top, immediate & 0xffff);
  x.translate(x.stackAddress(top), 1, true);
  x.setRegister(layout.RBP, bytes * 8, sized(start));
  x.set(layout.RSP, top);
});

instruction("cbw/cwde/cdqe", ["98"], {}, (x) => {
  const bits = x.i.operandSize;
  if (bits === 64) return x.set(0, x.extendS(x.register(0, 32)));
  x.setRegister(0, bits, x.signExtend32(x.register(0, bits / 2, true), bits / 2));
});

instruction("cwd/cdq/cqo", ["99"], {}, (x) => {
  const bits = x.i.operandSize;
  const value = bits === 16 ? x.signExtend32(x.register(0, 16), 16) : x.register(0, bits);
  x.setRegister(layout.RDX, bits, x.shrS(value, x.typed(bits, bits === 64 ? 63 : 31)));
});

const swapped32 = (x: Emitter, value: Node) =>
  x.or(x.and(x.rotl(value, x.i32(8)), x.i32(0x00ff00ff)), x.and(x.rotr(value, x.i32(8)), x.i32(0xff00ff00)));

function swapped(x: Emitter, value: Node, bits: number): Node {
  if (bits === 16) return x.cut(x.or(x.shl(value, x.i32(8)), x.shrU(value, x.i32(8))), 16);
  if (bits === 32) return swapped32(x, value);
  const high = x.extendU(swapped32(x, x.wrap(value)));
  const low = x.extendU(swapped32(x, x.wrap(x.shrU(value, x.i64(32)))));
  return x.or(x.shl(high, x.i64(32)), low);
}

instruction("bswap", ["0F C8+r Zv"], {}, (x) => {
  // With a 16-bit operand the result is undefined; processors write zero.
  if (x.bits(0) === 16) return x.write(0, x.i32(0));
  x.write(0, swapped(x, x.read(0), x.bits(0)));
});

instruction(
  "movbe",
  [
    "NP 0F 38 F0 /r mem Gv,Ev",
    "66 W0 0F 38 F0 /r mem Gw,Ew",
    "66 W1 0F 38 F0 /r mem Gv,Ev",
    "NP 0F 38 F1 /r mem Ev,Gv",
    "66 W0 0F 38 F1 /r mem Ew,Gw",
    "66 W1 0F 38 F1 /r mem Ev,Gv",
  ],
  { level: 3 },
  (x) => x.write(0, swapped(x, x.read(1), x.bits(0))),
);

instruction("xlat", ["D7"], { memory: true }, (x) => {
  const offset = x.cutAddress(x.add(x.addressRegister(layout.RBX), x.extendU(x.register(0, 8, true))));
  x.setRegister(0, 8, x.load(LOAD8, x.segmentAddress(offset)), true);
});

instruction("lahf", ["9F"], { reads: "SZAPC" }, (x) => {
  const low = x.or(x.and(x.allFlags(), x.i32(0xd5)), x.i32(2));
  x.set(0, x.or(x.and(x.get(0), x.i64(~0xff00, -1)), x.shl(x.extendU(low), x.i64(8))));
});

instruction("sahf", ["9E"], { writes: "SZAPC" }, (x) =>
  x.changeFlags(0xd5, () => x.and(x.wrap(x.shrU(x.get(0), x.i64(8))), x.i32(0xd5))),
);
