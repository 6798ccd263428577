// struct file_handle of name_to_handle_at(2).
import type { ArgumentType } from "./argument.js";
import { hex, unsignedNumber } from "./digits.js";
import { quoted } from "./strings.js";
import { showPointed } from "./struct.js";

/** struct file_handle: its size says how much of it there is. */
export function fileHandle(atExit: boolean): ArgumentType<number> {
  return {
    receive: unsignedNumber,
    atExit,
    show: (c, low, high) => {
      const failed = atExit && c.failed;
      showPointed(c, low, high, 8, (_, view) => {
        const size = view.getUint32(0, true);
        c.out.punct("{");
        c.out.name("handle_bytes");
        c.out.punct("=");
        c.out.number(size.toString());
        if (!failed) {
          c.out.punct(", ");
          c.out.name("handle_type");
          c.out.punct("=");
          c.out.number(view.getInt32(4, true).toString());
          c.out.punct(", ");
          c.out.name("f_handle");
          c.out.punct("=");
          const handle = c.tracee.peek(unsignedNumber(low, high) + 8, Math.min(size, 128));
          if (handle === undefined) c.out.address(hex(low, high));
          else c.out.string(quoted(handle, { hexStrings: "always" }));
        }
        c.out.punct("}");
      });
    },
  };
}
