// Argument types of keyrings and security modules.
import { type ArgumentType, dependent } from "./argument.js";
import { keyrings, landlockFsAccess } from "./constants/security.js";
import { address, hexLong, long, longFlagsOf, userId } from "./scalars.js";
import { bytesOut, string } from "./strings.js";
import { showPointed, struct, u64 } from "./struct.js";
import { showEnumeration } from "./tables.js";

/** A key: one of the special keyrings, or its serial number. */
export const keySerial: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => {
    if (keyrings.names.has(low)) showEnumeration(c, keyrings, low, 0, "decimal");
    else c.out.number(low.toString());
  },
};

export const keyResult: ArgumentType<number> = { receive: (low) => low, show: long.show };

const operationArguments: Readonly<Record<number, readonly ArgumentType<unknown>[]>> = {
  0: [keySerial, long],
  1: [string],
  2: [keySerial, address, hexLong],
  3: [keySerial],
  4: [keySerial, userId, userId],
  6: [keySerial, bytesOut, hexLong],
  7: [keySerial],
  8: [keySerial, keySerial],
  9: [keySerial, keySerial],
  10: [keySerial, string, string, keySerial],
  11: [keySerial, bytesOut, hexLong],
  14: [keySerial],
  18: [],
  21: [keySerial],
};
const unknownOperation = [hexLong, hexLong, hexLong, hexLong];

/** Argument `index` after keyctl's operation. */
export function keyctlArgument(index: number): ArgumentType<number> {
  return dependent(hexLong, (c) => (operationArguments[c.low("operation")] ?? unknownOperation)[index]);
}

const landlockRuleset = struct({ handled_access_fs: u64(longFlagsOf(landlockFsAccess)) });

export const landlockAttributes: ArgumentType<number> = {
  receive: (low, high) => high * 2 ** 32 + (low >>> 0),
  show: (c, low, high) => {
    if (c.unsigned("size") < 8) address.show(c, low, high);
    else showPointed(c, low, high, 8, (_, view) => landlockRuleset.show(c, view));
  },
};
