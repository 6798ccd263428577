// Messages as sendmsg and recvmsg have them: msghdr, mmsghdr.
import type { ArgumentType } from "./argument.js";
import { messageFlags } from "./constants/network.js";
import { showControl } from "./control-messages.js";
import { unsignedDecimal, unsignedNumber } from "./digits.js";
import { showIoVector } from "./io-vector.js";
import { peekInt, wordSize } from "./memory.js";
import { showTransferred } from "./netlink/message.js";
import { showAddress } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { showSocketAddressAt } from "./socket-address.js";
import {
  type Fields,
  nested,
  pointer,
  type Struct,
  s32,
  showArray,
  showPointed,
  sizeWord,
  struct,
  u32,
} from "./struct.js";
import { showFlags } from "./tables.js";

/** struct user_msghdr. */
export const msghdr = struct({
  msg_name: pointer(),
  msg_namelen: s32(),
  msg_iov: pointer(),
  msg_iovlen: sizeWord(),
  msg_control: pointer(),
  msg_controllen: sizeWord(),
  msg_flags: u32(),
});
/** struct mmsghdr. */
export const mmsghdr = struct({ msg_hdr: nested(msghdr as Struct<Fields>), msg_len: u32() });

/** All but its flags lies a word apart. */
interface MessageLayout {
  readonly size: number;
  readonly word: number;
}

const layoutOf = (c: ShowContext): MessageLayout => ({ size: msghdr.size(c.abi), word: wordSize(c) });

/** The halves of a word of the tracee's at `offset`. */
function wordAt(view: DataView, offset: number, word: number): [number, number] {
  return [view.getInt32(offset, true), word === 8 ? view.getInt32(offset + 4, true) : 0];
}

/** Prints a msghdr. `received` is how many bytes came, or undefined when the program sends. */
function showMessage(c: ShowContext, view: DataView, received: number | undefined, nameRoom?: number): void {
  const { word } = layoutOf(c);
  const { out } = c;
  const field = (name: string, first = false): void => {
    out.punct(first ? "{" : ", ");
    out.name(name);
    out.punct("=");
  };
  const nameLength = view.getInt32(word, true);
  field("msg_name", true);
  showSocketAddressAt(c, ...wordAt(view, 0, word), nameLength);
  field("msg_namelen");
  if (nameRoom !== undefined && nameRoom !== nameLength) {
    out.number(nameRoom.toString());
    out.punct(" => ");
  }
  out.number(nameLength.toString());
  const count = wordAt(view, 3 * word, word);
  let left = received ?? Number.POSITIVE_INFINITY;
  field("msg_iov");
  showArray(c, ...wordAt(view, 2 * word, word), unsignedNumber(...count), 2 * word, (_, element) => {
    left -= showIoVector(c, element, showTransferred, left);
  });
  field("msg_iovlen");
  out.number(unsignedDecimal(...count));
  const controlLength = wordAt(view, 5 * word, word);
  if (unsignedNumber(...controlLength) > 0) {
    field("msg_control");
    showControl(c, ...wordAt(view, 4 * word, word), unsignedNumber(...controlLength));
  }
  field("msg_controllen");
  out.number(unsignedDecimal(...controlLength));
  field("msg_flags");
  showFlags(c, messageFlags, view.getInt32(6 * word, true));
  out.punct("}");
}

export const messageIn: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => showPointed(c, low, high, layoutOf(c).size, (_, view) => showMessage(c, view, undefined)),
};

export const messageOut: ArgumentType<number> = {
  receive: unsignedNumber,
  atExit: true,
  enter: (c, low, high) => {
    c.notes[c.index] = peekInt(c.tracee, unsignedNumber(low, high) + layoutOf(c).word);
  },
  show: (c, low, high) => {
    if (c.failed) {
      showPointed(c, low, high, layoutOf(c).size, (_, view) => {
        c.out.punct("{");
        c.out.name("msg_namelen");
        c.out.punct("=");
        c.out.number(view.getInt32(layoutOf(c).word, true).toString());
        c.out.punct("}");
      });
      return;
    }
    showPointed(c, low, high, layoutOf(c).size, (_, view) =>
      showMessage(c, view, c.result(), c.notes[c.index] as number | undefined),
    );
  },
};

/** sendmmsg's and recvmmsg's vector of messages. */
export function messageVector(direction: "send" | "receive"): ArgumentType<number> {
  return {
    receive: unsignedNumber,
    atExit: true,
    show: (c, low, high) => {
      const { size, word } = layoutOf(c);
      const count = c.failed ? (direction === "send" ? c.low("vlen") >>> 0 : 0) : c.result();
      if (c.failed && direction === "receive") {
        showAddress(c, low, high);
        return;
      }
      showArray(c, low, high, count, size + word, (_, view) => {
        const length = view.getUint32(size, true);
        c.out.punct("{");
        c.out.name("msg_hdr");
        c.out.punct("=");
        showMessage(c, view, direction === "send" ? undefined : length);
        if (!c.failed) {
          c.out.punct(", ");
          c.out.name("msg_len");
          c.out.punct("=");
          c.out.number(length.toString());
        }
        c.out.punct("}");
      });
    },
  };
}
