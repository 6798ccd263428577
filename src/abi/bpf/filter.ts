// Classic filter programs, as seccomp(2) and SO_ATTACH_FILTER take them: struct sock_fprog.
import type { ArgumentType } from "../argument.js";
import { BPF_ABS, BPF_LD, BPF_RET, filterAncillary } from "../constants/bpf.js";
import { seccompActions } from "../constants/processes.js";
import { hex } from "../digits.js";
import { address } from "../scalars.js";
import type { ShowContext } from "../show.js";
import {
  type Fields,
  pointer,
  pointerBytes,
  type Struct,
  showArray,
  struct,
  structIn,
  subview,
  u16,
} from "../struct.js";
import { showEnumeration, showNamed } from "../tables.js";
import { classOf, modeOf, showFilterCode } from "./code.js";

const SOCK_FILTER = 8;
const ACTION = 0xffff0000;

// Where a load finds what is not in the packet.
const SKF_AD_OFF = 0xfffff000;
const SKF_NET_OFF = 0xfff00000;
const SKF_LL_OFF = 0xffe00000;

type ShowOperand = (c: ShowContext, code: number, k: number) => void;

function showNumber(c: ShowContext, k: number): void {
  c.out.number(hex(k));
}

/** What a seccomp filter returns is an action with data. */
function showSeccompOperand(c: ShowContext, code: number, k: number): void {
  if (classOf(code) !== BPF_RET) {
    showNumber(c, k);
    return;
  }
  showEnumeration(c, seccompActions, k & ACTION);
  const data = k & ~ACTION;
  if (data === 0) return;
  c.out.punct("|");
  showNumber(c, data);
}

/** A socket's filter loads from the packet, and from places given as offsets no packet has. */
function showSocketOperand(c: ShowContext, code: number, k: number): void {
  const place = k >>> 0;
  if (classOf(code) !== BPF_LD || modeOf(code) !== BPF_ABS || place < SKF_LL_OFF) {
    showNumber(c, k);
  } else if (place >= SKF_AD_OFF) {
    showNamed(c, hex(SKF_AD_OFF), "SKF_AD_OFF");
    c.out.punct("+");
    showEnumeration(c, filterAncillary, place - SKF_AD_OFF);
  } else {
    const base = place >= SKF_NET_OFF ? SKF_NET_OFF : SKF_LL_OFF;
    showNamed(c, hex(base), base === SKF_NET_OFF ? "SKF_NET_OFF" : "SKF_LL_OFF");
    c.out.punct("+");
    c.out.number((place - base).toString());
  }
}

/** `BPF_STMT(code, k)`, or with its two ways on `BPF_JUMP(code, k, jt, jf)`. */
function showStatement(c: ShowContext, view: DataView, showOperand: ShowOperand): void {
  const code = view.getUint16(0, true);
  const [onTrue, onFalse] = [view.getUint8(2), view.getUint8(3)];
  const k = view.getInt32(4, true);
  const jumps = onTrue !== 0 || onFalse !== 0;
  c.out.punct(jumps ? "BPF_JUMP(" : "BPF_STMT(");
  showFilterCode(c, code);
  c.out.punct(", ");
  if (jumps) {
    showNumber(c, k);
    for (const way of [onTrue, onFalse]) {
      c.out.punct(", ");
      showNumber(c, way);
    }
  } else showOperand(c, code, k);
  c.out.punct(")");
}

/** struct sock_fprog; in short, the program is only an address. */
function program(showOperand: ShowOperand): ArgumentType<number> {
  const shape = struct({
    len: u16(),
    filter: {
      ...pointer(),
      showBytes: (c, view, offset) => {
        const low = view.getInt32(offset, true);
        const high = pointerBytes(c.abi) === 8 ? view.getInt32(offset + 4, true) : 0;
        if (c.abbreviate) address.show(c, low, high);
        else
          showArray(c, low, high, view.getUint16(0, true), SOCK_FILTER, (_, each) =>
            showStatement(c, each, showOperand),
          );
      },
    },
  });
  return structIn(shape as Struct<Fields>);
}

/** The statements in `view`, as a packet socket's filter is told of. */
export function showSocketStatements(c: ShowContext, view: DataView): void {
  const count = Math.floor(view.byteLength / SOCK_FILTER);
  c.out.punct("[");
  for (let i = 0; i < count; i++) {
    if (i > 0) c.out.punct(", ");
    showStatement(c, subview(view, i * SOCK_FILTER, SOCK_FILTER), showSocketOperand);
  }
  c.out.punct("]");
}

export const seccompFilterIn = program(showSeccompOperand);
export const socketFilterIn = program(showSocketOperand);
