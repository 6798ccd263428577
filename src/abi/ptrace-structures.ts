// Structures that ptrace's requests take: registers, what a system call is told to be, seccomp's filters, pending signals.
import { type ArgumentType, dependent } from "./argument.js";
import {
  NT_FPREGSET,
  NT_PRSTATUS,
  PTRACE_SYSCALL_INFO_ENTRY,
  PTRACE_SYSCALL_INFO_EXIT,
  PTRACE_SYSCALL_INFO_SECCOMP,
  peekSignalFlags,
  syscallInfoKinds,
} from "./constants/processes.js";
import { auditArchitectures } from "./constants/signals.js";
import { unsignedNumber } from "./digits.js";
import { peekView } from "./memory.js";
import { address, flagsOf, hexInt, hexLong, oneOf, showAddress } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { showSignalSet } from "./signals.js";
import {
  bytes,
  type Fields,
  pointer,
  type Struct,
  s32,
  s64,
  showPointed,
  sizeWord,
  struct,
  structIn,
  subview,
  u8,
  u16,
  u32,
  u64,
  unlessZero,
} from "./struct.js";
import { floatRegisters, generalRegisters, showRegisters } from "./tracee-registers.js";

/** Registers of 64-bit programs; those of others are not taken apart. */
const ofWidePrograms = (type: ArgumentType<number>): ArgumentType<number> =>
  dependent(address, (c) => (c.tracee.personality === "x86_64" ? type : address));

export const generalRegistersIn = ofWidePrograms(structIn(generalRegisters));
export const floatRegistersIn = ofWidePrograms(structIn(floatRegisters));

const registerSets: Readonly<Record<number, Struct<Fields>>> = {
  [NT_PRSTATUS]: generalRegisters,
  [NT_FPREGSET]: floatRegisters,
};

/** The vector of PTRACE_SETREGSET, with the registers it leads to: whole words of them. */
export const registerSetIn: ArgumentType<number> = structIn(
  struct({
    iov_base: {
      ...pointer(),
      showBytes: (c: ShowContext, view: DataView, at: number) => {
        const [low, high] = [view.getInt32(at, true), view.getInt32(at + 4, true)];
        const length = Number(view.getBigUint64(at + 8, true));
        const registers = registerSets[c.low("addr")];
        const size = registers === undefined ? 0 : Math.min(length, registers.size());
        const isWhole = length % 8 === 0 && size > 0 && c.dereference;
        const found = isWhole ? peekView(c.tracee, unsignedNumber(low, high), size) : undefined;
        if (found === undefined) showAddress(c, low, high);
        else showRegisters(c, found, registers as Struct<Fields>, length);
      },
    },
    iov_len: sizeWord(),
  }) as Struct<Fields>,
);

const SYSCALL_INFO = 88;
const LONG = 8;

const head = struct({
  op: u8(oneOf(syscallInfoKinds)),
  reserved: unlessZero(u8(hexInt)),
  flags: unlessZero(u16(hexInt)),
  arch: u32(oneOf(auditArchitectures)),
  instruction_pointer: u64(address),
  stack_pointer: u64(address),
});

const kinds: Readonly<Record<number, readonly [name: string, fields: readonly string[]]>> = {
  [PTRACE_SYSCALL_INFO_ENTRY]: ["entry", ["nr", "args"]],
  [PTRACE_SYSCALL_INFO_EXIT]: ["exit", ["rval", "is_error"]],
  [PTRACE_SYSCALL_INFO_SECCOMP]: ["seccomp", ["nr", "args", "ret_data"]],
};

const CALL_AT = 24;
const call = struct({ nr: u64(), args: bytes(6 * LONG, () => undefined, LONG), ret_data: u32() });
const outcome = struct({ rval: s64(), is_error: u8() });

/** The fields that end, or for single bytes and arrays begin, within `length` bytes. */
function showCall(c: ShowContext, view: DataView, names: readonly string[], length: number): void {
  const { out } = c;
  let isFirst = true;
  for (const name of names) {
    const form: Struct<Fields> = name in outcome.fields ? outcome : call;
    const isArray = name === "args";
    const least = form.offset(name) + (isArray ? LONG : (form.fields[name]?.size("x86_64") ?? 0));
    if (length < least) continue;
    if (!isFirst) out.punct(", ");
    isFirst = false;
    out.name(name);
    out.punct("=");
    if (isArray) showArguments(c, view, Math.min(6, Math.floor(length / LONG) - 1));
    else form.showField(c, view, name);
  }
}

function showArguments(c: ShowContext, view: DataView, count: number): void {
  c.out.punct("[");
  for (let i = 0; i < count; i++) {
    if (i > 0) c.out.punct(", ");
    const at = LONG * (i + 1);
    hexLong.show(c, view.getInt32(at, true), view.getInt32(at + 4, true));
  }
  c.out.punct("]");
}

/** struct ptrace_syscall_info, of which as much is there as the call says. */
export const syscallInfoIn: ArgumentType<number> = sizedBy((c, found, length) => {
  const whole = new Uint8Array(SYSCALL_INFO);
  whole.set(found);
  const view = new DataView(whole.buffer);
  const names = ["op", "reserved", "flags", "arch", "instruction_pointer", "stack_pointer"].filter(
    (name) => LEAST[name] === undefined || length >= (LEAST[name] as number),
  );
  c.out.punct("{");
  head.showFields(c, view, names);
  const kind = kinds[view.getUint8(0)];
  if (kind !== undefined && length >= CALL_AT + LONG) {
    c.out.punct(", ");
    c.out.name(kind[0]);
    c.out.punct("={");
    showCall(c, subview(view, CALL_AT, SYSCALL_INFO - CALL_AT), kind[1], length - CALL_AT);
    c.out.punct("}");
  }
  c.out.punct("}");
}, SYSCALL_INFO);

/** What has to be there for these to be shown; the others are zeros where it is not. */
const LEAST: Readonly<Record<string, number>> = { arch: 8, instruction_pointer: 16, stack_pointer: 24 };

/** A structure of as many bytes as the call's address argument says, `most` at most. */
function sizedBy(
  show: (c: ShowContext, found: Uint8Array, length: number) => void,
  most: number,
): ArgumentType<number> {
  return {
    receive: unsignedNumber,
    show: (c, low, high) => {
      const length = Math.min(c.unsigned("addr"), most);
      if (length === 0) showAddress(c, low, high);
      else
        showPointed(c, low, high, length, (_, view) =>
          show(c, new Uint8Array(view.buffer, view.byteOffset, length), length),
        );
    },
  };
}

const metadata = struct({ filter_off: u64() });

/** What PTRACE_SECCOMP_GET_METADATA is asked for. */
export const seccompMetadataIn: ArgumentType<number> = dependent(address, (c) =>
  c.unsigned("addr") < metadata.size() ? address : structIn(metadata as Struct<Fields>),
);

/** A signal set of the size the call says, which has to be the kernel's. */
export const signalMaskIn: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => {
    if (c.unsigned("addr") !== LONG) showAddress(c, low, high);
    else showPointed(c, low, high, LONG, (_, view) => showSignalSet(c, view));
  },
};

/** Which pending signals PTRACE_PEEKSIGINFO is asked for. */
export const peekSignalsIn: ArgumentType<number> = structIn(
  struct({ off: u64(), flags: u32(flagsOf(peekSignalFlags)), nr: s32() }) as Struct<Fields>,
);
