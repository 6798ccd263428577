// struct user_desc: a segment of set_thread_area(2) and modify_ldt(2).
import { type ArgumentType, dependent, onReturn } from "./argument.js";
import { unsignedNumber } from "./digits.js";
import { peekInt } from "./memory.js";
import { address, long, showAddress } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { type Fields, type Struct, s32, showPointed, struct, structIn, u32 } from "./struct.js";

/** `%#08x` */
const paddedHex: ArgumentType<number> = {
  receive: (low) => low >>> 0,
  show: (c, low) => c.out.number(low === 0 ? "00000000" : `0x${(low >>> 0).toString(16).padStart(6, "0")}`),
};

/** Bits of the last word, from the lowest, with their widths. */
const FLAGS = [
  ["seg_32bit", 1],
  ["contents", 2],
  ["read_exec_only", 1],
  ["limit_in_pages", 1],
  ["seg_not_present", 1],
  ["useable", 1],
  ["lm", 1],
] as const;

function showFlags(c: ShowContext, view: DataView, offset: number): void {
  let rest = view.getUint32(offset, true);
  for (const [i, [name, width]] of FLAGS.entries()) {
    if (name === "lm" && c.tracee.personality === "i386") return;
    if (i > 0) {
      c.out.punct(", ");
      c.out.name(name);
      c.out.punct("=");
    }
    c.out.number((rest & ((1 << width) - 1)).toString());
    rest >>>= width;
  }
}

/** The first of the flags names the field. */
export const userDesc = struct({
  entry_number: s32(),
  base_addr: u32(paddedHex),
  limit: u32(paddedHex),
  seg_32bit: { ...u32(), showBytes: showFlags },
});

export const userDescIn = structIn(userDesc as Struct<Fields>);

/** set_thread_area's result: which entry it was. */
export const entryNumberResult: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low, high) => {
    long.show(c, low, high);
    const entry = peekInt(c.tracee, c.unsigned("u_info"));
    if (entry !== undefined) c.auxiliary = `entry_number=${entry}`;
  },
};

/** The program says which entry, the kernel what is in it. */
export const userDescOut: ArgumentType<number> = onReturn({
  receive: unsignedNumber,
  show: (c, low, high) => {
    if (!c.failed) userDescIn.show(c, low, high);
    else {
      showPointed(c, low, high, 4, (_, view) => {
        c.out.punct("{");
        c.out.name("entry_number");
        c.out.punct("=");
        c.out.number(view.getInt32(0, true).toString());
        c.out.punct(", ...}");
      });
    }
  },
});

/** modify_ldt's second argument: one segment, where the size is that of one. */
export const descriptorTable: ArgumentType<number> = dependent(address, (c) =>
  c.unsigned("bytecount") === userDesc.size() ? userDescIn : { receive: unsignedNumber, show: showAddress },
);
