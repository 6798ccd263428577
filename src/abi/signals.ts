// Signals: their names, sets of them, and the structures that carry them.

import type { ArgumentType } from "./argument.js";
import {
  SA_RESTORER,
  SIG_DFL,
  SIG_IGN,
  SIGEV_SIGNAL,
  SIGEV_THREAD,
  SIGEV_THREAD_ID,
  sigactionFlags,
  sigaltstackFlags,
  sigevNotify,
  signals,
} from "./constants/signals.js";
import { hex, unsignedDecimal, unsignedNumber } from "./digits.js";
import { peekInt, wordSize } from "./memory.js";
import { address, filledIn, flagsOf, int, longFlagsOf, showAddress } from "./scalars.js";
import type { ShowContext, ShowStyle } from "./show.js";
import { SIGINFO_SIZE, showSiginfo } from "./siginfo.js";
import {
  type Fields,
  isI386,
  pointer,
  pointerBytes,
  type Struct,
  showPointed,
  sizeWord,
  struct,
  structIn,
  structOut,
  u32,
} from "./struct.js";
import { showEnumeration, showNamed } from "./tables.js";

export const SIGNAL_COUNT = 64;
const FIRST_REALTIME = 32;
/** _COMPAT_NSIG of the calls without rt_. */
const OLD_COUNT = 32;

/** "SIGINT", "SIGRTMIN", "SIGRT_5"; the number itself when there is no such signal. */
export function signalName(number: number): string {
  return signals.names.get(number) ?? number.toString();
}

export const signalNumber: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => showSignal(c, low),
};

export function showSignal(c: ShowContext, number: number): void {
  const name = signals.names.get(number);
  if (name === undefined) c.out.number(number.toString());
  else showNamed(c, number.toString(), name);
}

/** The name inside a set: no "SIG", and real-time signals count from RTMIN = RT_0. */
function setMember(number: number): string {
  return number === FIRST_REALTIME ? "RTMIN" : signalName(number).slice(3);
}

/** `[INT QUIT]`, or what is missing of all when that is shorter: `~[KILL STOP]`. */
export function signalSetText(
  low: number,
  high: number,
  style: ShowStyle["constants"] = "abbrev",
  signalCount = SIGNAL_COUNT,
): string {
  const count = bitCount(low) + bitCount(high);
  const inverted = count > (signalCount * 2) / 3;
  let text = "";
  for (let number = 1; number <= signalCount; number++) {
    const half = number <= 32 ? low : high;
    const member = ((half >>> ((number - 1) & 31)) & 1) === 1;
    if (member === inverted) continue;
    if (text !== "") text += " ";
    if (style === "abbrev") text += setMember(number);
    else text += style === "raw" ? number : `${number} /* ${setMember(number)} */`;
  }
  return `${inverted ? "~" : ""}[${text}]`;
}

function bitCount(value: number): number {
  let rest = value >>> 0;
  let count = 0;
  for (; rest !== 0; rest &= rest - 1) count++;
  return count;
}

export function showSignalSet(c: ShowContext, view: DataView, offset = 0): void {
  c.out.flag(signalSetText(view.getInt32(offset, true), view.getInt32(offset + 4, true), c.style.constants));
}

/** The address of a signal set the program filled in. */
export const signalSetIn: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => {
    const size = c.argumentNames.find((name) => name === "sigsetsize" || name === "sizemask");
    showSetOfSize(c, low, high, size === undefined ? 8 : c.unsigned(size));
  },
};

/** A set of another size than the kernel's is none. */
function showSetOfSize(c: ShowContext, low: number, high: number, size: number): void {
  if (size === 4 && wordSize(c) === 4) oldSignalSetIn.show(c, low, high);
  else if (size !== 8) showAddress(c, low, high);
  else showPointed(c, low, high, 8, showSignalSet);
}

export const signalSetOut: ArgumentType<number> = filledIn(signalSetIn);

/** A set of the 32 signals of old, by value. */
export const oldSignalSet: ArgumentType<number> = {
  receive: (low) => low >>> 0,
  show: (c, low) => c.out.flag(signalSetText(low, 0, c.style.constants, OLD_COUNT)),
};
export const oldSignalSetIn = scalarSet(false);
export const oldSignalSetOut = scalarSet(true);

