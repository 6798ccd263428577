// How a block ends, and what that costs of the time slice.
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

/**
 * Fuel that a terminator at `rip` costs when it has gone to `to`. Every loop has one that costs some, and no engine decides which: so a time slice
 * ends at the same place whatever runs the code.
 */
export function fuelOf(end: Terminator, rip: number, to: number): number {
  switch (end.kind) {
    case "jump":
    case "branch":
    case "call":
      return to === end.target && to <= rip ? 1 : 0;
    case "indirect":
    case "callIndirect":
      return 1;
    case "trap":
      return 0;
  }
}
