// AVX2 gathers: elements from addresses made of a base and a vector of indices. SDM vol. 2. An element that is loaded has its mask cleared at
// once, so that a fault in the middle leaves a state to go on from.
import { INVALID_OPCODE } from "../../../machine/processor.js";
import { type Node, XMM0, YMM_HIGH0 } from "../../ir/node.js";
import { operatorNamed } from "../../ir/operators.js";
import type { Emitter } from "../emitter.js";
import { instruction } from "../opcode-table.js";
import { ACCESS } from "../vector-emitter.js";

const op = operatorNamed;
const SHAPE: Readonly<Record<number, string>> = { 4: "i32x4", 8: "i64x2" };

const gather = (name: string, row: string, indexBytes: 4 | 8, bytes: 4 | 8) =>
  instruction(name, [row], { vsib: true }, (x) => {
    const { reg, vvvv, vectorIndex, vectorBits } = x.i;
    if (reg === vvvv || reg === vectorIndex || vvvv === vectorIndex) return x.trap(INVALID_OPCODE);
    const count = vectorBits / 8 / Math.max(indexBytes, bytes);
    const indices = [x.xmm(vectorIndex), x.ymmHigh(vectorIndex)];
    const part = (register: number, half: number) => (half === 0 ? XMM0 : YMM_HIGH0) + register;
    const masks = [x.xmm(vvvv), x.ymmHigh(vvvv)].map((mask) => signs(x, mask, bytes));
    masks.forEach((mask, half) => {
      x.set(part(vvvv, half), half === 0 || vectorBits === 256 ? mask : x.zeroVector());
    });
    const start = x.offset();
    for (let n = 0; n < count; n++) {
      const place = n % (16 / bytes);
      const half = Math.floor((n * bytes) / 16);
      const chosen = x.lane(op(`${SHAPE[bytes]}_extract_lane`), place, masks[half]);
      const destination = part(reg, half);
      x.when(bytes === 8 ? x.wrap(chosen) : chosen, () => {
        const value = x.load(ACCESS[bytes * 8], addressOf(x, start, indexOf(x, indices, n, indexBytes)));
        x.set(destination, x.lane(op(`${SHAPE[bytes]}_replace_lane`), place, x.get(destination), value));
        if (vectorBits === 128) x.setYmmHigh(reg, x.zeroVector());
      });
      const cleared = x.lane(op(`${SHAPE[bytes]}_replace_lane`), place, x.get(part(vvvv, half)), x.typed(bytes * 8, 0));
      x.set(part(vvvv, half), cleared);
    }
    finish(x, reg, vvvv, count * bytes);
  });

/** All ones where the element's top bit is set, else zeros. */
function signs(x: Emitter, mask: Node, bytes: 4 | 8): Node {
  return x.apply(op(`${SHAPE[bytes]}_gt_s`), x.zeroVector(), mask);
}

function indexOf(x: Emitter, indices: readonly Node[], n: number, bytes: 4 | 8): Node {
  const at = n * bytes;
  const index = x.lane(op(`${SHAPE[bytes]}_extract_lane`), (at % 16) / bytes, indices[at >> 4]);
  return x.shl(bytes === 4 ? x.extendS(index) : index, x.i64(x.i.scale));
}

const addressOf = (x: Emitter, start: Node, index: Node): Node => x.operandAddress(x.cutAddress(x.add(start, index)));

/** What lies beyond the `size` bytes gathered is zero, and so is the mask. */
function finish(x: Emitter, reg: number, mask: number, size: number): void {
  const low = x.xmm(reg);
  x.setXmm(
    reg,
    size === 8 ? x.shuffle(low, x.zeroVector(), [0, 1, 2, 3, 4, 5, 6, 7, 16, 16, 16, 16, 16, 16, 16, 16]) : low,
    size > 16 ? x.ymmHigh(reg) : undefined,
  );
  x.setXmm(mask, x.zeroVector());
}

for (const [integer, float, w, bytes] of [
  ["d", "ps", "W0", 4],
  ["q", "pd", "W1", 8],
] as const) {
  gather(`vpgatherd${integer}`, `VEX.66.0F38.${w} 90 /r mem Vx,M,Hx`, 4, bytes);
  gather(`vpgatherq${integer}`, `VEX.66.0F38.${w} 91 /r mem Vx,M,Hx`, 8, bytes);
  gather(`vgatherd${float}`, `VEX.66.0F38.${w} 92 /r mem Vx,M,Hx`, 4, bytes);
  gather(`vgatherq${float}`, `VEX.66.0F38.${w} 93 /r mem Vx,M,Hx`, 8, bytes);
}