function scalarSet(isOutput: boolean): ArgumentType<number> {
  const type: ArgumentType<number> = {
    receive: unsignedNumber,
    show: (c, low, high) => showPointed(c, low, high, 4, (_, view) => oldSignalSet.show(c, view.getInt32(0, true), 0)),
  };
  return isOutput ? filledIn(type) : type;
}

export const handler: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => {
    if (high === 0 && low === SIG_DFL) showNamed(c, "0", "SIG_DFL");
    else if (high === 0 && low === SIG_IGN) showNamed(c, "0x1", "SIG_IGN");
    else if (high === -1 && low === -1) showNamed(c, hex(-1, -1), "SIG_ERR");
    else showAddress(c, low, high);
  },
};

/** What signal(2) returns: a handler. */
export const handlerResult: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => {
    c.out.number(low === 0 ? "0" : hex(low, high));
    if (low === SIG_DFL) c.auxiliary = "SIG_DFL";
    else if (low === SIG_IGN) c.auxiliary = "SIG_IGN";
  },
};

/** The mask there was, as sgetmask and ssetmask return it. */
export const maskResult = (label: string): ArgumentType<number> => ({
  receive: (low) => low >>> 0,
  show: (c, low) => {
    c.out.number(hex(low));
    c.auxiliary = `${label} ${signalSetText(low, 0, c.style.constants, OLD_COUNT)}`;
  },
});

/** struct old_sigaction. */
export const oldSigaction = struct({
  sa_handler: pointer(handler),
  sa_mask: u32(oldSignalSet),
  sa_flags: u32(flagsOf(sigactionFlags)),
  sa_restorer: pointer(),
});

function showOldSigaction(c: ShowContext, view: DataView): void {
  c.out.punct("{");
  const restorer = oldSigaction.get(view, "sa_flags", c.abi) & SA_RESTORER;
  oldSigaction.showFields(c, view, ["sa_handler", "sa_mask", "sa_flags", ...(restorer === 0 ? [] : ["sa_restorer"])]);
  c.out.punct("}");
}

export const oldSigactionIn: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => showPointed(c, low, high, oldSigaction.size(c.abi), showOldSigaction),
};
export const oldSigactionOut: ArgumentType<number> = filledIn(oldSigactionIn);

/** struct sigaction as the kernel has it. */
export const sigaction = struct({
  sa_handler: pointer(handler),
  sa_flags: sizeWord(longFlagsOf(sigactionFlags)),
  sa_restorer: pointer(),
  sa_mask: {
    size: () => 8,
    align: pointerBytes,
    signed: false,
    type: address,
    showBytes: showSignalSet,
  },
});

function showSigaction(c: ShowContext, view: DataView): void {
  c.out.punct("{");
  const restorer = view.getInt32(sigaction.offset("sa_flags", c.abi), true) & SA_RESTORER;
  sigaction.showFields(c, view, ["sa_handler", "sa_mask", "sa_flags", ...(restorer === 0 ? [] : ["sa_restorer"])]);
  c.out.punct("}");
}

export const sigactionIn: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => showPointed(c, low, high, sigaction.size(c.abi), showSigaction),
};

export const sigactionOut: ArgumentType<number> = filledIn(sigactionIn);

export const stack = struct(
  { ss_sp: pointer(), ss_flags: u32(flagsOf(sigaltstackFlags)), ss_size: sizeWord() },
  { shown: ["ss_sp", "ss_flags", "ss_size"] },
);
export const stackIn = structIn(stack as Struct<Fields>);
export const stackOut = structOut(stack as Struct<Fields>);

export const siginfoIn: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => showPointed(c, low, high, SIGINFO_SIZE, (_, view) => showSiginfo(c, view, c.abi)),
};

export const siginfoOut: ArgumentType<number> = filledIn(siginfoIn);

