// Flags of a lazy state by interpreting the IR that defines them; each operation's IR is made once.

import { I64 } from "../../wasm/module-builder.js";
import { Builder } from "../ir/builder.js";
import { CC_A, CC_B, CC_C, CONST, GET, type Node, PURE } from "../ir/node.js";
import { allFlags, storedFlags } from "../x86/flags.js";
import { evaluate } from "./evaluate.js";
import type { Value } from "./values.js";

const cache = new Map<number, Node[]>();

export function evaluateFlags(operation: number, a: bigint, b: bigint, c: bigint): number {
  let nodes = cache.get(operation);
  if (!nodes) {
    const builder = new Builder();
    allFlags(builder, storedFlags(builder, operation));
    nodes = builder.nodes;
    cache.set(operation, nodes);
  }
  const registers: Record<number, bigint> = { [CC_A]: a, [CC_B]: b, [CC_C]: c };
  const values: Value[] = [];
  let last: Value = 0;
  for (const node of nodes) {
    if (node.kind === CONST) last = constant(node);
    else if (node.kind === GET) last = registers[node.low];
    else if (node.kind === PURE) last = evaluate(node, values);
    values[node.index] = last;
  }
  return last as number;
}

export function constant(node: Node): Value {
  if (node.type !== I64) return node.low;
  return (BigInt(node.high >>> 0) << 32n) | BigInt(node.low >>> 0);
}
