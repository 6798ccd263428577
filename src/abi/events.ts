// Argument types for waiting: poll, select, epoll, futex.
import { type ArgumentType, dependent } from "./argument.js";
import {
  EPOLL_CTL_DEL,
  epollEvents,
  FUTEX_BITSET_MATCH_ANY,
  FUTEX_CLOCK_REALTIME,
  FUTEX_CMP_REQUEUE,
  FUTEX_CMP_REQUEUE_PI,
  FUTEX_FD,
  FUTEX_LOCK_PI,
  FUTEX_LOCK_PI2,
  FUTEX_PRIVATE_FLAG,
  FUTEX_REQUEUE,
  FUTEX_TRYLOCK_PI,
  FUTEX_UNLOCK_PI,
  FUTEX_WAIT,
  FUTEX_WAIT_BITSET,
  FUTEX_WAIT_REQUEUE_PI,
  FUTEX_WAKE,
  FUTEX_WAKE_BITSET,
  FUTEX_WAKE_OP,
  futex2Flags,
  futex2Sizes,
  futexOperations,
  pollEvents,
} from "./constants/events.js";
import { showDescriptor } from "./descriptors.js";
import { hex, unsignedNumber } from "./digits.js";
import { peekView, wordSize } from "./memory.js";
import { address, filledIn, hexInt, hexLong, unsignedInt } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { showArray, showPointed, struct, u32, u64 } from "./struct.js";
import { enumeration, showEnumeration, showFlags, showNamed } from "./tables.js";
import { timespec, timespecIn, timeval } from "./time.js";

const POLLFD_SIZE = 8;

/** What poll waits for: shown at entry; what came of it goes to the result. */
export const pollDescriptors: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) =>
    showArray(c, low, high, c.low("nfds") >>> 0, POLLFD_SIZE, (_, view) => {
      c.out.punct("{");
      c.out.name("fd");
      c.out.punct("=");
      const fd = view.getInt32(0, true);
      showDescriptor(c, fd);
      if (fd >= 0) {
        c.out.punct(", ");
        c.out.name("events");
        c.out.punct("=");
        showFlags(c, pollEvents, view.getUint16(4, true));
      }
      c.out.punct("}");
    }),
};

/** The text a decoder prints, instead of putting it on the line. */
export function capture(c: ShowContext, show: () => void): string {
  const { out } = c;
  let text = "";
  const append = (token: string): void => {
    text += token;
  };
  c.out = {
    punct: append,
    name: append,
    number: append,
    address: append,
    flag: append,
    string: append,
    comment: append,
    annotation: append,
  };
  try {
    show();
  } finally {
    c.out = out;
  }
  return text;
}

/** poll's and ppoll's result: which descriptors are ready, and what was left of ppoll's timeout. */
export const pollResult: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => {
    c.out.number(low.toString());
    if (low === 0) {
      c.auxiliary = "Timeout";
      return;
    }
    const start = c.unsigned("fds");
    const count = c.low("nfds") >>> 0;
    const ready: string[] = [];
    let more = false;
    for (let i = 0; i < count; i++) {
      const view = peekView(c.tracee, start + i * POLLFD_SIZE, POLLFD_SIZE);
      if (view === undefined) break;
      const events = view.getUint16(6, true);
      if (events === 0) continue;
      if (c.abbreviate && ready.length >= c.style.stringLimit) {
        more = true;
        break;
      }
      ready.push(
        capture(c, () => {
          c.out.punct("{fd=");
          c.out.number(view.getInt32(0, true).toString()); // without what it stands for
          c.out.punct(", revents=");
          showFlags(c, pollEvents, events);
          c.out.punct("}");
        }),
      );
    }
    const parts: string[] = [];
    if (ready.length > 0) parts.push(`[${ready.join(", ")}${more ? ", ..." : ""}]`);
    const left = c.argumentNames.includes("tmo_p") ? c.unsigned("tmo_p") : 0;
    if (left !== 0) parts.push(`left ${capture(c, () => timespecIn.show(c, c.low("tmo_p"), c.high("tmo_p")))}`);
    if (parts.length > 0) c.auxiliary = parts.join(", ");
  },
};

/** strace follows sets far longer than FD_SETSIZE. */
const MAX_SET = 1024 * 1024;

/** Descriptors in the sets of the call: as many as its first argument says. */
function setLength(c: ShowContext): number {
  return Math.min(Math.max(c.low("nfds"), 0), MAX_SET);
}

