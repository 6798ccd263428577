// Capabilities and lists of groups.
import type { ArgumentType } from "./argument.js";
import { capabilities, capabilityVersions } from "./constants/security.js";
import { unsignedNumber } from "./digits.js";
import { peekView } from "./memory.js";
import { filledIn, oneOf, showAddress, userId } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { type Fields, type Struct, s32, showArray, showPointed, struct, structIn, u32 } from "./struct.js";
import { type FlagSet, flagSet, showFlags } from "./tables.js";

const capabilityHeader = struct({
  version: u32(oneOf(capabilityVersions)),
  pid: s32(),
});
export const capabilityHeaderIn = structIn(capabilityHeader as Struct<Fields>);

/** Half a capability set: bits `first` to `first` + 31. */
function capabilityHalf(first: number): FlagSet {
  const members = [...capabilities.names].filter(([number]) => number >= first && number < first + 32);
  return flagSet(
    capabilities.unknown,
    Object.fromEntries(members.map(([number, name]) => [`1<<${name}`, 2 ** (number - first)])),
  );
}
const lowCapabilities = capabilityHalf(0);
const highCapabilities = capabilityHalf(32);

function showCapabilities(c: ShowContext, low: number, high: number): void {
  if (low !== 0 || high === 0) showFlags(c, lowCapabilities, low);
  if (high === 0) return;
  if (low !== 0) c.out.punct("|");
  showFlags(c, highCapabilities, high);
}

const CAPABILITY_VERSION_2 = 0x20071026;
const CAPABILITY_VERSION_3 = 0x20080522;
const NGROUPS_MAX = 65536;

/** The three sets, low words first, high words 12 bytes on when the header's version has them. */
export const capabilityData: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => {
    const header = peekView(c.tracee, c.unsigned("hdrp"), 4);
    const version = header?.getUint32(0, true);
    const wide = version === CAPABILITY_VERSION_2 || version === CAPABILITY_VERSION_3;
    showPointed(c, low, high, wide ? 24 : 12, (_, view) => {
      for (const [i, name] of ["effective", "permitted", "inheritable"].entries()) {
        c.out.punct(i === 0 ? "{" : ", ");
        c.out.name(name);
        c.out.punct("=");
        showCapabilities(c, view.getInt32(4 * i, true), wide ? view.getInt32(12 + 4 * i, true) : 0);
      }
      c.out.punct("}");
    });
  },
};

export const capabilityDataOut: ArgumentType<number> = filledIn(capabilityData);

/** A list of ids of so many bytes: `count` of them, or as many as were returned. */
export function idList(count: string | undefined, bytes: 2 | 4 = 4): ArgumentType<number> {
  const type: ArgumentType<number> = {
    receive: unsignedNumber,
    show: (c, low, high) => {
      const length = count === undefined ? c.result() : c.low(count);
      if (length < 0 || length > NGROUPS_MAX) showAddress(c, low, high);
      else {
        showArray(c, low, high, length, bytes, (_, view) =>
          userId.show(c, bytes === 4 ? view.getInt32(0, true) : view.getInt16(0, true), 0),
        );
      }
    },
  };
  return count === undefined ? filledIn(type) : type;
}
