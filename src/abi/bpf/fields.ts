// Types of the fields of union bpf_attr.
import type { ArgumentType } from "../argument.js";
import { showInterface } from "../control-messages.js";
import { fd } from "../descriptors.js";
import { hex, unsignedNumber } from "../digits.js";
import { hexLong, showAddress } from "../scalars.js";
import type { ShowContext } from "../show.js";
import { quoted, showBuffer, showBytes, showHexBytes, string } from "../strings.js";
import { bytes, type Field, s32, showArray, u32, u64 } from "../struct.js";
import { showNamed } from "../tables.js";
import { BPF_INSN, showInstruction } from "./instructions.js";

const OBJECT_NAME = 16;
const WORD = 8;

export const descriptor = s32(fd);

export const interfaceIndex = u32({
  receive: (low) => low >>> 0,
  show: (c, low) => showInterface(c, low >>> 0),
} satisfies ArgumentType<number>);

export const kernelVersion = u32({
  receive: (low) => low >>> 0,
  show: (c, low) => showNamed(c, hex(low), `KERNEL_VERSION(${low >>> 16}, ${(low >>> 8) & 0xff}, ${low & 0xff})`),
} satisfies ArgumentType<number>);

/** A name in place, which should end in a NUL. */
export const objectName: Field = bytes(OBJECT_NAME, (c, view, offset) => {
  const all = new Uint8Array(view.buffer, view.byteOffset + offset, OBJECT_NAME);
  const end = all.indexOf(0);
  c.out.string(quoted(all.subarray(0, end < 0 ? OBJECT_NAME - 1 : end), c.style));
  if (end < 0) c.out.punct("...");
});

type ShowPointed = (c: ShowContext, low: number, high: number, count: number) => void;

/** An address whose target has as many parts as the unsigned int `distance` bytes away from it says. */
function counted(distance: number, show: ShowPointed): Field {
  return bytes(
    8,
    (c, view, offset) =>
      show(c, view.getInt32(offset, true), view.getInt32(offset + 4, true), view.getUint32(offset + distance, true)),
    8,
  );
}

/** Bytes of any kind. */
export const buffer = (distance: number): Field => counted(distance, showBuffer);

/** Bytes in hex. */
export const hexBuffer = (distance: number): Field =>
  counted(distance, (c, low, high, length) => {
    const shown = Math.min(length, c.style.stringLimit + 1);
    const found = low === 0 && high === 0 ? undefined : c.tracee.peek(unsignedNumber(low, high), shown);
    if (found === undefined) showAddress(c, low, high);
    else showHexBytes(c, found);
  });

/** Text that ends with a NUL or the buffer. */
export const text = (distance: number): Field =>
  counted(distance, (c, low, high, size) => {
    const limit = Math.min(size, c.style.stringLimit);
    const found = low === 0 && high === 0 ? undefined : c.tracee.peek(unsignedNumber(low, high), limit);
    if (found === undefined) {
      showAddress(c, low, high);
      return;
    }
    const end = found.indexOf(0);
    showBytes(c, end < 0 ? found : found.subarray(0, end), end >= 0 || size === 0);
  });

/** A program: in short only its address. */
export const instructions = (distance: number): Field =>
  counted(distance, (c, low, high, count) => {
    if (c.abbreviate) showAddress(c, low, high);
    else showArray(c, low, high, count, BPF_INSN, showInstruction);
  });

function list(distance: number, size: number, show: (c: ShowContext, view: DataView) => void): Field {
  return counted(distance, (c, low, high, count) => showArray(c, low, high, count, size, show));
}

const showWord = (type: ArgumentType<number>) => (c: ShowContext, view: DataView) =>
  type.show(c, view.getInt32(0, true), view.getInt32(4, true));

export const words = (distance: number): Field => list(distance, WORD, showWord(hexLong));
export const strings = (distance: number): Field => list(distance, WORD, showWord(string));

/** What the kernel fills in: nothing when there is no room for any. */
export const filledList = (distance: number): Field =>
  counted(distance, (c, low, high, count) => {
    if (count === 0 && (low !== 0 || high !== 0)) c.out.punct("[]");
    else showAddress(c, low, high);
  });

/** What an iterator is to go over. */
export const iterators = (distance: number): Field =>
  list(distance, 4, (c, view) => {
    c.out.punct("{");
    c.out.name("map");
    c.out.punct("={");
    c.out.name("map_fd");
    c.out.punct("=");
    fd.show(c, view.getInt32(0, true), 0);
    c.out.punct("}}");
  });

export const hexU64 = u64(hexLong);
