// Argument types that are plain values: integers, addresses, sizes, modes, and values of constant tables.

import type { ArgumentType } from "./argument.js";
import { hex, octalMode, signedDecimal, signedNumber, unsignedDecimal, unsignedNumber } from "./digits.js";
import type { ShowContext } from "./show.js";
import { isI386 } from "./struct.js";
import { type Enumeration, type FlagSet, type RawForm, showEnumeration, showFlags, showNamed } from "./tables.js";

export const int: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => c.out.number(low.toString()),
};

export const unsignedInt: ArgumentType<number> = {
  receive: (low) => low >>> 0,
  show: (c, low) => c.out.number((low >>> 0).toString()),
};

/** long: lengths, offsets, results. Exact below 2^53. */
export const long: ArgumentType<number> = {
  receive: signedNumber,
  narrow: "signed",
  show: (c, low, high) => c.out.number(signedDecimal(low, high)),
};

/** 64-bit unsigned: sizes. Exact below 2^53. */
export const unsignedLong: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => c.out.number(unsignedDecimal(low, high)),
};

/** A length the kernel takes as signed and strace prints as unsigned. */
export const length: ArgumentType<number> = {
  receive: signedNumber,
  narrow: "signed",
  show: (c, low, high) => unsignedLong.show(c, low, isI386(c.abi) ? 0 : high),
};

/** `type` with 64 bits however wide a long is. */
export const wide = <T>(type: ArgumentType<T>): ArgumentType<T> => ({ ...type, narrow: "pair" });

/** loff_t. */
export const offset = wide(long);

export const hexInt: ArgumentType<number> = {
  receive: (low) => low >>> 0,
  show: (c, low) => c.out.number(hex(low)),
};

export const hexLong: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => c.out.number(hex(low, high)),
};

/** An offset in pages, told in bytes. */
export const pageOffset: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => {
    const bytes = ((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)) << 12n;
    c.out.number(bytes === 0n ? "0" : `0x${BigInt.asUintN(64, bytes).toString(16)}`);
  },
};

/** A pointer whose target is not shown. */
export const address: ArgumentType<number> = {
  receive: unsignedNumber,
  show: showAddress,
};

export function showAddress(c: ShowContext, low: number, high: number): void {
  if (low === 0 && high === 0) c.out.flag("NULL");
  else c.out.address(hex(low, high));
}

/** What the kernel fills in: printed once the call has returned, as a bare address when it failed. */
export function filledIn(type: ArgumentType<number>): ArgumentType<number> {
  return {
    ...type,
    atExit: true,
    show: (c, low, high) => (c.failed ? showAddress(c, low, high) : type.show(c, low, high)),
  };
}

export const mode: ArgumentType<number> = {
  receive: (low) => low >>> 0,
  show: (c, low) => c.out.number(octalMode(low & 0xffff)),
};

/** An octal int, as umask and IPC permissions are shown. */
export const octal: ArgumentType<number> = {
  receive: (low) => low >>> 0,
  show: (c, low) => c.out.number(octalMode(low >>> 0)),
};

export const longOctal: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) =>
    c.out.number(
      high === 0 ? octalMode(low >>> 0) : `0${((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)).toString(8)}`,
    ),
};

/** uid_t and gid_t: -1 means "leave as it is". */
export const userId: ArgumentType<number> = {
  receive: (low) => low | 0,
  show: (c, low) => c.out.number(low === -1 ? "-1" : (low >>> 0).toString()),
};

/** A 32-bit value of `table`. */
export function oneOf(table: Enumeration, rawForm: RawForm = "hex"): ArgumentType<number> {
  return { receive: (low) => low, show: (c, low) => showEnumeration(c, table, low, 0, rawForm) };
}

/** A 64-bit value of `table`. */
export function longOneOf(table: Enumeration): ArgumentType<number> {
  return { receive: unsignedNumber, show: (c, low, high) => showEnumeration(c, table, low, high) };
}

/** A 32-bit set of `table`'s flags. */
export function flagsOf(table: FlagSet): ArgumentType<number> {
  return { receive: (low) => low, show: (c, low) => showFlags(c, table, low) };
}

/** A 64-bit set of `table`'s flags; received exact below 2^53. */
export function longFlagsOf(table: FlagSet): ArgumentType<number> {
  return { receive: unsignedNumber, show: (c, low, high) => showFlags(c, table, low, high) };
}

/** dev_t as C libraries take it apart: major and minor have 32 bits each, 12 and 8 of them where dev_t once ended. */
export const device: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) =>
    showDevice(c, ((low >>> 8) & 0xfff) | (high & ~0xfff), (low & 0xff) | ((low >>> 12) & 0xfff00) | (high << 20)),
};

/** dev_t in 32 bits: 12 bits of major, 20 of minor. */
export const shortDevice: ArgumentType<number> = {
  receive: (low) => low >>> 0,
  show: (c, low) => showDevice(c, (low >>> 8) & 0xfff, (low & 0xff) | ((low >>> 12) & 0xfff00)),
};

export function showDevice(c: ShowContext, major: number, minor: number): void {
  const raw = ((major & 0xfff) << 8) | (minor & 0xff) | ((minor & 0xfff00) << 12);
  showNamed(c, hex(raw, (major & ~0xfff) | (minor >>> 20)), `makedev(${hex(major)}, ${hex(minor)})`);
}
