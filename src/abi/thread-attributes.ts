// Attributes of a thread: personality, arch_prctl, seccomp, rseq.
import { type ArgumentType, dependent } from "./argument.js";
import { seccompFilterIn } from "./bpf/filter.js";
import {
  ARCH_GET_CPUID,
  ARCH_GET_FS,
  ARCH_GET_GS,
  ARCH_SET_CPUID,
  PER_MASK,
  personalities,
  personalityFlags,
  rseqCpuIds,
  rseqCsFlags,
  SECCOMP_GET_ACTION_AVAIL,
  SECCOMP_GET_NOTIF_SIZES,
  SECCOMP_SET_MODE_FILTER,
  seccompActions,
  seccompFilterFlags,
} from "./constants/processes.js";
import { hex, unsignedNumber } from "./digits.js";
import { address, flagsOf, hexInt, int, showAddress, unsignedInt } from "./scalars.js";
import {
  type Fields,
  nested,
  pointer,
  type Struct,
  scalarOut,
  showPointed,
  struct,
  structOut,
  u8,
  u16,
  u32,
  u64,
} from "./struct.js";
import { showEnumeration, showNamed } from "./tables.js";

export function personalityText(value: number): string {
  const base = personalities.names.get(value & PER_MASK) ?? `${hex(value & PER_MASK)} /* PER_??? */`;
  let text = base;
  let rest = value & ~PER_MASK;
  for (let i = 0; i < personalityFlags.names.length; i++) {
    const bits = personalityFlags.low[i] as number;
    if ((rest & bits) !== bits) continue;
    rest &= ~bits;
    text += `|${personalityFlags.names[i]}`;
  }
  return rest === 0 ? text : `${text}|${hex(rest)}`;
}

export const personality: ArgumentType<number> = {
  receive: (low) => low >>> 0,
  show: (c, low) => {
    if (low === -1) c.out.number("0xffffffff");
    else showNamed(c, hex(low), personalityText(low));
  },
};

export const personalityResult: ArgumentType<number> = {
  receive: (low) => low >>> 0,
  show: (c, low) => {
    c.out.number(hex(low));
    c.auxiliary = c.style.constants === "raw" ? hex(low) : personalityText(low);
  },
};

export const archPrctlArgument: ArgumentType<number> = dependent(address, (c) => {
  const option = c.low("op");
  if (option === ARCH_GET_FS || option === ARCH_GET_GS) return scalarOut(pointer());
  if (option === ARCH_GET_CPUID) return undefined;
  return option === ARCH_SET_CPUID ? unsignedInt : hexAddress;
});
const hexAddress: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => c.out.address(hex(low, high)),
};

export const seccompFlags: ArgumentType<number> = dependent(int, (c) =>
  c.low("operation") === SECCOMP_SET_MODE_FILTER ? flagsOf(seccompFilterFlags) : hexInt,
);

const notificationSizes = struct({ seccomp_notif: u16(), seccomp_notif_resp: u16(), seccomp_data: u16() });
const actionIn: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) =>
    showPointed(c, low, high, 4, (_, view) => {
      c.out.punct("[");
      showEnumeration(c, seccompActions, view.getInt32(0, true));
      c.out.punct("]");
    }),
};

/** What seccomp's third argument points to, by operation. */
export const seccompArgument: ArgumentType<number> = dependent(address, (c) => {
  switch (c.low("operation")) {
    case SECCOMP_SET_MODE_FILTER:
      return seccompFilterIn;
    case SECCOMP_GET_ACTION_AVAIL:
      return actionIn;
    case SECCOMP_GET_NOTIF_SIZES:
      return structOut(notificationSizes as Struct<Fields>);
    default:
      return address;
  }
});

const sliceControl = struct({ request: u8(), granted: u8(), __reserved: u16(hexInt) });

const rseqCpuId: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => {
    const name = rseqCpuIds.names.get(low);
    if (name === undefined) c.out.number((low >>> 0).toString());
    else showNamed(c, low.toString(), name);
  },
};

export const rseq = struct({
  cpu_id_start: u32(rseqCpuId),
  cpu_id: u32(rseqCpuId),
  rseq_cs: u64(address),
  flags: u32(flagsOf(rseqCsFlags)),
  node_id: u32(),
  mm_cid: u32(),
  slice_ctrl: nested(sliceControl as Struct<Fields>),
  __reserved: u8(hexInt),
});

const RSEQ_SIZE = 32;

/** What a thread registers with rseq: shown when it is what the kernel would take. Members past the length given count as zero. */
export const rseqIn: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => {
    const length = c.low("rseq_len");
    const given = Math.min(length, rseq.size());
    const bytes =
      length < RSEQ_SIZE || low % RSEQ_SIZE !== 0 || !c.dereference
        ? undefined
        : c.tracee.peek(unsignedNumber(low, high), given);
    if (bytes === undefined || (low === 0 && high === 0)) {
      showAddress(c, low, high);
      return;
    }
    const whole = new Uint8Array(rseq.size());
    whole.set(bytes);
    rseq.show(c, new DataView(whole.buffer));
  },
};
