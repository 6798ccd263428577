// How a block ends.
import type { Node } from "../ir/node.js";

/** Targets are guest addresses. */
export type Terminator =
  | { kind: "jump"; target: number }
  | { kind: "branch"; condition: Node; target: number; otherwise: number }
  | { kind: "indirect"; target: Node; isReturn: boolean }
  | { kind: "call"; target: number; next: number }
  | { kind: "callIndirect"; target: Node; next: number }
  /** Stops with rip at the instruction: an exception vector or a TRAP_ code. */
  | { kind: "trap"; trap: number; length: number };
