// Asynchronous I/O: control blocks, and the parameters of io_uring.

import { ioPriority } from "./administration.js";
import { type ArgumentType, dependent } from "./argument.js";
import {
  IORING_ENTER_EXT_ARG,
  IORING_ENTER_EXT_ARG_REG,
  iocbCommands,
  iocbFlags,
  ioUringRegisterOpcodes,
  ioUringSetupFlags,
  pollEvents,
} from "./constants/events.js";
import { rwfFlags } from "./constants/files.js";
import { fd } from "./descriptors.js";
import { hex, unsignedNumber } from "./digits.js";
import { iovec, showIoVector } from "./io-vector.js";
import { wordSize } from "./memory.js";
import {
  address,
  filledIn,
  flagsOf,
  hexInt,
  hexLong,
  int,
  oneOf,
  showAddress,
  unsignedInt,
  unsignedLong,
} from "./scalars.js";
import type { ShowContext } from "./show.js";
import { signalSetIn } from "./signals.js";
import { showBuffer } from "./strings.js";
import {
  bytes,
  type Fields,
  type Struct,
  s32,
  s64,
  showArray,
  showPointed,
  struct,
  structIn,
  u16,
  u32,
  u64,
  unlessZero,
} from "./struct.js";
import { type FlagSet, showEnumeration, showFlags, showNamed } from "./tables.js";

const PREAD = 0;
const PWRITE = 1;
const POLL = 5;
const PREADV = 7;
const PWRITEV = 8;
const RESFD = 1;
const HAS_PRIORITY = 2;

/** Events as they are named here when none of them is known. */
const aioPollEvents: FlagSet = pollEvents.calling("POLL???");

export const iocb = struct({
  aio_data: u64(hexLong),
  aio_key: unlessZero(u32()),
  aio_rw_flags: unlessZero(u32(flagsOf(rwfFlags))),
  aio_lio_opcode: u16(oneOf(iocbCommands, "decimal")),
  aio_reqprio: unlessZero(bytes(2, showPriority, 2)),
  aio_fildes: s32(fd),
  aio_buf: bytes(8, showTransfer, 8),
  aio_nbytes: u64(),
  aio_offset: s64(),
  aio_reserved2: u64(),
  aio_flags: unlessZero(u32(flagsOf(iocbFlags))),
  aio_resfd: s32(fd),
});

/** struct io_event. */
export const ioEvent = struct({ data: u64(hexLong), obj: u64(address), res: s64(), res2: s64() });

/** The events that io_getevents gives. */
export const ioEventsOut: ArgumentType<number> = filledIn({
  receive: unsignedNumber,
  show: (c, low, high) => showArray(c, low, high, c.result(), ioEvent.size(), (_, view) => ioEvent.show(c, view)),
});

/** struct aio_ring: what is at the address that names a context, before the events. */
export const aioRing = struct({
  id: u32(),
  nr: u32(),
  head: u32(),
  tail: u32(),
  magic: u32(),
  compat_features: u32(),
  incompat_features: u32(),
  header_length: u32(),
});

/** What is transferred: shown when it is the program's. */
function showTransfer(c: ShowContext, view: DataView, offset: number): void {
  const low = view.getInt32(offset, true);
  const high = view.getInt32(offset + 4, true);
  const operation = iocb.get(view, "aio_lio_opcode");
  const length = iocb.get(view, "aio_nbytes");
  if (operation === PWRITE) showBuffer(c, low, high, length);
  else if (operation === POLL) showFlags(c, aioPollEvents, low, high);
  else if (operation === PREADV || operation === PWRITEV) {
    showArray(c, low, high, length, iovec.size(c.abi), (_, element) =>
      showIoVector(c, element, operation === PWRITEV ? showBuffer : undefined, Number.POSITIVE_INFINITY),
    );
  } else hexLong.show(c, low, high);
}

/** A priority of its own where the flags say so, and a number that means nothing elsewhere. */
function showPriority(c: ShowContext, view: DataView, offset: number): void {
  const hasPriority = (iocb.get(view, "aio_flags") & HAS_PRIORITY) !== 0;
  if (hasPriority) ioPriority.show(c, view.getUint16(offset, true), 0);
  else int.show(c, view.getInt16(offset, true), 0);
}

const head = ["aio_data", "aio_key", "aio_rw_flags", "aio_lio_opcode", "aio_reqprio", "aio_fildes"];
const moreOf: Readonly<Record<number, readonly string[]>> = {
  [PREAD]: ["aio_buf", "aio_nbytes", "aio_offset"],
  [PWRITE]: ["aio_buf", "aio_nbytes", "aio_offset"],
  [POLL]: ["aio_buf"],
  [PREADV]: ["aio_buf", "aio_offset"],
  [PWRITEV]: ["aio_buf", "aio_offset"],
};

