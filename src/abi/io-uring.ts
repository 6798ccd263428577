// The arguments of io_uring_register, by operation.
import { type ArgumentType, dependent } from "./argument.js";
import {
  ioUringCancelFlags,
  ioUringCloneFlags,
  ioUringEntryFlags,
  ioUringNapiOperations,
  ioUringNapiTracking,
  ioUringOperationFlags,
  ioUringOperations,
  ioUringRegionFlags,
  ioUringRegisterOpcodes,
  ioUringResourceFlags,
  ioUringRestrictions,
  ioUringSetupFlags,
  ioUringWorkers,
  ioUringZcrxEvents,
  ioUringZcrxFlags,
  ioUringZcrxOperations,
} from "./constants/events.js";
import { fd } from "./descriptors.js";
import { hex, unsignedNumber } from "./digits.js";
import { extensibleIn } from "./extensible.js";
import { showIoVector } from "./io-vector.js";
import { peekView } from "./memory.js";
import { address, flagsOf, hexInt, hexLong, longFlagsOf, oneOf, showAddress } from "./scalars.js";
import { cpuSet } from "./scheduling.js";
import type { ShowContext } from "./show.js";
import {
  bytes,
  type Field,
  type Fields,
  nested,
  reserved,
  reservedWords,
  type Struct,
  s32,
  s64,
  showArray,
  showPointed,
  struct,
  structIn,
  u8,
  u16,
  u32,
  u64,
  unlessZero,
} from "./struct.js";
import { showEnumeration } from "./tables.js";
import { clockId } from "./time.js";

type Shape = Struct<Fields>;

const USE_REGISTERED_RING = 0x80000000;

const operation = oneOf(ioUringOperations, "decimal");

const filesUpdate = struct({
  offset: u32(),
  resv: unlessZero(u32(hexInt)),
  fds: bytes(
    8,
    (c, view, offset) => {
      const count = c.low("nr_args") >>> 0;
      showArray(c, view.getInt32(offset, true), view.getInt32(offset + 4, true), count, 4, showDescriptor);
    },
    8,
  ),
});

const probe = struct({
  last_op: u8(operation),
  ops_len: u8(),
  resv: unlessZero(u16(hexInt)),
  resv2: reservedWords(3, 4),
});
const probedOperation = struct({
  op: u8(operation),
  resv: unlessZero(u8(hexInt)),
  flags: u16(flagsOf(ioUringOperationFlags)),
  resv2: unlessZero(u32(hexInt)),
});

/** What the kernel fills in: shown before the call when the program has filled in something itself. */
const probeOut: ArgumentType<number> = {
  receive: unsignedNumber,
  atExit: (c) => isProbeEmpty(c),
  show: (c, low, high) => {
    if (c.exiting && c.failed) {
      showAddress(c, low, high);
      return;
    }
    showPointed(c, low, high, probe.size(), (_, view) => {
      const start = unsignedNumber(low, high) + probe.size();
      c.out.punct("{");
      probe.showFields(c, view, ["last_op", "ops_len", "resv", "resv2"]);
      c.out.punct(", ");
      c.out.name("ops");
      c.out.punct("=");
      const place = [start | 0, Math.floor(start / 2 ** 32)] as const;
      showArray(c, ...place, c.low("nr_args") >>> 0, probedOperation.size(), (__, each) =>
        probedOperation.show(c, each),
      );
      c.out.punct("}");
    });
  },
};

const LONGEST_PROBE = 256;

function isProbeEmpty(c: ShowContext): boolean {
  const count = Math.min(c.low("nr_args") >>> 0, LONGEST_PROBE);
  const found = peekView(c.tracee, c.unsigned("arg"), probe.size() + count * probedOperation.size());
  return (
    found !== undefined && new Uint8Array(found.buffer, found.byteOffset, found.byteLength).every((byte) => byte === 0)
  );
}

const REGISTER_OP = 0;
const SQE_OP = 1;
const LAST_RESTRICTION = 3;
const restriction = struct({
  opcode: u16(oneOf(ioUringRestrictions)),
  operand: u8(),
  resv: unlessZero(u8(hexInt)),
  resv2: reservedWords(3, 4),
});

function showRestriction(c: ShowContext, view: DataView): void {
  const kind = restriction.get(view, "opcode");
  const operand = restriction.get(view, "operand");
  c.out.punct("{");
  restriction.showFields(c, view, ["opcode"]);
  const named = (name: string, type: ArgumentType<unknown>): void => {
    c.out.punct(", ");
    c.out.name(name);
    c.out.punct("=");
    type.show(c, operand, 0);
  };
  if (kind === REGISTER_OP) named("register_op", oneOf(ioUringRegisterOpcodes));
  else if (kind === SQE_OP) named("sqe_op", operation);
  else if (kind <= LAST_RESTRICTION) named("sqe_flags", flagsOf(ioUringEntryFlags));
  else c.out.comment(` /* op: ${hex(operand)} */`);
  showRest(c, view, restriction, ["resv", "resv2"]);
  c.out.punct("}");
}

