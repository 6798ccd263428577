// Argument types of the memory calls: mapping types and flags, page vectors, node masks.
import { type ArgumentType, onReturn, variant } from "./argument.js";
import { memfdFlags as memfdFlagTable } from "./constants/files.js";
import {
  MAP_ANONYMOUS,
  MAP_HUGE_MASK,
  MAP_HUGE_SHIFT,
  MAP_TYPE,
  MREMAP_FIXED,
  mapFlags as mapFlagTable,
  mapTypes,
  membarrierCommandFlags,
  mempolicyModeFlags,
  mempolicyModes,
} from "./constants/memory.js";
import { hex, unsignedDecimal, unsignedNumber } from "./digits.js";
import { wordSize } from "./memory.js";
import { filledIn, showAddress } from "./scalars.js";
import { showError } from "./seccomp-notices.js";
import type { ShowContext } from "./show.js";
import { showArray } from "./struct.js";
import { enumeration, type FlagSet, showEnumeration, showFlags, showNamed } from "./tables.js";

/** Names of the flags in `value`, then what is left in hex. */
function namesOf(table: FlagSet, value: number): string[] {
  let rest = value;
  const names: string[] = [];
  for (let i = 0; i < table.names.length && rest !== 0; i++) {
    const bits = table.low[i] as number;
    if ((rest & bits) !== bits) continue;
    rest &= ~bits;
    names.push(table.names[i] as string);
  }
  if (rest !== 0) names.push(hex(rest));
  return names;
}

/** Takes the page-size field out of flags, huge pages or not. */
function split(flags: number, shiftName: string): { rest: number; size: string | undefined } {
  const size = (flags >>> MAP_HUGE_SHIFT) & MAP_HUGE_MASK;
  if (size === 0) return { rest: flags, size: undefined };
  return { rest: flags & ~(MAP_HUGE_MASK << MAP_HUGE_SHIFT), size: `${size}<<${shiftName}` };
}

/** mmap's flags: the type, then the flags. */
export const mapFlags: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => {
    const type = low & MAP_TYPE;
    const { rest, size } = split(low & ~MAP_TYPE, "MAP_HUGE_SHIFT");
    const name = mapTypes.names.get(type);
    const first = name ?? (type === 0 ? "MAP_FILE" : `${hex(type)} /* MAP_??? */`);
    const parts = [first, ...namesOf(mapFlagTable, rest)];
    if (size !== undefined) parts.push(size);
    showNamed(c, hex(low), parts.join("|"));
  },
};

export const isAnonymous = (c: ShowContext): boolean => (c.low("flags") & MAP_ANONYMOUS) !== 0;

export const memfdFlags: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => {
    const { rest, size } = split(low, "MFD_HUGE_SHIFT");
    const parts = namesOf(memfdFlagTable, rest);
    if (parts.length === 1 && parts[0] === hex(rest)) parts[0] += " /* MFD_??? */";
    if (size !== undefined) parts.push(size);
    if (parts.length === 0) c.out.number("0");
    else showNamed(c, hex(low), parts.join("|"));
  },
};

const PAGE = 4096;

/** mincore's answer: one byte a page. */
export const pageVectorOut: ArgumentType<number> = filledIn({
  receive: unsignedNumber,
  show: (c, low, high) =>
    showArray(c, low, high, Math.ceil(c.unsigned("length") / PAGE), 1, (_, view) =>
      c.out.number((view.getUint8(0) & 1).toString()),
    ),
});

const MPOL_MODE_FLAGS = 0xe000;

/** A policy's mode with its flags; what is left of a mode unknown is one more flag. */
export const longPolicyMode: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => {
    const flags = low & MPOL_MODE_FLAGS;
    const mode = low & ~MPOL_MODE_FLAGS;
    const name = high === 0 ? mempolicyModes.names.get(mode) : undefined;
    if (flags === 0) showEnumeration(c, mempolicyModes, mode, high);
    else if (name === undefined) showFlags(c, mempolicyModeFlags, low, high);
    else showNamed(c, hex(low), [name, ...namesOf(mempolicyModeFlags, flags)].join("|"));
  },
};
export const policyMode = variant(longPolicyMode, { show: (c, low) => longPolicyMode.show(c, low, 0) });

/** A mask of memory nodes, a word at a time. `bits` is one more than there are, and 0 is an empty list to strace, failed call or not. */
export function nodeMask(bits: string, atExit: boolean): ArgumentType<number> {
  const type: ArgumentType<number> = {
    receive: unsignedNumber,
    show: (c, low, high) => {
      const word = wordSize(c);
      const count = c.unsigned(bits);
      const words = count >= 2 ** 64 ? 0 : Math.max(Math.ceil((count - 1) / (8 * word)), 0);
      if (count > 0 && (words === 0 || (atExit && c.failed))) {
        showAddress(c, low, high);
        return;
      }
      showArray(c, low, high, words, word, (_, view) => {
        const highHalf = word === 8 ? view.getInt32(4, true) : 0;
        const digits = hex(view.getInt32(0, true), highHalf);
        c.out.number(digits === "0" ? "0".repeat(word * 2) : `0x${digits.slice(2).padStart(word * 2 - 2, "0")}`);
      });
    },
  };
  return atExit ? onReturn(type) : type;
}

/** An array of `count` longs (8) or ints (4). */
export function numberArray(
  count: string,
  size: 4 | 8,
  form: "decimal" | "hex" | "address" | "error",
  atExit = false,
): ArgumentType<number> {
  const type: ArgumentType<number> = {
    receive: unsignedNumber,
    show: (c, low, high) => {
      const width = size === 8 ? wordSize(c) : 4;
      showArray(c, low, high, c.unsigned(count), width, (_, view) => {
        const first = view.getInt32(0, true);
        const second = width === 8 ? view.getInt32(4, true) : 0;
        if (form === "address") showAddress(c, first, second);
        else if (form === "error") showError(c, first);
        else if (form === "hex") c.out.number(hex(first, second));
        else c.out.number(size === 4 ? first.toString() : unsignedDecimal(first, second));
      });
    },
  };
  return atExit ? filledIn(type) : type;
}

/** Whether mremap's fifth argument means anything. */
export const movesTo = (c: ShowContext): boolean => (c.low("flags") & MREMAP_FIXED) !== 0;

/** membarrier's command: a set in all but QUERY, which is 0. */
/** One command; several bits are none. */
export const membarrierCommand: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => {
    if ((low & (low - 1)) === 0) showFlags(c, membarrierCommandFlags, low);
    else showEnumeration(c, enumeration(membarrierCommandFlags.unknown, {}), low);
  },
};