/** A set of descriptors, as wide as the call's first argument says. */
export const descriptorSet: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => {
    const count = setLength(c);
    if (count === 0) {
      address.show(c, low, high);
      return;
    }
    const word = wordSize(c);
    showPointed(c, low, high, Math.ceil(count / (8 * word)) * word, (_, view) => {
      c.out.punct("[");
      let first = true;
      for (let fd = 0; fd < count; fd++) {
        if (((view.getUint8(fd >> 3) >> (fd & 7)) & 1) === 0) continue;
        if (!first) c.out.punct(" ");
        first = false;
        showDescriptor(c, fd);
      }
      c.out.punct("]");
    });
  },
};

/** select's result: the sets as the kernel left them. */
export const selectResult: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => {
    c.out.number(low.toString());
    if (low === 0) {
      c.auxiliary = "Timeout";
      return;
    }
    const count = setLength(c);
    const word = wordSize(c);
    const size = Math.ceil(count / (8 * word)) * word;
    const parts: string[] = [];
    let left = low;
    for (const [name, label] of [
      ["readfds", "in"],
      ["writefds", "out"],
      ["exceptfds", "except"],
    ] as const) {
      const start = c.unsigned(name);
      const view = start === 0 || size === 0 ? undefined : peekView(c.tracee, start, size);
      if (view === undefined) continue;
      const ready: string[] = [];
      for (let fd = 0; fd < count && left > 0; fd++) {
        if (((view.getUint8(fd >> 3) >> (fd & 7)) & 1) === 0) continue;
        ready.push(fd.toString());
        left--;
      }
      if (ready.length > 0) parts.push(`${label} [${ready.join(" ")}]`);
    }
    if (c.unsigned("timeout") !== 0) {
      const type = c.argumentNames.length > 5 ? timespec : timeval;
      const view = peekView(c.tracee, c.unsigned("timeout"), type.size(c.abi));
      if (view !== undefined) parts.push(`left ${capture(c, () => type.show(c, view))}`);
    }
    if (parts.length > 0) c.auxiliary = parts.join(", ");
  },
};

const EPOLL_EVENT_SIZE = 12;

function showEpollEvent(c: ShowContext, view: DataView): void {
  c.out.punct("{");
  c.out.name("events");
  c.out.punct("=");
  showFlags(c, epollEvents, view.getInt32(0, true));
  c.out.punct(", ");
  c.out.name("data");
  c.out.punct("=");
  c.out.number(hex(view.getInt32(4, true), view.getInt32(8, true)));
  c.out.punct("}");
}

export const epollEventIn: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => showPointed(c, low, high, EPOLL_EVENT_SIZE, showEpollEvent),
};

export const epollEventsOut: ArgumentType<number> = filledIn({
  receive: unsignedNumber,
  show: (c, low, high) => showArray(c, low, high, c.result(), EPOLL_EVENT_SIZE, showEpollEvent),
});

/** Operations that can be asked to wait by the real clock. */
const REALTIME_FUTEXES = [FUTEX_WAIT, FUTEX_WAIT_BITSET, FUTEX_WAIT_REQUEUE_PI];

/** The command decides alone, whatever the bits beyond the flags. */
const FUTEX_COMMAND = 0x7f;
const futexCommand = (c: ShowContext): number => c.low("futex_op") & FUTEX_COMMAND;

export const futexOperation: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => {
    const command = low & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);
    const isPrivate = (low & FUTEX_PRIVATE_FLAG) !== 0;
    const base = futexOperations.names.get(command);
    if (base === undefined || ((low & FUTEX_CLOCK_REALTIME) !== 0 && !REALTIME_FUTEXES.includes(command))) {
      c.out.number(hex(low));
      if (c.style.constants !== "raw") c.out.comment(" /* FUTEX_??? */");
      return;
    }
    const both = isPrivate
      ? (futexOperations.names.get(command | FUTEX_PRIVATE_FLAG) ?? `${base}|FUTEX_PRIVATE_FLAG`)
      : base;
    showNamed(c, hex(low), (low & FUTEX_CLOCK_REALTIME) === 0 ? both : `${both}|FUTEX_CLOCK_REALTIME`);
  },
};

const wakeOperations = enumeration("FUTEX_OP_???", {
  FUTEX_OP_SET: 0,
  FUTEX_OP_ADD: 1,
  FUTEX_OP_OR: 2,
  FUTEX_OP_ANDN: 3,
  FUTEX_OP_XOR: 4,
});
const wakeComparisons = enumeration("FUTEX_OP_CMP_???", {
  FUTEX_OP_CMP_EQ: 0,
  FUTEX_OP_CMP_NE: 1,
  FUTEX_OP_CMP_LT: 2,
  FUTEX_OP_CMP_LE: 3,
  FUTEX_OP_CMP_GT: 4,
  FUTEX_OP_CMP_GE: 5,
});