/** Fields that are only there when they are not zero, behind others. */
function showRest(c: ShowContext, view: DataView, shape: Shape, names: readonly string[]): void {
  for (const name of names) {
    const size = shape.fields[name].size("x86_64");
    const start = view.byteOffset + shape.offset(name);
    if (new Uint8Array(view.buffer, start, size).every((byte) => byte === 0)) continue;
    c.out.punct(", ");
    shape.showFields(c, view, [name]);
  }
}

/** Addresses of as many things as field `nr` says. */
const arrayAt = (shapeOf: () => Shape, size: number, show: (c: ShowContext, view: DataView) => void): Field =>
  bytes(
    8,
    (c, view, offset) => {
      const count = shapeOf().get(new DataView(view.buffer, view.byteOffset), "nr");
      showArray(c, view.getInt32(offset, true), view.getInt32(offset + 4, true), count, size, show);
    },
    8,
  );

const showDescriptor = (c: ShowContext, view: DataView): void => fd.show(c, view.getInt32(0, true), 0);
const showTag = (c: ShowContext, view: DataView): void =>
  hexLong.show(c, view.getInt32(0, true), view.getInt32(4, true));
function showVector(c: ShowContext, view: DataView): void {
  showIoVector(c, view, undefined, Number.POSITIVE_INFINITY);
}

/** struct io_uring_rsrc_register, of files or buffers. */
function resources(size: number, show: (c: ShowContext, view: DataView) => void): Shape {
  const shape: Shape = struct({
    nr: u32(),
    flags: u32(flagsOf(ioUringResourceFlags)),
    resv2: unlessZero(u64(hexLong)),
    data: arrayAt(() => shape, size, show),
    tags: arrayAt(() => shape, 8, showTag),
  });
  return shape;
}

/** struct io_uring_rsrc_update2. */
function resourcesUpdate(size: number, show: (c: ShowContext, view: DataView) => void): Shape {
  const shape: Shape = struct({
    offset: u32(),
    resv: unlessZero(u32(hexInt)),
    data: arrayAt(() => shape, size, show),
    tags: arrayAt(() => shape, 8, showTag),
    nr: u32(),
    resv2: unlessZero(u32(hexInt)),
  });
  return shape;
}

/** The most workers of each kind: what was so before is written back. */
const workers: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) =>
    showArray(c, low, high, c.low("nr_args") >>> 0, 4, (_, view, index) => {
      c.out.punct("[");
      showEnumeration(c, ioUringWorkers, index, 0, "decimal");
      c.out.punct("]=");
      c.out.number(String(view.getUint32(0, true)));
    }),
  leave: (c, low, high) => {
    if ((low === 0 && high === 0) || c.low("nr_args") === 0) return;
    if (peekView(c.tracee, unsignedNumber(low, high), 4) === undefined) return;
    c.out.punct(" => ");
    if (c.failed) showAddress(c, low, high);
    else workers.show(c, low, high);
  },
};

/** Any that is free when it is -1. */
const ringOffset: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => c.out.number(String(low === -1 ? low : low >>> 0)),
};
const ringDescriptor = struct({ offset: u32(ringOffset), resv: unlessZero(u32(hexInt)), data: s64(fd) });
const ringIndex = struct({ offset: u32(), resv: unlessZero(u32(hexInt)), data: unlessZero(u64(hexLong)) });

const bufferRing = struct({
  ring_addr: u64(address),
  ring_entries: u32(),
  bgid: u16(),
  flags: u16(hexInt),
  min_left: u32(),
  resv: reservedWords(5, 4),
});

const timespec = struct({ tv_sec: s64(), tv_nsec: s64() });
const cancellation = struct({
  addr: u64(address),
  fd: s32(fd),
  flags: u32(flagsOf(ioUringCancelFlags)),
  timeout: nested(timespec),
  opcode: u8(oneOf(ioUringOperations)),
  pad: reservedWords(7, 1),
  pad2: reservedWords(3, 8),
});

const allocationRange = struct({ off: u32(), len: u32(), resv: unlessZero(u64(hexLong)) });

const NAPI_REGISTER = 0;
const napi = struct({
  busy_poll_to: u32(hexInt),
  prefer_busy_poll: u8(hexInt),
  opcode: u8(oneOf(ioUringNapiOperations)),
  pad: reservedWords(2, 1),
  op_param: bytes(
    4,
    (c, view, offset) => {
      const isTracking = napi.get(view, "opcode") === NAPI_REGISTER;
      (isTracking ? oneOf(ioUringNapiTracking) : hexInt).show(c, view.getInt32(offset, true), 0);
    },
    4,
  ),
  resv: unlessZero(u32(hexInt)),
}) as Shape;

const clock = struct({ clockid: s32(clockId), __resv: reservedWords(3, 4) });

const clonedBuffers = struct({
  src_fd: u32(fd),
  flags: u32(flagsOf(ioUringCloneFlags)),
  src_off: u32(),
  dst_off: u32(),
  nr: u32(),
  pad: reservedWords(3, 4),
});

