// Argument types of keyrings and security modules.
import { type ArgumentType, dependent } from "./argument.js";
import { keyPermissions, keyrings, landlockFsAccess } from "./constants/security.js";
import { address, flagsOf, hexLong, int, long, longFlagsOf, unsignedInt, unsignedLong, userId } from "./scalars.js";
import { bytesIn, bytesOut, showBuffer, string } from "./strings.js";
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

/** A string the kernel filled in, and bytes of which there may be more than fit. */
const describedOut: ArgumentType<number> = {
  ...string,
  atExit: true,
  show: (c, low, high) => (c.failed ? address : string).show(c, low, high),
};
const contentsOut: ArgumentType<number> = {
  ...bytesOut,
  show: (c, low, high) => {
    if (c.failed) address.show(c, low, high);
    else showBuffer(c, low, high, Math.min(c.result(), c.unsigned("arg4")));
  },
};
const permissions: ArgumentType<number> = flagsOf(keyPermissions);

const operationArguments: Readonly<Record<number, readonly ArgumentType<unknown>[]>> = {
  0: [keySerial, int],
  1: [string],
  2: [keySerial, bytesIn("arg4"), unsignedLong],
  3: [keySerial],
  4: [keySerial, userId, userId],
  5: [keySerial, permissions],
  6: [keySerial, describedOut, unsignedLong],
  7: [keySerial],
  8: [keySerial, keySerial],
  9: [keySerial, keySerial],
  10: [keySerial, string, string, keySerial],
  11: [keySerial, contentsOut, unsignedLong],
  12: [keySerial, bytesIn("arg4"), unsignedLong, keySerial],
  13: [keySerial, unsignedInt, keySerial],
  14: [keySerial],
  15: [keySerial, unsignedInt],
  16: [keySerial],
  17: [keySerial, describedOut, unsignedLong],
  18: [],
  21: [keySerial],
  22: [userId, keySerial],
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
