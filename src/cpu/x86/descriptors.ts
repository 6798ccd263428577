// Segment descriptors: where a selector leads, what may be loaded, and the mode a code segment makes. SDM vol. 3, 3.4 and 5.2 to 5.8. The fixed
// ones are those of Linux's GDT (arch/x86/include/asm/segment.h); the kernel says what is in the TLS entries and the LDT.
import {
  type DescriptorTables,
  GDT_TLS_ENTRIES,
  GDT_TLS_FIRST,
  GENERAL_PROTECTION,
  SEGMENT_NOT_PRESENT,
  STACK_FAULT,
} from "../../machine/processor.js";
import * as layout from "../../machine/state-layout.js";
import { BASED, FLAT, LONG } from "../code-address.js";
import { type Core, Exception } from "../core.js";
import { DS, ES, FS, GS, SS, segmentBase, segmentLimit } from "./segments.js";

export interface Descriptor {
  readonly low: number;
  readonly high: number;
}

// Bits of a descriptor's second word.
const WRITABLE_OR_READABLE = 1 << 9;
const CONFORMING = 1 << 10;
const EXPAND_DOWN = 1 << 10; // of data
const CODE = 1 << 11;
const NO_SYSTEM = 1 << 12;
const PRESENT = 1 << 15;
const LONG_MODE = 1 << 21;
const DEFAULT_32 = 1 << 22;
const PAGES = 1 << 23;
const RIGHTS = 0xffff00;
const USER = 3;
const privilegeOf = ({ high }: Descriptor) => (high >> 13) & 3;

/** Those of the GDT that user mode may see, by index: 32-bit code, data, 64-bit code, the number of the processor. */
const FIXED: ReadonlyMap<number, Descriptor> = new Map([
  [4, { low: 0xffff, high: 0x00cffb00 }],
  [5, { low: 0xffff, high: 0x00cff300 }],
  [6, { low: 0xffff, high: 0x00affb00 }],
  [15, { low: 0, high: 0x0040f500 }],
]);
const LOCAL = 4;

const entryOf = (table: Int32Array, index: number): Descriptor | undefined =>
  index >= 0 && index * 2 + 1 < table.length ? { low: table[index * 2], high: table[index * 2 + 1] } : undefined;

/** The descriptor of a segment of code or data, undefined when the selector leads to none. */
export function descriptorOf({ tls, ldt }: DescriptorTables, selector: number): Descriptor | undefined {
  const index = (selector & 0xffff) >> 3;
  const found =
    selector & LOCAL
      ? entryOf(ldt, index)
      : (FIXED.get(index) ?? entryOf(tls, index < GDT_TLS_FIRST + GDT_TLS_ENTRIES ? index - GDT_TLS_FIRST : -1));
  return found && (found.high & NO_SYSTEM) !== 0 ? found : undefined;
}

/** What LAR gives. */
export const rightsOf = ({ high }: Descriptor): number => high & RIGHTS;

/** What LSL gives: the last byte's offset. */
export function limitOf({ low, high }: Descriptor): number {
  const limit = (low & 0xffff) | (high & 0xf0000);
  return high & PAGES ? limit * 4096 + 4095 : limit;
}

/** The last offset that may be used. An expand-down segment begins behind its limit, which is not looked at. */
function lastOf(descriptor: Descriptor): number {
  const { high } = descriptor;
  if ((high & (CODE | EXPAND_DOWN)) !== EXPAND_DOWN) return limitOf(descriptor);
  return high & DEFAULT_32 ? FLAT_LIMIT : 0xffff;
}

const baseOf = ({ low, high }: Descriptor) => ((high & 0xff00_0000) | ((high & 0xff) << 16) | (low >>> 16)) >>> 0;

export const isWritable = ({ high }: Descriptor): boolean =>
  (high & (CODE | WRITABLE_OR_READABLE)) === WRITABLE_OR_READABLE;
export const isReadable = ({ high }: Descriptor): boolean => (high & CODE) === 0 || (high & WRITABLE_OR_READABLE) !== 0;
/** User mode may look at it through a selector with this RPL. */
export const isVisible = (descriptor: Descriptor): boolean =>
  privilegeOf(descriptor) === USER || (descriptor.high & (CODE | CONFORMING)) === (CODE | CONFORMING);