const resizedRings = struct(
  {
    sq_entries: u32(),
    cq_entries: u32(),
    flags: u32(flagsOf(ioUringSetupFlags)),
    unused: reserved(16, 4),
    resv: reservedWords(3, 4),
    sq_off: unlessZero(bytes(40, showUserAddress, 8)),
    cq_off: unlessZero(bytes(40, showUserAddress, 8)),
  },
  { shown: ["sq_entries", "cq_entries", "flags", "sq_off", "cq_off", "resv"] },
);

/** Of ring offsets the program may say one thing: where the ring is to be. */
function showUserAddress(c: ShowContext, view: DataView, offset: number): void {
  c.out.punct("{");
  c.out.name("user_addr");
  c.out.punct("=");
  address.show(c, view.getInt32(offset + 32, true), view.getInt32(offset + 36, true));
  c.out.punct("}");
}

const memoryRegion = struct({
  region_uptr: u64(address),
  flags: u64(longFlagsOf(ioUringRegionFlags)),
  __resv: reservedWords(2, 8),
});

const receiveOffsets = struct({
  head: u32(),
  tail: u32(),
  rqes: u32(),
  __resv2: unlessZero(u32(hexInt)),
  __resv: reservedWords(2, 8),
});
const receiveQueue = struct({
  if_idx: u32(),
  if_rxq: u32(),
  rq_entries: u32(),
  flags: u32(flagsOf(ioUringZcrxFlags)),
  area_ptr: u64(address),
  region_ptr: u64(address),
  offsets: nested(receiveOffsets),
  zcrx_id: u32(),
  rx_buf_len: u32(),
  event_desc: u64(address),
  __resv: reservedWords(2, 8),
});

const FLUSH = 0;
const ARM_EVENT = 2;
const zcrxFlush = struct({ __resv: reservedWords(6, 8) });
const zcrxArm = struct({ event_type: u32(oneOf(ioUringZcrxEvents)), __resv: reservedWords(11, 4) });
const zcrxControl = struct({
  zcrx_id: u32(),
  op: u32(oneOf(ioUringZcrxOperations)),
  __resv: reservedWords(2, 8),
  zc_flush: nested(zcrxFlush),
  zc_arm_event: nested(zcrxArm),
});
/** The two are one: what they have in common begins at the first. */
const ZCRX_SIZE = 72;

const zcrx: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) =>
    showPointed(c, low, high, ZCRX_SIZE, (_, view) => {
      c.out.punct("{");
      zcrxControl.showFields(c, view, ["zcrx_id", "op", "__resv"]);
      const kind = zcrxControl.get(view, "op");
      const part = new DataView(view.buffer, view.byteOffset + zcrxControl.offset("zc_flush"));
      if (kind === FLUSH || kind === ARM_EVENT) {
        c.out.punct(", ");
        c.out.name(kind === FLUSH ? "zc_flush" : "zc_arm_event");
        c.out.punct("=");
        (kind === FLUSH ? zcrxFlush : zcrxArm).show(c, part);
      }
      c.out.punct("}");
    }),
};

/** What is only looked at when there are `count` arguments. */
const when = (count: number, type: ArgumentType<number>): ArgumentType<number> =>
  dependent(address, (c) => (c.low("nr_args") === count ? type : address));

const arrayOf = (size: number, show: (c: ShowContext, view: DataView) => void): ArgumentType<number> => ({
  receive: unsignedNumber,
  show: (c, low, high) => showArray(c, low, high, c.low("nr_args") >>> 0, size, show),
});

const structures = (shape: Shape): ArgumentType<number> => arrayOf(shape.size(), (c, view) => shape.show(c, view));

/** `nr_args` is how long the structure is. */
const sized = (shape: Shape): ArgumentType<number> =>
  extensibleIn(shape, { minimum: shape.size(), size: (c) => c.low("nr_args") >>> 0 });

/** Those that have no argument, or one that nobody has described, are addresses. */
const ARGUMENTS: Readonly<Record<number, ArgumentType<number>>> = {
  0: arrayOf(16, showVector),
  2: arrayOf(4, showDescriptor),
  4: arrayOf(4, showDescriptor),
  6: structIn(filesUpdate),
  7: arrayOf(4, showDescriptor),
  8: probeOut,
  11: arrayOf(restriction.size(), showRestriction),
  13: sized(resources(4, showDescriptor)),
  14: sized(resourcesUpdate(4, showDescriptor)),
  15: sized(resources(16, showVector)),
  16: sized(resourcesUpdate(16, showVector)),
  17: cpuSet("nr_args"),
  19: workers,
  20: structures(ringDescriptor),
  21: structures(ringIndex),
  22: when(1, structIn(bufferRing)),
  23: when(1, structIn(bufferRing)),
  24: when(1, structIn(cancellation)),
  25: when(1, structIn(allocationRange)),
  27: when(1, structIn(napi)),
  29: when(0, structIn(clock)),
  30: when(1, structIn(clonedBuffers)),
  32: when(1, structIn(receiveQueue)),
  33: when(1, structIn(resizedRings)),
  34: when(1, structIn(memoryRegion)),
  36: when(1, zcrx),
};

export const registration: ArgumentType<number> = dependent(
  address,
  (c) => ARGUMENTS[(c.low("opcode") & ~USE_REGISTERED_RING) >>> 0] ?? address,
);
