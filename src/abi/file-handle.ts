// struct file_handle of name_to_handle_at(2).
import type { ArgumentType } from "./argument.js";
import { unsignedNumber } from "./digits.js";
import type { ShowContext } from "./show.js";
import { quoted } from "./strings.js";
import { showPointed } from "./struct.js";

const MAX_HANDLE_SZ = 128;

/** struct file_handle: its size says how much of it there is. Where the kernel fills it in, the size may be what it wanted. */
export function fileHandle(atExit: boolean): ArgumentType<number> {
  return {
    receive: unsignedNumber,
    atExit,
    enter: (c, low, high) => {
      const size = c.tracee.peek(unsignedNumber(low, high), 4);
      c.notes[c.index] = size && new DataView(size.buffer, size.byteOffset).getUint32(0, true);
    },
    show: (c, low, high) => {
      const failed = atExit && c.failed;
      showPointed(c, low, high, 8, (_, view) => {
        const size = view.getUint32(0, true);
        const before = atExit ? (c.notes[c.index] as number | undefined) : undefined;
        c.out.punct("{");
        c.out.name("handle_bytes");
        c.out.punct("=");
        c.out.number((before ?? size).toString());
        if (before !== undefined && before !== size) {
          c.out.punct(" => ");
          c.out.number(size.toString());
        }
        if (!failed) showContents(c, low, high, view.getInt32(4, true), size);
        c.out.punct("}");
      });
    },
  };
}

function showContents(c: ShowContext, low: number, high: number, type: number, size: number): void {
  c.out.punct(", ");
  c.out.name("handle_type");
  c.out.punct("=");
  c.out.number(type.toString());
  c.out.punct(", ");
  c.out.name("f_handle");
  c.out.punct("=");
  const handle = c.tracee.peek(unsignedNumber(low, high) + 8, Math.min(size, MAX_HANDLE_SZ));
  if (handle === undefined) c.out.comment("???");
  else c.out.string(quoted(handle, { hexStrings: "always" }) + (size > MAX_HANDLE_SZ ? "..." : ""));
}
