// ioctls of precision clocks, flash volumes and pins; and of files that share or map their blocks.
import type { ArgumentType } from "../argument.js";
import * as names from "../constants/ioctls.js";
import { fd } from "../descriptors.js";
import { unsignedNumber } from "../digits.js";
import { flagsOf, hexInt, hexLong, int, longFlagsOf, oneOf } from "../scalars.js";
import type { ShowContext } from "../show.js";
import { quoted } from "../strings.js";
import {
  bytes,
  type Field,
  type Fields,
  nested,
  reserved,
  reservedWords,
  type Struct,
  s8,
  s16,
  s32,
  s64,
  showPointed,
  struct,
  subview,
  u8,
  u16,
  u32,
  u64,
  unlessZero,
} from "../struct.js";
import { clockId, showDate } from "../time.js";
import { alike, array, type Commands, member, shownBy, structure, text } from "./fields.js";

type Shape = Struct<Fields>;

/** `count` elements, which are as long as there is room, at an offset of the structure. */
function list(
  c: ShowContext,
  view: DataView,
  offset: number,
  count: number,
  size: number,
  show: (at: DataView) => void,
) {
  const shown = c.abbreviate ? Math.min(count, c.style.stringLimit) : count;
  c.out.punct("[");
  for (let i = 0; i < shown; i++) {
    if (i > 0) c.out.punct(", ");
    show(subview(view, offset + i * size, size));
  }
  c.out.punct(shown < count ? ", ...]" : "]");
}

// Blocks that files share.

const MOST_SHARED_SHOWN = 2;
const sharing = struct({ src_offset: u64(), src_length: u64(), dest_count: u16(), rest: reserved(6, 2) });
const destination = struct({ dest_fd: s64(fd), dest_offset: u64(), rest: reserved(16, 8) }) as Shape;

const dedupe: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) =>
    showPointed(c, low, high, sharing.size(), (_, view) => {
      const count = sharing.get(view, "dest_count");
      c.out.punct("{");
      sharing.showFields(c, view, ["src_offset", "src_length", "dest_count"]);
      member(c, "info");
      const start = unsignedNumber(low, high) + sharing.size();
      const shown = c.abbreviate ? Math.min(count, MOST_SHARED_SHOWN) : count;
      c.out.punct("[");
      for (let i = 0; i < shown; i++) {
        if (i > 0) c.out.punct(", ");
        const at = start + i * destination.size();
        showPointed(c, at | 0, Math.floor(at / 2 ** 32), destination.size(), (__, one) => destination.show(c, one));
      }
      c.out.punct(shown < count ? ", ...]}" : "]}");
    }),
};

// Precision clocks.

const clockTime = struct({ sec: s64(), nsec: u32(), reserved: unlessZero(u32(hexInt)) }) as Shape;
const PHASE = 4;
const DUTY_CYCLE = 2;
const output = struct({
  start: nested(clockTime),
  period: nested(clockTime),
  index: u32(),
  flags: u32(flagsOf(names.ptpOutputFlags)),
  on: nested(clockTime),
});
const outputReserved = struct({ before: reserved(40, 8), rsv: reservedWords(4, 4) });

const outputRequest = shownBy(output.size(), (c, view) => {
  const flags = output.get(view, "flags");
  c.out.punct("{");
  member(c, (flags & PHASE) === 0 ? "start" : "phase", true);
  output.showField(c, view, "start");
  if ((flags & PHASE) === 0) showDate(c, clockTime.get(view, "sec"), clockTime.get(view, "nsec"), 9);
  c.out.punct(", ");
  output.showFields(c, view, ["period", "index", "flags"]);
  if ((flags & DUTY_CYCLE) !== 0) {
    c.out.punct(", ");
    output.showFields(c, view, ["on"]);
  } else if (!isZero(view, 40, 16)) {
    c.out.punct(", ");
    outputReserved.showFields(c, view, ["rsv"]);
  }
  c.out.punct("}");
});

const isZero = (view: DataView, offset: number, length: number): boolean =>
  new Uint8Array(view.buffer, view.byteOffset + offset, length).every((byte) => byte === 0);

const timestamps = { index: u32(), flags: u32(flagsOf(names.ptpTimestampFlags)) };
const pinUse = { func: u32(oneOf(names.ptpPinFunctions)), chan: u32() };
const pin = { name: reserved(64), index: u32() };

// Flash volumes.

/** A name that is so long by a field before it. */
const volumeName = (size: number, lengthBack: number): Field =>
  bytes(size, (c, view, offset) => {
    const length = Math.min(Math.max(view.getInt16(offset - lengthBack, true), 0), size - 1);
    const all = new Uint8Array(view.buffer, view.byteOffset + offset, length + 1);
    const end = all.indexOf(0);
    c.out.string(quoted(end < 0 ? all.subarray(0, length) : all.subarray(0, end), c.style));
    if (end < 0) c.out.punct("...");
  });

