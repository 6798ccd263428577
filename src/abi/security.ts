// Argument types of keyrings and security modules.
import { type ArgumentType, dependent } from "./argument.js";
import {
  keyPermissions,
  keyrings,
  landlockFsAccess,
  landlockNetAccess,
  landlockScopes,
  lsmIds,
} from "./constants/security.js";
import { unsignedNumber } from "./digits.js";
import { extensibleIn } from "./extensible.js";
import {
  address,
  filledIn,
  flagsOf,
  hexLong,
  int,
  long,
  longFlagsOf,
  showAddress,
  unsignedInt,
  unsignedLong,
  userId,
} from "./scalars.js";
import { bytesIn, bytesOut, showBuffer, showHexBytes, string } from "./strings.js";
import { type Fields, type Struct, showArray, showPointed, struct, u64 } from "./struct.js";
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

const landlockRuleset = struct({
  handled_access_fs: u64(longFlagsOf(landlockFsAccess)),
  handled_access_net: u64(longFlagsOf(landlockNetAccess)),
  scoped: u64(longFlagsOf(landlockScopes)),
  quiet_access_fs: u64(longFlagsOf(landlockFsAccess)),
  quiet_access_net: u64(longFlagsOf(landlockNetAccess)),
  quiet_scoped: u64(longFlagsOf(landlockScopes)),
});
export const landlockAttributes = extensibleIn(landlockRuleset as Struct<Fields>, {
  minimum: 8,
  size: (c) => c.unsigned("size"),
  tail: "ellipsis",
});

const lsmId: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) =>
    lsmIds.names.has(low) && high === 0 ? showEnumeration(c, lsmIds, low) : hexLong.show(c, low, high),
};
const lsmContext = struct({ id: u64(lsmId), flags: u64(hexLong), len: u64(), ctx_len: u64() });

/** struct lsm_ctx: its header, and what of the context lies within the size given. */
export const lsmContextIn: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => {
    const size = c.unsigned("size");
    if (size < lsmContext.size()) {
      showAddress(c, low, high);
      return;
    }
    showPointed(c, low, high, lsmContext.size(), (_, view) => {
      c.out.punct("{");
      lsmContext.showFields(c, view, Object.keys(lsmContext.fields));
      const length = Math.min(size - lsmContext.size(), lsmContext.get(view, "ctx_len"));
      const context =
        length > 0
          ? c.tracee.peek(unsignedNumber(low, high) + lsmContext.size(), Math.min(length, MAX_CONTEXT))
          : undefined;
      if (length > 0) {
        c.out.punct(", ");
        c.out.name("ctx");
        c.out.punct("=");
        if (context === undefined) c.out.comment("???");
        else showHexBytes(c, context);
      }
      c.out.punct("}");
    });
  },
};
const MAX_CONTEXT = 4096;

/** The ids of the security modules, as many as were returned. */
export const lsmIdsOut: ArgumentType<number> = filledIn({
  receive: unsignedNumber,
  show: (c, low, high) =>
    showArray(c, low, high, c.result(), 8, (_, view) => lsmId.show(c, view.getInt32(0, true), view.getInt32(4, true))),
});
