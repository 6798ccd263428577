// Types of the functions that compiled code calls and is.
import { F32, F64, I32, I64, V128, type ValueType } from "../../wasm/module-builder.js";
import type { ImportName } from "./sites.js";

/**
 * A region, and `invoke`: (guest calls nested below it, fuel) -> WHERE, fuel. WHERE is the address a guest return went to, or minus a
 * status; addresses that are not above 0 go by rip and STATUS_JUMP.
 */
export const FUNCTION: readonly [readonly ValueType[], readonly ValueType[]] = [
  [I32, I32],
  [I64, I32],
];

/** Its parameters. */
export const DEPTH = 0;
export const FUEL = 1;

export const INVOKE_SLOT: typeof FUNCTION = [[I32, ...FUNCTION[0]], FUNCTION[1]];

export const TRANSLATE: (typeof SIGNATURES)[ImportName] = [[I64, I32, I32], [I32]];

export const SIGNATURES: Readonly<Record<ImportName, readonly [readonly ValueType[], readonly ValueType[]]>> = {
  translateRead: TRANSLATE,
  translateWrite: TRANSLATE,
  raise: [[I32], []],
  microcode: [[I32], [I32]],
  invoke: FUNCTION,
  flags: [[I32, I64, I64, I64], [I32]],
  nan64: [[F64, F64, F64], [F64]],
  nan32: [[F32, F32, F32], [F32]],
  nan64x2: [[V128, V128, V128], [V128]],
  nan32x4: [[V128, V128, V128], [V128]],
  x87: [[I32], [I32]],
};
