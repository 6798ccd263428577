// Jumps, calls, returns, loops and the instructions that trap. SDM vol. 2.
import * as processor from "../../../machine/processor.js";
import { RCX, RSP } from "../../../machine/state-layout.js";
import type { Node } from "../../ir/node.js";
import type { Emitter } from "../emitter.js";
import { CONDITIONS, instruction } from "../opcode-table.js";
import { ACCESS } from "../vector-emitter.js";

const ENDS = { ends: true, default64: true };
/** Bytes of a return address: in 64-bit mode always 8. */
const bytesOf = (x: Emitter) => (x.is64 ? 8 : x.stackBytes);

instruction("jmp", ["EB Jb", "E9 Jz"], ENDS, (x) => x.jump(x.relativeTarget));

instruction("jmp", ["FF /4 Ef64"], ENDS, (x) => {
  x.terminator = { kind: "indirect", target: x.codeTarget(x.read(0)), isReturn: false };
});

CONDITIONS.forEach((name, code) => {
  const digit = code.toString(16).toUpperCase();
  const reads = ["O", "C", "Z", "CZ", "S", "P", "SO", "SOZ"][code >> 1];
  instruction(`j${name}`, [`7${digit} Jb`, `0F 8${digit} Jz`], { ...ENDS, reads }, (x) => branch(x, x.condition(code)));
});

function branch(x: Emitter, condition: Node): void {
  x.terminator = { kind: "branch", condition, target: x.relativeTarget, otherwise: x.next };
}

instruction("call", ["E8 Jz"], { ...ENDS, memory: true }, (x) => {
  x.push(x.returnAddress(bytesOf(x)), bytesOf(x));
  x.terminator = { kind: "call", target: x.relativeTarget, next: x.next };
});

instruction("call", ["FF /2 Ef64"], { ...ENDS, memory: true }, (x) => {
  const callee = x.read(0);
  const bytes = bytesOf(x);
  // The return address is written before the target is looked at; rsp moves after.
  const top = x.stackTop(-bytes);
  x.store(ACCESS[bytes * 8], x.stackAddress(top), x.returnAddress(bytes));
  const target = x.codeTarget(callee);
  x.set(RSP, top);
  x.terminator = { kind: "callIndirect", target, next: x.next };
});

instruction("ret", ["C3"], { ...ENDS, memory: true }, (x) => {
  returnBy(x, 0);
});

instruction("ret", ["C2 Iw"], { ...ENDS, memory: true }, (x) => {
  returnBy(x, x.i.immediate & 0xffff);
});

function returnBy(x: Emitter, dropped: number): void {
  const bytes = bytesOf(x);
  const back = x.codeTarget(x.load(ACCESS[bytes * 8], x.stackAddress(x.stackTop())));
  x.set(RSP, x.stackTop(bytes + dropped));
  x.terminator = { kind: "indirect", target: back, isReturn: true };
}

/** rCX (ECX with a 32-bit address size) counted down; no flag changes. */
const loop = (name: string, opcode: string, reads: string, goOn: (x: Emitter) => Node | undefined) =>
  instruction(name, [`${opcode} Jb`], { ...ENDS, reads }, (x) => {
    const more = goOn(x);
    const left = x.cutAddress(x.sub(x.addressRegister(RCX), x.i64(1)));
    const notZero = x.eqz(x.eqz(left));
    const condition = more ? x.and(notZero, more) : notZero;
    x.setAddressRegister(RCX, left);
    branch(x, condition);
  });

loop("loopne", "E0", "Z", (x) => x.condition(5));
loop("loope", "E1", "Z", (x) => x.condition(4));
loop("loop", "E2", "", () => undefined);

instruction("jrcxz", ["E3 Jb"], ENDS, (x) => branch(x, x.eqz(x.addressRegister(RCX))));

instruction("syscall", ["o64 0F 05"], ENDS, (x) => x.trap(processor.TRAP_SYSCALL));
/** In compatibility mode, which one of the two is an instruction depends on the processor's maker: vendor.ts. */
instruction("syscall compat", ["i64 0F 05"], ENDS, (x) => x.trap(processor.TRAP_SYSCALL_COMPAT));
instruction("sysenter", ["i64 0F 34"], ENDS, (x) => x.trap(processor.TRAP_SYSENTER));
instruction("int3", ["CC"], ENDS, (x) => x.trap(processor.BREAKPOINT));
instruction("int", ["CD Ib"], ENDS, (x) => x.trap(processor.TRAP_INT + (x.i.immediate & 0xff)));
instruction("int1", ["F1"], ENDS, (x) => x.trap(processor.DEBUG));
instruction("ud", ["0F 0B", "0F B9 /r Gv,Ev", "0F FF /r Gv,Ev"], ENDS, (x) => x.trap(processor.INVALID_OPCODE));

/** CR0, 2, 3, 4 and 8 exist, and DR0 to 7: #GP; the others are no registers. ModRM.mod does not matter. */
const controlRegister = (name: string, rows: readonly string[], exists: (register: number) => boolean) =>
  instruction(name, rows, { ...ENDS, byNumber: true }, (x) =>
    x.trap(exists(x.i.reg) ? processor.GENERAL_PROTECTION : processor.INVALID_OPCODE),
  );
controlRegister("mov cr", ["0F 20 /r rm Gq,Eq", "0F 22 /r rm Gq,Eq"], (register) => [0, 2, 3, 4, 8].includes(register));
controlRegister("mov dr", ["0F 21 /r rm Gq,Eq", "0F 23 /r rm Gq,Eq"], (register) => register < 8);

/** Not for CPL 3. */
instruction(
  "privileged",
  [
    "F4",
    "FA",
    "FB",
    "6C",
    "6D",
    "6E",
    "6F",
    "E4 Ib",
    "E5 Ib",
    "E6 Ib",
    "E7 Ib",
    "EC",
    "ED",
    "EE",
    "EF",
    "0F 06",
    "0F 08",
    "0F 09",
    "0F 30",
    "0F 32",
    "0F 33",
    "0F 35",
    "o64 0F 07",
    "o64 0F 01 /7 reg rm=0 Eq",
    "NP 0F 01 /2 reg rm=1 Eq",
    "0F 01 /2 mem M",
    "0F 01 /3 mem M",
    "0F 01 /6 Ew",
    "0F 01 /7 mem M",
    "0F 00 /2 Ew",
    "0F 00 /3 Ew",
    "NP 0F C7 /3 mem M",
    "NP 0F C7 /5 mem M",
  ],
  ENDS,
  (x) => x.trap(processor.GENERAL_PROTECTION),
);
