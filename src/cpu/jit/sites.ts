// What the engine must know about a place in compiled code that can stop: which instruction it is, and its flags' operation.
import type { Microcode } from "../ir/node.js";

export interface Site {
  readonly rip: number;
  /** The instruction after it. */
  readonly next: number;
  /** The lazy flags' operation there, or -1 when the state in memory tells. */
  readonly flags: number;
  /** Memory accesses: bytes, and whether written. */
  readonly size: number;
  readonly write: boolean;
  /** The access is relative to the stack segment. */
  readonly stack: boolean;
  /** TRAP_WHEN: the exception. */
  readonly vector: number;
  /** Which microcode of its instruction is there; -1 when none is. */
  readonly microcode: number;
  /** The microcode; of code from an earlier run only when it has been looked for. */
  handler: Microcode | undefined;
}

/**
 * Functions a compiled region may import:
 * translateRead and translateWrite (address, size - 1, site) -> linear offset or -1; raise (site) notes an exception; microcode (site) -> 0, or 1 when it raised
 * one or changed code;
 * invoke (depth, fuel): a guest call to rip; flags (op, a, b, c) -> arithmetic rflags;
 * nan... (result, a, b) -> what the processor makes of NaN operands; x87 (operation) -> whether it was done.
 */
export type ImportName =
  | "translateRead"
  | "translateWrite"
  | "raise"
  | "microcode"
  | "invoke"
  | "flags"
  | "nan64"
  | "nan32"
  | "nan64x2"
  | "nan32x4"
  | "x87";