const VOLUME_NAME = 128;
const MOST_RENAMED = 32;
const RENAMED_AT = 16;
const renamed = struct({
  vol_id: s32(),
  name_len: s16(),
  padding: reserved(2),
  name: volumeName(VOLUME_NAME, 4),
}) as Shape;

const rename = shownBy(RENAMED_AT + MOST_RENAMED * renamed.size(), (c, view) => {
  const count = view.getInt32(0, true);
  c.out.punct("{");
  member(c, "count", true);
  int.show(c, count, count >> 31);
  member(c, "ents");
  const listed = Math.min(Math.max(count, 0), MOST_RENAMED);
  list(c, view, RENAMED_AT, listed, renamed.size(), (at) => renamed.show(c, at));
  c.out.punct("}");
});

// Pins.

const MOST_LINES = 64;
const handle = struct({
  lineoffsets: array(MOST_LINES, u32()),
  flags: u32(flagsOf(names.gpioHandleFlags)),
  default_values: array(MOST_LINES, u8()),
  consumer_label: text(32),
  lines: u32(),
  fd: s32(fd),
});

const lineHandle = shownBy(handle.size(), (c, view) => {
  const count = Math.min(handle.get(view, "lines"), MOST_LINES);
  c.out.punct("{");
  handle.showFields(c, view, ["lines"]);
  member(c, "lineoffsets");
  list(c, view, 0, count, 4, (at) => c.out.number(String(at.getUint32(0, true))));
  c.out.punct(", ");
  handle.showFields(c, view, ["flags"]);
  member(c, "default_values");
  list(c, view, handle.offset("default_values"), count, 1, (at) => c.out.number(String(at.getUint8(0))));
  c.out.punct(", ");
  handle.showFields(c, view, ["consumer_label"]);
  c.out.punct("}");
});

const MOST_ATTRIBUTES = 10;
const attribute = struct({ id: u32(), padding: unlessZero(u32(hexInt)), data: u64(hexLong) }) as Shape;
const lineAttribute = struct({ attr: nested(attribute), mask: u64(hexLong) }) as Shape;
const lineConfig = struct({
  flags: u64(longFlagsOf(names.gpioLineFlags)),
  num_attrs: u32(),
  padding: reservedWords(5, 4),
  attrs: reserved(MOST_ATTRIBUTES * 24, 8),
});
const FLAGS = 1;
const VALUES = 2;
const DEBOUNCE = 3;

function showAttribute(c: ShowContext, view: DataView): void {
  const id = view.getUint32(0, true);
  c.out.punct("{");
  if (id < FLAGS || id > DEBOUNCE) {
    lineAttribute.showFields(c, view, ["attr"]);
  } else {
    member(c, id === FLAGS ? "flags" : id === VALUES ? "values" : "debounce_period_us", true);
    const [low, high] = [view.getInt32(8, true), view.getInt32(12, true)];
    if (id === DEBOUNCE) c.out.number(String(low >>> 0));
    else (id === FLAGS ? longFlagsOf(names.gpioLineFlags) : hexLong).show(c, low, high);
  }
  c.out.punct(", ");
  lineAttribute.showFields(c, view, ["mask"]);
  c.out.punct("}");
}

function showConfig(c: ShowContext, view: DataView): void {
  c.out.punct("{");
  lineConfig.showFields(c, view, ["flags", "num_attrs", "padding"]);
  const count = Math.min(lineConfig.get(view, "num_attrs"), MOST_ATTRIBUTES);
  if (count > 0) {
    member(c, "attrs");
    list(c, view, lineConfig.offset("attrs"), count, lineAttribute.size(), (at) => showAttribute(c, at));
  }
  c.out.punct("}");
}

const lineRequest = struct({
  offsets: array(MOST_LINES, u32()),
  consumer: text(32),
  config: bytes(lineConfig.size(), (c, view, offset) => showConfig(c, subview(view, offset, lineConfig.size())), 8),
  num_lines: u32(),
  event_buffer_size: unlessZero(u32()),
  padding: reservedWords(5, 4),
  fd: s32(fd),
});

const lineRequested = shownBy(lineRequest.size(), (c, view) => {
  c.out.punct("{");
  lineRequest.showFields(c, view, ["num_lines"]);
  member(c, "offsets");
  const count = Math.min(lineRequest.get(view, "num_lines"), MOST_LINES);
  list(c, view, 0, count, 4, (at) => c.out.number(String(at.getUint32(0, true))));
  c.out.punct(", ");
  lineRequest.showFields(c, view, ["consumer", "config", "event_buffer_size", "padding"]);
  c.out.punct("}");
});

