// x87 comparisons, to the condition codes or to rflags. SDM vol. 2: FCOM, FUCOM, FCOMI, FUCOMI, FTST, FXAM.
import * as float80 from "../../../lib/float80/float80.js";
import { C0, C1, C2, C3, type Float80Result } from "../../../lib/float80/float80.js";
import * as layout from "../../../machine/state-layout.js";
import { LOAD16, LOAD32, LOAD64 } from "../../ir/builder.js";
import type { Fpu } from "../fpu.js";
import { double, fromMemory, INVALID, integer, quickly, STACK_FAULT, single, x87 } from "../x87-forms.js";
import { COMPARE, COMPARE_FLAGS, CONVERTED, FROM_FLOAT32, FROM_FLOAT64, operation } from "../x87-quick.js";

/** C3 C2 C0 for st(0) against `other`; unordered when a register is empty. */
function compare(
  fpu: Fpu,
  operands: readonly number[],
  other: () => Float80Result,
  quiet: boolean,
  pops: number,
): void {
  const { codes, stops } = comparison(fpu, operands, other, quiet);
  fpu.setCodes(C0 | C2 | C3, codes);
  for (let n = 0; n < pops && !stops; n++) fpu.pop();
}

/** The condition codes, which are set whatever is unmasked, and whether an exception keeps the instruction from popping. */
function comparison(
  fpu: Fpu,
  operands: readonly number[],
  other: () => Float80Result,
  quiet: boolean,
  keepRounding = false,
): { codes: number; stops: boolean } {
  const empty = operands.some((operand) => fpu.isEmpty(operand));
  const operand = other();
  let codes = empty ? C0 | C2 | C3 | INVALID | STACK_FAULT : float80.compare(fpu.peek(0), operand.value, quiet);
  if (!(codes & C2)) codes |= operand.status;
  return { codes, stops: fpu.raise(codes & 0x7f, keepRounding) };
}

const register = (fpu: Fpu, index: number) => () => ({ value: fpu.peek(index), status: 0 });
for (const [name, digit, pops] of [
  ["fcom", 2, 0],
  ["fcomp", 3, 1],
] as const) {
  quickly(
    name,
    [`D8 /${digit} reg Eq`, `DC /${digit} reg Eq`],
    (index) => operation(COMPARE, 0, index, 0, pops),
    (fpu, index) => compare(fpu, [0, index], register(fpu, index), false, pops),
  );
  fromMemory(
    name,
    `D8 /${digit} mem M32`,
    LOAD32,
    (fpu, bits) => compare(fpu, [0], () => single(bits), false, pops),
    "computing",
    [operation(FROM_FLOAT32), operation(COMPARE, 0, CONVERTED, 0, pops)],
  );
  fromMemory(
    name,
    `DC /${digit} mem M64`,
    LOAD64,
    (fpu, bits) => compare(fpu, [0], () => double(bits), false, pops),
    "computing",
    [operation(FROM_FLOAT64), operation(COMPARE, 0, CONVERTED, 0, pops)],
  );
  fromMemory(name.replace("f", "fi"), `DA /${digit} mem M32`, LOAD32, (fpu, bits) =>
    compare(fpu, [0], () => integer(32)(bits), false, pops),
  );
  fromMemory(name.replace("f", "fi"), `DE /${digit} mem M16`, LOAD16, (fpu, bits) =>
    compare(fpu, [0], () => integer(16)(bits), false, pops),
  );
}
quickly(
  "fcomp",
  ["DE /2 reg Eq"],
  (index) => operation(COMPARE, 0, index, 0, 1),
  (fpu, index) => compare(fpu, [0, index], register(fpu, index), false, 1),
);
quickly(
  "fcompp",
  ["DE /3 reg rm=1 Eq"],
  () => operation(COMPARE, 0, 1, 0, 2),
  (fpu) => compare(fpu, [0, 1], register(fpu, 1), false, 2),
);
quickly(
  "fucom",
  ["DD /4 reg Eq"],
  (index) => operation(COMPARE, 0, index, 0, 0),
  (fpu, index) => compare(fpu, [0, index], register(fpu, index), true, 0),
);
quickly(
  "fucomp",
  ["DD /5 reg Eq"],
  (index) => operation(COMPARE, 0, index, 0, 1),
  (fpu, index) => compare(fpu, [0, index], register(fpu, index), true, 1),
);
quickly(
  "fucompp",
  ["DA /5 reg rm=1 Eq"],
  () => operation(COMPARE, 0, 1, 0, 2),
  (fpu) => compare(fpu, [0, 1], register(fpu, 1), true, 2),
);
x87("ftst", ["D9 /4 reg rm=4 Eq"], (fpu) => compare(fpu, [0], () => ({ value: float80.zero(0), status: 0 }), false, 0));
x87("fxam", ["D9 /4 reg rm=5 Eq"], (fpu) => {
  const value = fpu.peek(0);
  const sign = value.signExponent & 0x8000 ? C1 : 0;
  fpu.setCodes(C0 | C1 | C2 | C3, fpu.isEmpty(0) ? C3 | C0 | sign : float80.examine(value));
});

for (const [name, opcode, digit, quiet, pops] of [
  ["fcomi", "DB", 6, false, 0],
  ["fcomip", "DF", 6, false, 1],
  ["fucomi", "DB", 5, true, 0],
  ["fucomip", "DF", 5, true, 1],
] as const)
  quickly(
    name,
    [`${opcode} /${digit} reg Eq`],
    (index) => operation(COMPARE_FLAGS, 0, index, 0, pops),
    (fpu, index) => {
      const { codes, stops } = comparison(fpu, [0, index], register(fpu, index), quiet, true);
      fpu.core.arithmeticFlags =
        (codes & C0 ? layout.CF : 0) | (codes & C2 ? layout.PF : 0) | (codes & C3 ? layout.ZF : 0);
      for (let n = 0; n < pops && !stops; n++) fpu.pop();
    },
    { memory: true, writes: "OSZAPC" },
  );