/** Where events are counted, or a number that means nothing. */
function showCounter(c: ShowContext, view: DataView): void {
  const isDescriptor = (iocb.get(view, "aio_flags") & RESFD) !== 0;
  const value = iocb.get(view, "aio_resfd");
  if (!isDescriptor && value === 0) return;
  c.out.punct(", ");
  c.out.name("aio_resfd");
  c.out.punct("=");
  (isDescriptor ? fd : hexInt).show(c, value, value >> 31);
}

function showBlock(c: ShowContext, view: DataView, isCancelled: boolean): void {
  const more = isCancelled ? [] : (moreOf[iocb.get(view, "aio_lio_opcode")] ?? []);
  c.out.punct("{");
  iocb.showFields(c, view, [...head, ...more, ...(more.length > 0 ? ["aio_flags"] : [])]);
  if (more.length > 0) showCounter(c, view);
  c.out.punct("}");
}

/** One control block, of a request to cancel. */
export const cancelledBlock: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => showPointed(c, low, high, iocb.size(), (_, view) => showBlock(c, view, true)),
};

/** Addresses of `nr` control blocks. */
export const controlBlocks: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => {
    const count = c.low("nr");
    if (count < 0) {
      showAddress(c, low, high);
      return;
    }
    const word = wordSize(c);
    showArray(c, low, high, count, word, (_, view) =>
      showPointed(c, view.getInt32(0, true), word === 8 ? view.getInt32(4, true) : 0, iocb.size(), (__, block) =>
        showBlock(c, block, false),
      ),
    );
  },
};

const WQ_ATTACHED = 0x20;
const ringParameters = struct({
  sq_entries: u32(),
  cq_entries: u32(),
  flags: u32(flagsOf(ioUringSetupFlags)),
  sq_thread_cpu: u32(hexInt),
  sq_thread_idle: u32(),
  features: u32(hexInt),
  wq_fd: s32(fd),
  resv: unlessZero(
    bytes(12, (c, view, offset) => {
      const words = [0, 4, 8].map((at) => view.getInt32(offset + at, true));
      c.out.punct("[");
      words.forEach((value, index) => {
        if (index > 0) c.out.punct(", ");
        hexInt.show(c, value, 0);
      });
      c.out.punct("]");
    }),
  ),
  offsets: { ...u64(address), size: () => 80 },
});

/** io_uring_setup's parameters, as the program gives them. */
export const ringSetup: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) =>
    showPointed(c, low, high, ringParameters.size(), (_, view) => {
      const isAttached = (ringParameters.get(view, "flags") & WQ_ATTACHED) !== 0;
      c.out.punct("{");
      ringParameters.showFields(c, view, [
        "flags",
        "sq_thread_cpu",
        "sq_thread_idle",
        ...(isAttached ? ["wq_fd"] : []),
        "resv",
      ]);
      c.out.punct("}");
    }),
};

const extendedWait = struct({
  sigmask: u64(address),
  sigmask_sz: u32(),
  min_wait_usec: u32(),
  ts: u64(address),
}) as Struct<Fields>;
const extendedWaitIn = structIn(extendedWait);

/** io_uring_enter's signals, with EXT_ARG a structure that has them and more, or with EXT_ARG_REG an offset to one. */
export const ringWait: ArgumentType<number> = dependent(address, (c) => {
  if ((c.low("flags") & IORING_ENTER_EXT_ARG) !== 0) return extendedWaitIn;
  return (c.low("flags") & IORING_ENTER_EXT_ARG_REG) !== 0 ? unsignedLong : signalSetIn;
});

const isRegisteredRing = (c: ShowContext): boolean => c.low("opcode") < 0;

/** The ring io_uring_register is about: a descriptor, or the index of one that is registered. */
export const registeredRing: ArgumentType<number> = {
  ...fd,
  show: (c, low, high) => (isRegisteredRing(c) ? unsignedInt : fd).show(c, low, high),
};

const USE_REGISTERED_RING = 0x80000000;

export const registerOperation: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => {
    showEnumeration(c, ioUringRegisterOpcodes, low & ~USE_REGISTERED_RING);
    if (!isRegisteredRing(c)) return;
    c.out.punct("|");
    showNamed(c, hex(USE_REGISTERED_RING), "IORING_REGISTER_USE_REGISTERED_RING");
  },
};
