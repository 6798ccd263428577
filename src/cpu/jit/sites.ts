// What the engine must know about a place in compiled code that can stop: which instruction it is, and its flags' operation.
import type { Microcode } from "../ir/node.js";

export interface Site {
  readonly rip: number;
  /** The lazy flags' operation there, or -1 when the state in memory tells. */
  readonly flags: number;
  /** Memory accesses: bytes, and whether written. */
  readonly size: number;
  readonly write: boolean;
  /** The access is relative to the stack segment. */
  readonly stack: boolean;
  /** TRAP_WHEN: the exception. */
  readonly vector: number;
  readonly handler: Microcode | undefined;
}

/** Functions every compiled region imports, in this order. */
export const IMPORTS = {
  /** (low, high, site) -> linear offset or -1. */
  translate: 0,
  /** (site): notes an exception. */
  raise: 1,
  /** (site) -> 0, or 1 when it raised an exception. */
  microcode: 2,
  /** (slot) -> status: a guest call to a known function. */
  invokeSlot: 3,
  /** () -> status: a guest call to rip. */
  invoke: 4,
  /** (op, a, b, c) -> arithmetic rflags. */
  flags: 5,
  nan64: 6,
  nan32: 7,
  nan64x2: 8,
  nan32x4: 9,
} as const;