/** struct sigevent, of which a timer's or a queue's notification is told. */
export const sigeventIn: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) =>
    showPointed(c, low, high, 64, (_, view) => {
      const wide = wordSize(c) === 8;
      const at = wide ? 8 : 4;
      const { out } = c;
      out.punct("{");
      if (view.getInt32(0, true) !== 0 || (wide && view.getInt32(4, true) !== 0)) {
        out.name("sigev_value");
        out.punct("={");
        out.name("sival_int");
        out.punct("=");
        out.number(view.getInt32(0, true).toString());
        out.punct(", ");
        out.name("sival_ptr");
        out.punct("=");
        showAddress(c, view.getInt32(0, true), wide ? view.getInt32(4, true) : 0);
        out.punct("}, ");
      }
      const notify = view.getInt32(at + 4, true);
      out.name("sigev_signo");
      out.punct("=");
      const named = [SIGEV_SIGNAL, SIGEV_THREAD, SIGEV_THREAD_ID].includes(notify);
      if (named) showSignal(c, view.getInt32(at, true));
      else out.number((view.getInt32(at, true) >>> 0).toString());
      out.punct(", ");
      out.name("sigev_notify");
      out.punct("=");
      showEnumeration(c, sigevNotify, notify);
      if (notify === SIGEV_THREAD_ID) {
        out.punct(", ");
        out.name("sigev_notify_thread_id");
        out.punct("=");
        out.number(view.getInt32(at + 8, true).toString());
      } else if (notify === SIGEV_THREAD) {
        for (const [i, name] of ["sigev_notify_function", "sigev_notify_attributes"].entries()) {
          const offset = at + 8 + i * wordSize(c);
          out.punct(", ");
          out.name(name);
          out.punct("=");
          showAddress(c, view.getInt32(offset, true), wide ? view.getInt32(offset + 4, true) : 0);
        }
      }
      out.punct("}");
    }),
};

/** What rt_sigtimedwait returns. */
export const signalResult: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => {
    int.show(c, low, 0);
    c.auxiliary = signals.names.get(low);
  },
};

/** pselect6's last argument: a set and its size, one pointer further away. */
export const signalSetBox: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => {
    const word = wordSize(c);
    showPointed(c, low, high, 2 * word, (_, view) => {
      c.out.punct("{");
      c.out.name("sigmask");
      c.out.punct("=");
      const size = unsignedNumber(view.getInt32(word, true), word === 8 ? view.getInt32(12, true) : 0);
      showSetOfSize(c, view.getInt32(0, true), word === 8 ? view.getInt32(4, true) : 0, size);
      c.out.punct(", ");
      c.out.name("sigsetsize");
      c.out.punct("=");
      c.out.number(unsignedDecimal(view.getInt32(word, true), word === 8 ? view.getInt32(12, true) : 0));
      c.out.punct("}");
    });
  },
};

/** The mask a sigreturn restores, from the frame on the stack: where it is beside the stack pointer, in one part or two. */
function showFrameMask(c: ShowContext, lowAt: number, highAt: number, address: number): void {
  const sp = c.tracee.stackPointer();
  const [low, high] = [peekInt(c.tracee, sp + lowAt), peekInt(c.tracee, sp + highAt)];
  if (low === undefined || high === undefined) {
    if (address > 0) showAddress(c, (sp + address) | 0, Math.floor((sp + address) / 2 ** 32));
    return;
  }
  c.out.flag(signalSetText(low, high, c.style.constants));
}

/** rt_sigreturn takes no argument; the mask its frame restores is shown as one. */
export const signalFrame: ArgumentType<number> = {
  receive: (low) => low,
  show: (c) => {
    // ucontext is flags, link, stack_t, and 256 bytes of sigcontext before the mask. i386 has the number, two pointers and siginfo before it.
    const at = isI386(c.abi) ? 12 + 128 + 20 + 88 : c.abi === "x32" ? 24 + 256 : 40 + 256;
    const isThere = c.abi !== "x86_64" || peekInt(c.tracee, c.tracee.stackPointer() + at + 4) !== undefined;
    if (!isThere) return;
    c.out.punct("{");
    c.out.name("mask");
    c.out.punct("=");
    showFrameMask(c, at, at + 4, at);
    c.out.punct("}");
  },
};

/** i386's sigreturn: its frame has a sigcontext, room for floating point, and the high half of the mask. */
export const oldSignalFrame: ArgumentType<number> = {
  receive: (low) => low,
  show: (c) => {
    const sp = c.tracee.stackPointer();
    const isThere = peekInt(c.tracee, sp + 80) !== undefined && peekInt(c.tracee, sp + 712) !== undefined;
    if (!isThere) {
      showAddress(c, sp | 0, Math.floor(sp / 2 ** 32));
      return;
    }
    c.out.punct("{");
    c.out.name("mask");
    c.out.punct("=");
    showFrameMask(c, 80, 712, 0);
    c.out.punct("}");
  },
};

/** restart_syscall takes no argument; the tracer says which call goes on. */
export const interruptedCall: ArgumentType<number> = {
  receive: (low) => low,
  show: (c) => c.out.comment(`<... resuming interrupted ${c.interruptedCall} ...>`),
};
