// What MMX has that is not also an operation on xmm registers. SDM vol. 1, 9.3; the others are declared with their SSE forms.
import * as layout from "../../../machine/state-layout.js";
import { LOAD32 } from "../../ir/builder.js";
import type { Node } from "../../ir/node.js";
import { operatorNamed } from "../../ir/operators.js";
import type { Emitter } from "../emitter.js";
import * as float from "../float-arithmetic.js";
import { compute } from "../float-operation.js";
import { instruction } from "../opcode-table.js";

const EXTRACT = operatorNamed("i64x2_extract_lane");
const REPLACE = operatorNamed("i64x2_replace_lane");

/** All registers empty again. */
instruction("emms", ["NP 0F 77"], { faults: true }, (x) => {
  x.waitX87();
  x.stateStore(layout.OFFSET_FPU_TOP, LOAD32, x.i32(0));
  x.stateStore(layout.OFFSET_FPU_TAG, LOAD32, x.i32(0));
});

// ---- conversions between singles or doubles in xmm registers and integers in mm registers. What memory holds is no mm register: CVTPI2PS
// and CVTPI2PD from there leave the x87 registers alone.

const FLOAT = { float: true };

/** The low half with zeros above: elements that raise nothing. */
const lowHalf = (x: Emitter, value: Node) =>
  x.shuffle(value, x.zeroVector(), [0, 1, 2, 3, 4, 5, 6, 7, 16, 16, 16, 16, 16, 16, 16, 16]);

instruction("cvtpi2ps", ["NP 0F 2A /r reg Vx,Qq", "NP 0F 2A /r mem Vx,Wq"], FLOAT, (x) => {
  const [integers] = x.halves(1);
  if (x.i.row.mmx) x.validateMmx(); // before #XM
  const singles = compute(x, float.SINGLES_OF_INTEGERS, integers);
  x.setXmm(x.i.reg, x.lane(REPLACE, 0, x.xmm(x.i.reg), x.lane(EXTRACT, 0, singles)));
});
instruction("cvtpi2pd", ["66 0F 2A /r reg Vx,Qq", "66 0F 2A /r mem Vx,Wq"], {}, (x) => {
  const [integers] = x.halves(1);
  x.setXmm(x.i.reg, compute(x, float.DOUBLES_OF_INTEGERS, integers));
});

for (const [name, opcode, truncate] of [
  ["cvtt", "2C", true],
  ["cvt", "2D", false],
] as const) {
  const [singles, doubles] = [float.toIntegers("f32x4", truncate), float.toIntegers("f64x2", truncate)];
  instruction(`${name}ps2pi`, [`NP 0F ${opcode} /r Pq,Wq`], FLOAT, (x) => {
    const [source] = x.halves(1);
    x.validateMmx();
    x.setHalves(0, [compute(x, singles, lowHalf(x, source))]);
  });
  instruction(`${name}pd2pi`, [`66 0F ${opcode} /r Pq,Wx`], FLOAT, (x) => {
    const [source] = x.halves(1);
    x.validateMmx();
    x.setHalves(0, [compute(x, doubles, source)]);
  });
}