/** FUTEX_WAKE_OP's packed operation. */
const wakeOperation: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => {
    if (low < 0) c.out.flag("FUTEX_OP_OPARG_SHIFT<<28|");
    showEnumeration(c, wakeOperations, (low >>> 28) & 7);
    c.out.punct("<<28|");
    c.out.number(hex((low >>> 12) & 0xfff));
    c.out.punct("<<12|");
    showEnumeration(c, wakeComparisons, (low >>> 24) & 15);
    c.out.punct("<<24|");
    c.out.number(hex(low & 0xfff));
  },
};

const bitset: ArgumentType<number> = {
  receive: (low) => low >>> 0,
  show: (c, low) =>
    low >>> 0 === FUTEX_BITSET_MATCH_ANY
      ? showNamed(c, "0xffffffff", "FUTEX_BITSET_MATCH_ANY")
      : hexInt.show(c, low, 0),
};

/** The mask of futex2's calls, a whole register. */
export const futexMask: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => (high === 0 ? bitset : hexLong).show(c, low, high),
};

/** The arguments after the operation, by operation; what is absent is not printed. */
const futexArguments: Readonly<Record<number, readonly (ArgumentType<number> | undefined)[]>> = {
  [FUTEX_WAIT]: [unsignedInt, timespecIn],
  [FUTEX_WAKE]: [unsignedInt],
  [FUTEX_FD]: [unsignedInt],
  [FUTEX_REQUEUE]: [unsignedInt, unsignedInt, address],
  [FUTEX_CMP_REQUEUE]: [unsignedInt, unsignedInt, address, unsignedInt],
  [FUTEX_WAKE_OP]: [unsignedInt, unsignedInt, address, wakeOperation],
  [FUTEX_LOCK_PI]: [undefined, timespecIn],
  [FUTEX_LOCK_PI2]: [undefined, timespecIn],
  [FUTEX_UNLOCK_PI]: [],
  [FUTEX_TRYLOCK_PI]: [],
  [FUTEX_WAIT_BITSET]: [unsignedInt, timespecIn, undefined, bitset],
  [FUTEX_WAKE_BITSET]: [unsignedInt, undefined, undefined, bitset],
  [FUTEX_WAIT_REQUEUE_PI]: [unsignedInt, timespecIn, address],
  [FUTEX_CMP_REQUEUE_PI]: [unsignedInt, unsignedInt, address, unsignedInt],
};
const unknownFutex = [unsignedInt, address, address, hexInt];

/** Argument `index` after the operation (0 is val). */
export function futexArgument(index: number): ArgumentType<number> {
  return dependent(
    index === 0 || index === 3 ? unsignedInt : address,
    (c) => (futexArguments[futexCommand(c)] ?? unknownFutex)[index],
  );
}

/** epoll_ctl's event: meaningless when deleting. */
export const epollEvent: ArgumentType<number> = dependent(address, (c) =>
  c.low("op") === EPOLL_CTL_DEL ? address : epollEventIn,
);

const FUTEX2_SIZE_MASK = 3;

export const futex2Flag: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => {
    let text = futex2Sizes.names.get(low & FUTEX2_SIZE_MASK) as string;
    let rest = low & ~FUTEX2_SIZE_MASK;
    for (let i = 0; i < futex2Flags.names.length; i++) {
      const bits = futex2Flags.low[i] as number;
      if ((rest & bits) !== bits) continue;
      rest &= ~bits;
      text += `|${futex2Flags.names[i]}`;
    }
    showNamed(c, hex(low), rest === 0 ? text : `${text}|${hex(rest)}`);
  },
};

const futexWaiter = struct({ val: u64(hexLong), uaddr: u64(address), flags: u32(futex2Flag), __reserved: u32(hexInt) });

export const futexWaiters = waiters((c) => c.low("nr_futexes") >>> 0);
/** futex_requeue's: from where, and to where. */
export const futexPair = waiters(() => 2);

function waiters(count: (c: ShowContext) => number): ArgumentType<number> {
  return {
    receive: unsignedNumber,
    show: (c, low, high) =>
      showArray(c, low, high, count(c), futexWaiter.size(), (_, view) => {
        c.out.punct("{");
        futexWaiter.showFields(c, view, [
          "val",
          "uaddr",
          "flags",
          ...(futexWaiter.get(view, "__reserved") === 0 ? [] : ["__reserved"]),
        ]);
        c.out.punct("}");
      }),
  };
}
