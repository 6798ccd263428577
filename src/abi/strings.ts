// Strings and buffers: quoting, and the argument types for paths, C strings and byte ranges.
import type { ArgumentType } from "./argument.js";
import { unsignedNumber } from "./digits.js";
import { peekString } from "./memory.js";
import { filledIn, showAddress } from "./scalars.js";
import type { ShowContext, ShowStyle } from "./show.js";

const PATH_LIMIT = 4096;

/** How each byte looks in quotes; an octal escape is shortest when no octal digit follows. */
const shown: string[] = [];
const padded: string[] = [];
const hexed: string[] = [];
for (let byte = 0; byte < 256; byte++) {
  const plain = byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : undefined;
  shown.push(plain ?? `\\${byte.toString(8)}`);
  padded.push(plain ?? `\\${byte.toString(8).padStart(3, "0")}`);
  hexed.push(`\\x${byte.toString(16).padStart(2, "0")}`);
}
for (const [character, letter] of [
  ["\t", "t"],
  ["\n", "n"],
  ["\v", "v"],
  ["\f", "f"],
  ["\r", "r"],
  ['"', '"'],
  ["\\", "\\"],
]) {
  const byte = (character as string).charCodeAt(0);
  shown[byte] = `\\${letter}`;
  padded[byte] = `\\${letter}`;
}

const needsNoEscape = Uint8Array.from(shown, (text) => (text.length === 1 ? 1 : 0));

function isPlain(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || (byte >= 9 && byte <= 13);
}

/** So many characters are put together faster than they are handed over at once. */
const FEW = 4;

/** The bytes in double quotes, escaped as `style` asks. */
export function quoted(bytes: Uint8Array, style: Pick<ShowStyle, "hexStrings">): string {
  return `"${escapedText(bytes, style)}"`;
}

export function escapedText(bytes: Uint8Array, style: Pick<ShowStyle, "hexStrings">): string {
  let text = "";
  const form = style.hexStrings;
  if (form === "always" || (form === "nonAscii" && !bytes.every(isPlain))) {
    for (const byte of bytes) text += hexed[byte];
    return text;
  }
  const length = bytes.length;
  let plain = 0;
  while (plain < length && needsNoEscape[bytes[plain] as number] === 1) plain++;
  if (plain <= FEW) for (let i = 0; i < plain; i++) text += shown[bytes[i] as number];
  else text = String.fromCharCode.apply(null, bytes.subarray(0, plain) as unknown as number[]);
  for (let i = plain; i < length; i++) {
    const byte = bytes[i] as number;
    if (byte >= 0x20 && byte < 0x7f) text += shown[byte];
    else if (form === "nonAsciiChars" && !isPlain(byte)) text += hexed[byte];
    else {
      const next = bytes[i + 1] as number;
      text += next >= 0x30 && next <= 0x37 ? padded[byte] : shown[byte];
    }
  }
  return text;
}

/** The bytes a string is shown by. */
export const renamed = (c: ShowContext, bytes: Uint8Array): Uint8Array => c.style.renaming?.apply(bytes) ?? bytes;

/** Prints `bytes`, of which `length` were meant, cut at the string limit. */
export function showBytes(c: ShowContext, found: Uint8Array, whole: boolean): void {
  const bytes = renamed(c, found);
  const limit = c.style.stringLimit;
  const cut = bytes.length > limit || !whole;
  c.out.string(quoted(bytes.length > limit ? bytes.subarray(0, limit) : bytes, c.style));
  if (cut) c.out.punct("...");
}

/** Prints `bytes` in hex, cut at the string limit. */
export function showHexBytes(c: ShowContext, bytes: Uint8Array): void {
  const limit = c.style.stringLimit;
  c.out.string(quoted(bytes.length > limit ? bytes.subarray(0, limit) : bytes, { hexStrings: "always" }));
  if (bytes.length > limit) c.out.punct("...");
}

/** Prints the `length` bytes at an address; the address itself when they cannot be read. */
export function showBuffer(c: ShowContext, low: number, high: number, length: number): void {
  if (low === 0 && high === 0) {
    c.out.flag("NULL");
    return;
  }
  const limit = c.style.stringLimit + (c.style.renaming?.more ?? 0);
  const bytes = c.tracee.peek(unsignedNumber(low, high), Math.min(length, limit));
  if (bytes === undefined) showAddress(c, low, high);
  else showBytes(c, bytes, length <= limit);
}

/** Prints the NUL-terminated string at an address, cut at the string limit. */
export function showString(c: ShowContext, low: number, high: number): void {
  if (low === 0 && high === 0) {
    c.out.flag("NULL");
    return;
  }
  const limit = c.style.stringLimit + (c.style.renaming?.more ?? 0);
  const found = peekString(c.tracee, unsignedNumber(low, high), limit + 1);
  if (found === undefined) showAddress(c, low, high);
  else showBytes(c, found.bytes, found.complete || found.bytes.length > limit);
}

/** Prints a path: whole, whatever the string limit. */
export function showPath(c: ShowContext, low: number, high: number): void {
  if (low === 0 && high === 0) {
    c.out.flag("NULL");
    return;
  }
  const found = peekString(c.tracee, unsignedNumber(low, high), PATH_LIMIT);
  if (found === undefined) {
    showAddress(c, low, high);
    return;
  }
  const bytes = found.complete ? found.bytes : found.bytes.subarray(0, PATH_LIMIT - 1);
  c.out.string(quoted(renamed(c, bytes), c.style));
  if (!found.complete) c.out.punct("...");
}

/** The address of a file name. */
export const path: ArgumentType<number> = { receive: unsignedNumber, show: showPath, role: "path" };

/** The same where it names no file: a queue. */
export const pathText: ArgumentType<number> = { receive: unsignedNumber, show: showPath };

/** The address of a NUL-terminated string that is no file name. */
export const string: ArgumentType<number> = { receive: unsignedNumber, show: showString };

/** Bytes the program hands over: as many as argument `size` says. */
export function bytesIn(size: string): ArgumentType<number> {
  return {
    receive: unsignedNumber,
    show: (c, low, high) => showBuffer(c, low, high, c.unsigned(size)),
  };
}

/** Bytes the kernel fills in: as many as it returns. */
export const bytesOut: ArgumentType<number> = filledIn({
  receive: unsignedNumber,
  show: (c, low, high) => showBuffer(c, low, high, c.result()),
});

/** A string the kernel fills in whole. */
export const stringOut: ArgumentType<number> = filledIn({ receive: unsignedNumber, show: showString });

/** Random bytes: in hex whatever they are. */
export const randomBytesOut: ArgumentType<number> = {
  receive: unsignedNumber,
  atExit: true,
  show: (c, low, high) => {
    const length = c.failed ? 0 : c.result();
    const limit = c.style.stringLimit;
    const bytes = c.failed ? undefined : c.tracee.peek(unsignedNumber(low, high), Math.min(length, limit));
    if (bytes === undefined || (low === 0 && high === 0)) {
      showAddress(c, low, high);
      return;
    }
    c.out.string(quoted(bytes, length === 0 ? c.style : { hexStrings: "always" }));
    if (length > limit) c.out.punct("...");
  },
};