const isNull = (selector: number) => (selector & 0xfffc) === 0;

/** Loads a segment register other than CS; exceptions name the selector. */
export function loadSegment(core: Core, segment: number, selector: number): void {
  const descriptor = isNull(selector) && segment !== SS ? undefined : loadable(core, segment, selector);
  core.setState32(layout.OFFSET_SELECTORS + segment * 4, selector);
  core.setState32(segmentBase(segment), descriptor ? baseOf(descriptor) : 0);
  if (segment >= FS) core.setState32(segmentBase(segment) + 4, 0);
  setLimit(core, segment, descriptor ? lastOf(descriptor) : NO_LIMIT);
  const others = core.state32(layout.OFFSET_READ_ONLY) & ~(1 << segment);
  core.setState32(layout.OFFSET_READ_ONLY, descriptor && !isWritable(descriptor) ? others | (1 << segment) : others);
  core.inTrapShadow = segment === SS;
}

/** Of a null segment. */
const NO_LIMIT = -1;
const FLAT_LIMIT = 0xffff_ffff;
const setLimit = (core: Core, segment: number, limit: number) => core.setState64(segmentLimit(segment), BigInt(limit));

/** The kernel may have set selectors by itself: those of null segments, and flat ones. */
function noteSelectors(core: Core): void {
  for (const segment of [ES, SS, DS, FS, GS]) {
    const hasNone = core.state32(segmentLimit(segment) + 4) < 0;
    if (isNull(core.state32(layout.OFFSET_SELECTORS + segment * 4))) setLimit(core, segment, NO_LIMIT);
    else if (hasNone) setLimit(core, segment, FLAT_LIMIT);
  }
}

function loadable(core: Core, segment: number, selector: number): Descriptor {
  const descriptor = descriptorOf(core.descriptors, selector);
  const refuse = (vector: number) => new Exception(vector, selector & 0xfffc);
  if (!descriptor) throw refuse(GENERAL_PROTECTION);
  const isAllowed =
    segment === SS
      ? isWritable(descriptor) && privilegeOf(descriptor) === USER && (selector & 3) === USER
      : isReadable(descriptor) && isVisible(descriptor);
  if (!isAllowed) throw refuse(GENERAL_PROTECTION);
  if (!(descriptor.high & PRESENT)) throw refuse(segment === SS ? STACK_FAULT : SEGMENT_NOT_PRESENT);
  return descriptor;
}

/**
 * The mode of code in the segment of `selector`, with the data segments there are; `returns`: its RPL must be that of user mode. Segments of
 * 16-bit code, and code that does not begin at 0, are #GP here.
 */
export function codeMode(core: Core, selector: number, returns: boolean): number {
  const descriptor = descriptorOf(core.descriptors, selector);
  const refuse = (vector: number) => new Exception(vector, selector & 0xfffc);
  if (!descriptor || !(descriptor.high & CODE) || !isVisible(descriptor)) throw refuse(GENERAL_PROTECTION);
  if (returns && (selector & 3) !== USER) throw refuse(GENERAL_PROTECTION);
  if (!(descriptor.high & PRESENT)) throw refuse(SEGMENT_NOT_PRESENT);
  const size = descriptor.high & (LONG_MODE | DEFAULT_32);
  if (size === LONG_MODE) return LONG;
  if (size !== DEFAULT_32 || baseOf(descriptor) !== 0) throw refuse(GENERAL_PROTECTION);
  noteSelectors(core);
  return dataMode(core);
}

/** The mode of 32-bit code with the data segments there are. */
export const dataMode = (core: Core): number => ([ES, SS, DS].every((segment) => isFlat(core, segment)) ? FLAT : BASED);

const isFlat = (core: Core, segment: number) =>
  core.state32(segmentBase(segment)) === 0 &&
  core.state64(segmentLimit(segment)) === BigInt(FLAT_LIMIT) &&
  ((core.state32(layout.OFFSET_READ_ONLY) >> segment) & 1) === 0;
