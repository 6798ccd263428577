// What getdents and getcwd fill in.

import { type ArgumentType, onReturn } from "./argument.js";
import { directoryEntryTypes } from "./constants/files.js";
import { unsignedDecimal, unsignedNumber } from "./digits.js";
import { peekString, wordSize } from "./memory.js";
import { showAddress } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { quoted, renamed } from "./strings.js";
import { bytes, showPointed, struct, subview, u16, word } from "./struct.js";
import { showEnumeration } from "./tables.js";

/** linux_dirent64 and linux_dirent records: their number, or with -v each of them. */
export function directoryEntries(wide: boolean): ArgumentType<number> {
  return onReturn({
    receive: unsignedNumber,
    show: (c, low, high) => {
      const length = c.failed ? -1 : c.result();
      const start = unsignedNumber(low, high);
      const all =
        length < 0 || !c.dereference ? undefined : length === 0 ? new Uint8Array(0) : c.tracee.peek(start, length);
      if (all === undefined) {
        showAddress(c, low, high);
        return;
      }
      const view = new DataView(all.buffer, all.byteOffset, all.byteLength);
      const nameAt = wide ? 19 : wordSize(c) * 2 + 2;
      if (length > 0 && (length < nameAt || view.getUint16(nameAt - (wide ? 3 : 2), true) < nameAt)) {
        showAddress(c, low, high);
        return;
      }
      let count = 0;
      if (!c.abbreviate) c.out.punct("[");
      for (let at = 0; at + nameAt <= length; ) {
        const size = view.getUint16(at + nameAt - (wide ? 3 : 2), true);
        if (size < nameAt) break;
        if (!c.abbreviate) {
          if (count > 0) c.out.punct(", ");
          showEntry(c, subview(view, at, Math.min(size, length - at)), nameAt, wide);
        }
        count++;
        at += size;
      }
      if (!c.abbreviate) c.out.punct("]");
      else {
        showAddress(c, low, high);
        c.out.comment(` /* ${count} entries */`);
      }
    },
  });
}

function showEntry(c: ShowContext, view: DataView, nameAt: number, wide: boolean): void {
  const word = wide ? 8 : wordSize(c);
  const { out } = c;
  const text = (offset: number): string =>
    unsignedDecimal(view.getInt32(offset, true), word === 8 ? view.getInt32(offset + 4, true) : 0);
  const type = (offset: number): void => {
    out.punct(", ");
    out.name("d_type");
    out.punct("=");
    showEnumeration(c, directoryEntryTypes, view.getUint8(offset));
  };
  out.punct("{");
  out.name("d_ino");
  out.punct("=");
  out.number(text(0));
  out.punct(", ");
  out.name("d_off");
  out.punct("=");
  out.number(text(word));
  out.punct(", ");
  out.name("d_reclen");
  out.punct("=");
  out.number(view.byteLength.toString());
  if (wide) type(18);
  out.punct(", ");
  out.name("d_name");
  out.punct("=");
  const name = new Uint8Array(view.buffer, view.byteOffset + nameAt, view.byteLength - nameAt);
  const end = name.indexOf(0);
  out.string(quoted(end < 0 ? name : name.subarray(0, end), c.style));
  if (!wide) type(view.byteLength - 1);
  out.punct("}");
}

/** The path getcwd found: the kernel returns its length with the NUL. */
export const currentDirectoryOut: ArgumentType<number> = onReturn({
  receive: unsignedNumber,
  show: (c, low, high) => {
    const found = c.failed ? undefined : peekString(c.tracee, unsignedNumber(low, high), Math.max(c.result(), 1));
    if (found === undefined) {
      showAddress(c, low, high);
      return;
    }
    const path = found.complete ? found.bytes : found.bytes.subarray(0, Math.max(c.result() - 1, 0));
    c.out.string(quoted(renamed(c, path), c.style));
    if (!found.complete) c.out.punct("...");
  },
});

/** struct old_linux_dirent, with room for a name. */
export const oldDirent = struct({ d_ino: word(), d_off: word(), d_reclen: u16(), d_name: bytes(256, showOldName) });

function showOldName(c: ShowContext, view: DataView, offset: number): void {
  const name = new Uint8Array(view.buffer, view.byteOffset + offset, view.getUint16(offset - 2, true));
  c.out.string(quoted(name, c.style));
}

/** The one entry readdir fills in. */
export const oldDirectoryEntry: ArgumentType<number> = onReturn({
  receive: unsignedNumber,
  show: (c, low, high) => {
    if (c.failed || c.result() === 0) showAddress(c, low, high);
    else showPointed(c, low, high, oldDirent.size(c.abi), (_, view) => oldDirent.show(c, view));
  },
});