export const hardwareCommands: Commands = {
  FS_IOC_FIEMAP: structure({
    fm_start: u64(),
    fm_length: u64(),
    fm_flags: u32(flagsOf(names.fiemapFlags)),
    fm_mapped_extents: reserved(4, 4),
    fm_extent_count: u32(),
    fm_reserved: reserved(4, 4),
  }),
  FIDEDUPERANGE: dedupe,

  PTP_EXTTS_REQUEST: structure({ ...timestamps, rsv: reserved(8, 4) }),
  PTP_EXTTS_REQUEST2: structure({ ...timestamps, rsv: reservedWords(2, 4) }),
  ...alike("PTP_PEROUT_REQUEST PTP_PEROUT_REQUEST2", outputRequest),
  ...alike("PTP_SYS_OFFSET PTP_SYS_OFFSET2", structure({ n_samples: u32(), rsv: reservedWords(3, 4) })),
  ...alike(
    "PTP_SYS_OFFSET_EXTENDED PTP_SYS_OFFSET_EXTENDED2 PTP_SYS_OFFSET_EXTENDED_CYCLES",
    structure({ n_samples: u32(), clockid: s32(clockId), rsv: reservedWords(2, 4) }),
  ),
  PTP_PIN_GETFUNC: structure({ ...pin, rest: reserved(28, 4) }),
  PTP_PIN_GETFUNC2: structure({ ...pin, use: reserved(8, 4), rsv: reservedWords(5, 4) }),
  PTP_PIN_SETFUNC: structure({ ...pin, ...pinUse, rsv: reserved(20, 4) }),
  PTP_PIN_SETFUNC2: structure({ ...pin, ...pinUse, rsv: reservedWords(5, 4) }),

  UBI_IOCMKVOL: structure({
    vol_id: s32(),
    alignment: s32(),
    bytes: s64(),
    vol_type: u8(oneOf(names.ubiVolumeTypes)),
    flags: u8(flagsOf(names.ubiVolumeFlags)),
    name_len: s16(),
    padding: reserved(4),
    name: volumeName(VOLUME_NAME, 6),
  }),
  UBI_IOCRSVOL: structure({ bytes: s64(), vol_id: s32() }),
  UBI_IOCRNVOL: rename,
  UBI_IOCATT: structure({
    ubi_num: s32(),
    mtd_num: s32(),
    vid_hdr_offset: s32(),
    max_beb_per1024: s16(),
    disable_fm: s8(),
    need_resv_pool: s8(),
    padding: reserved(8),
  }),
  UBI_IOCEBCH: structure({ lnum: s32(), bytes: s32(), dtype: u8(oneOf(names.ubiDataTypes)), padding: reserved(7) }),
  UBI_IOCEBMAP: structure({ lnum: s32(), dtype: u8(oneOf(names.ubiDataTypes)), padding: reserved(3) }),
  UBI_IOCSETVOLPROP: structure({
    property: u8(oneOf(names.ubiProperties)),
    padding: reserved(7),
    value: u64(hexLong),
  }),

  ...alike(
    "GPIO_GET_LINEINFO_IOCTL GPIO_GET_LINEINFO_WATCH_IOCTL",
    structure({ line_offset: u32(), rest: reserved(68, 4) }),
  ),
  GPIO_GET_LINEINFO_UNWATCH_IOCTL: structure({ offset: u32() }),
  GPIO_GET_LINEHANDLE_IOCTL: lineHandle,
  GPIO_GET_LINEEVENT_IOCTL: structure({
    lineoffset: u32(),
    handleflags: u32(flagsOf(names.gpioHandleFlags)),
    eventflags: u32(flagsOf(names.gpioEventFlags)),
    consumer_label: text(32),
    fd: reserved(4, 4),
  }),
  GPIOHANDLE_SET_LINE_VALUES_IOCTL: structure({ values: array(MOST_LINES, u8()) }),
  GPIOHANDLE_SET_CONFIG_IOCTL: structure({
    flags: u32(flagsOf(names.gpioHandleFlags)),
    default_values: array(MOST_LINES, u8()),
    padding: reserved(16, 4),
  }),
  ...alike(
    "GPIO_V2_GET_LINEINFO_IOCTL GPIO_V2_GET_LINEINFO_WATCH_IOCTL",
    structure({ names: reserved(64), offset: u32(), rest: reserved(188, 4) }),
  ),
  GPIO_V2_GET_LINE_IOCTL: lineRequested,
  GPIO_V2_LINE_SET_CONFIG_IOCTL: shownBy(lineConfig.size(), showConfig),
  GPIO_V2_LINE_GET_VALUES_IOCTL: structure({ bits: reserved(8, 8), mask: u64(hexLong) }),
  GPIO_V2_LINE_SET_VALUES_IOCTL: structure({ bits: u64(hexLong), mask: u64(hexLong) }),
};
