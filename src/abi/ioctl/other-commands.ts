// ioctls of drives, counters, clocks, flash memory, the console's lights and sounds, events and randomness, that have little in common.
import type { ArgumentType } from "../argument.js";
import * as names from "../constants/devices.js";
import { udmabufFlags } from "../constants/ioctls.js";
import { fd } from "../descriptors.js";
import { hex, unsignedDecimal, unsignedNumber } from "../digits.js";
import { peekView } from "../memory.js";
import { perfEventAttr } from "../perf.js";
import {
  address,
  filledIn,
  flagsOf,
  hexInt,
  hexLong,
  long,
  longFlagsOf,
  longOneOf,
  oneOf,
  unsignedLong,
} from "../scalars.js";
import type { ShowContext } from "../show.js";
import { showBuffer, showHexBytes, string } from "../strings.js";
import {
  type Fields,
  nested,
  reserved,
  type Struct,
  s32,
  scalarOut,
  showArray,
  struct,
  u8,
  u32,
  u64,
  unlessZero,
} from "../struct.js";
import { flagSet, showEnumeration, showNamed } from "../tables.js";
import { alike, type Commands, continued, exchanged, fieldsOf, member, shownBy, structure } from "./fields.js";

type Shape = Struct<Fields>;

// Drives.

/** How nice a drive is to others: bits by number. */
const niceness = flagSet("IDE_NICE_???", {
  "1<<IDE_NICE_DSC_OVERLAP": 1,
  "1<<IDE_NICE_ATAPI_OVERLAP": 2,
  "1<<IDE_NICE_1": 8,
  "1<<IDE_NICE_0": 4,
  "1<<IDE_NICE_2": 16,
});

const taskRegisters = struct({
  command: u8(oneOf(names.ataCommands)),
  sector_number: u8(),
  feature: u8(),
  sector_count: u8(),
}) as Shape;
const taskResult = struct({ status: u8(hexInt), error: u8(), nsector: u8() }) as Shape;
const SECTOR = 512;

const driveCommand = exchanged(
  taskRegisters.size(),
  (c, view) => taskRegisters.show(c, view),
  (c, view) => {
    c.out.punct("{");
    taskResult.showFields(c, view, Object.keys(taskResult.fields));
    const length = view.getUint8(3) * SECTOR;
    const start = unsignedNumber(c.low("argp"), c.high("argp")) + taskRegisters.size();
    const data = length === 0 ? undefined : peekView(c.tracee, start, Math.min(length, c.style.stringLimit + 1));
    if (data !== undefined) {
      member(c, "buf");
      showHexBytes(c, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
    c.out.punct("}");
  },
);

const NO_ESCALATE = 0x100;
const scsiReset = shownBy(4, (c, view) => {
  const what = view.getInt32(0, true);
  c.out.punct("[");
  if ((what & NO_ESCALATE) !== 0) {
    showNamed(c, "0x100", "SG_SCSI_RESET_NO_ESCALATE");
    c.out.punct("|");
  }
  showEnumeration(c, names.scsiResets, what & ~NO_ESCALATE);
  c.out.punct("]");
});

// The console.

const TICKS_PER_SECOND = 1193182;

function say(c: ShowContext, what: string): void {
  if (c.style.constants !== "raw") c.out.comment(` /* ${what} */`);
}

const sound: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => {
    c.out.number(unsignedDecimal(low, high));
    const period = unsignedNumber(low, high);
    const hertz = period === 0 ? 0 : Math.floor(TICKS_PER_SECOND / period);
    say(c, hertz === 0 ? "off" : `${hertz} Hz`);
  },
};

const tone: ArgumentType<number> = {
  receive: (low) => low >>> 0,
  show: (c, low) => {
    const [period, time] = [low & 0xffff, low >>> 16];
    c.out.number(time === 0 ? String(period) : `${time}<<16|${period}`);
    const hertz = period === 0 || time === 0 ? 0 : Math.floor(TICKS_PER_SECOND / period);
    say(c, hertz === 0 ? "off" : `${hertz} Hz, ${time} ms`);
  },
};

const lights: ArgumentType<number> = {
  receive: (low) => low & 0xff,
  show: (c, low) => flagsOf(names.keyboardLights).show(c, low & 0xff, 0),
};
const lightsAndDefaults = flagSet("LED_???", {
  LED_SCR: 1,
  LED_NUM: 2,
  LED_CAP: 4,
  "LED_SCR<<4": 0x10,
  "LED_NUM<<4": 0x20,
  "LED_CAP<<4": 0x40,
});
const allLights: ArgumentType<number> = {
  receive: (low) => low & 0xff,
  show: (c, low) => flagsOf(lightsAndDefaults).show(c, low & 0xff, 0),
};

const table = (size: number): ArgumentType<number> =>
  shownBy(size, (c, view) => showHexBytes(c, new Uint8Array(view.buffer, view.byteOffset, size)));

/** Code points that stand for glyphs of the font by number. */
const DIRECT = 0xf000;
const LAST_DIRECT = 0xf1ff;

const unicodeTable: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) =>
    showArray(c, low, high, 256, 2, (_, view) => {
      const point = view.getUint16(0, true);
      if (point < DIRECT || point > LAST_DIRECT) hexInt.show(c, point, 0);
      else showNamed(c, hex(point), `UNI_DIRECT_BASE+${hex(point - DIRECT)}`);
    }),
};

// Counters, clocks and flash memory.

const component = struct({
  type: u8(oneOf(names.counterComponents)),
  scope: u8(oneOf(names.counterScopes)),
  parent: u8(),
  id: u8(),
}) as Shape;

const parameter = struct({
  param: u64(longOneOf(names.clockParameters)),
  value: u64(),
  index: u32(),
  __pad: unlessZero(u32(hexInt)),
}) as Shape;
const CORRECTION = 1;
const SWITCH_MODE = 2;

/** The value of a parameter, which is signed in one of them and a mode in another. */
function parameterValue(c: ShowContext, view: DataView, isFirst: boolean): void {
  const which = parameter.get(view, "param");
  member(c, which === CORRECTION ? "svalue" : "uvalue", isFirst);
  const type = which === CORRECTION ? long : which === SWITCH_MODE ? longOneOf(names.clockSwitchModes) : hexLong;
  type.show(c, view.getInt32(8, true), view.getInt32(12, true));
}

const parameterSet = shownBy(parameter.size(), (c, view) => {
  c.out.punct("{");
  parameter.showFields(c, view, ["param"]);
  parameterValue(c, view, false);
  c.out.punct(", ");
  parameter.showFields(c, view, ["index", "__pad"]);
  c.out.punct("}");
});

const parameterGet: ArgumentType<number> = {
  ...shownBy(parameter.size(), fieldsOf(parameter, "param index __pad")),
  leave: (c, low, high) => {
    if (!c.dereference || (low === 0 && high === 0)) return;
    const view = peekView(c.tracee, unsignedNumber(low, high), parameter.size());
    if (view === undefined) return;
    c.out.punct(" => ");
    if (c.failed) {
      address.show(c, low, high);
      return;
    }
    const pad = view.getUint32(20, true);
    c.out.punct("{");
    parameterValue(c, view, true);
    if (pad !== 0) {
      c.out.punct(", ");
      parameter.showFields(c, view, ["__pad"]);
    }
    c.out.punct("}");
  },
};

const erased = struct({
  offset: u32(hexInt),
  erasesize: u32(hexInt),
  numblocks: u32(hexInt),
  regionindex: u32(hexInt),
}) as Shape;
const erasedRegion = continued(
  erased.size(),
  (c, view) => {
    c.out.punct("{");
    erased.showFields(c, view, ["regionindex"]);
  },
  (c, view) => {
    c.out.punct(", ");
    erased.showFields(c, view, ["offset", "erasesize", "numblocks"]);
  },
  "",
);

const query = struct({ ids_len: u32(), prog_cnt: u32() }) as Shape;
const programs = continued(
  query.size(),
  (c, view) => {
    c.out.punct("{");
    query.showFields(c, view, ["ids_len"]);
  },
  (c, view) => {
    const start = unsignedNumber(c.low("argp"), c.high("argp")) + query.size();
    const count = Math.min(query.get(view, "ids_len"), query.get(view, "prog_cnt"));
    c.out.punct(", ");
    query.showFields(c, view, ["prog_cnt"]);
    member(c, "ids");
    showArray(c, start | 0, Math.floor(start / 2 ** 32), count, 4, (_, one) =>
      c.out.number(String(one.getUint32(0, true))),
    );
  },
  ", ...",
);

const region = structure({ start: u32(hexInt), length: u32(hexInt), locked: u32() });

// Events and randomness.

const entropy = shownBy(8, (c, view) => {
  const start = unsignedNumber(c.low("argp"), c.high("argp")) + 8;
  const size = view.getInt32(4, true);
  c.out.punct("{");
  member(c, "entropy_count", true);
  c.out.number(String(view.getInt32(0, true)));
  member(c, "buf_size");
  c.out.number(String(size));
  member(c, "buf");
  showBuffer(c, start | 0, Math.floor(start / 2 ** 32), size);
  c.out.punct("}");
});

const share = struct({ memfd: u32(fd), pad: reserved(4, 4), offset: u64(), size: u64() }) as Shape;
const shares = shownBy(8, (c, view) => {
  const start = unsignedNumber(c.low("argp"), c.high("argp")) + 8;
  const count = view.getUint32(4, true);
  c.out.punct("{");
  member(c, "flags", true);
  flagsOf(udmabufFlags).show(c, view.getInt32(0, true), 0);
  member(c, "count");
  c.out.number(String(count));
  member(c, "list");
  showArray(c, start | 0, Math.floor(start / 2 ** 32), count, share.size(), (_, one) => share.show(c, one));
  c.out.punct("}");
});

export const otherCommands: Commands = {
  HDIO_DRIVE_CMD: driveCommand,
  HDIO_SET_NICE: longFlagsOf(niceness),
  SG_SCSI_RESET: scsiReset,
  SG_GET_ACCESS_COUNT: scalarOut(s32()),

  KIOCSOUND: sound,
  KDMKTONE: tone,
  KDSETLED: lights,
  KDSKBLED: allLights,
  PIO_SCRNMAP: table(256),
  PIO_FONT: table(8192),
  PIO_CMAP: table(48),
  PIO_UNISCRNMAP: unicodeTable,

  ...alike("COUNTER_ENABLE_EVENTS_IOCTL COUNTER_DISABLE_EVENTS_IOCTL", "none"),
  COUNTER_ADD_WATCH_IOCTL: structure({
    component: nested(component),
    event: u8(oneOf(names.counterEvents)),
    channel: u8(),
  }),
  RTC_PARAM_SET: parameterSet,
  RTC_PARAM_GET: parameterGet,
  MEMGETREGIONINFO: erasedRegion,
  OTPSELECT: shownBy(4, (c, view) => {
    c.out.punct("[");
    showEnumeration(c, names.otpAreas, view.getInt32(0, true));
    c.out.punct("]");
  }),
  OTPLOCK: region,
  OTPGETREGIONINFO: filledIn(region),
  MEMWRITE: structure({
    start: u64(hexLong),
    len: u64(hexLong),
    ooblen: u64(hexLong),
    usr_data: u64(address),
    usr_oob: u64(address),
    mode: u8(oneOf(names.flashWriteModes)),
    padding: reserved(7),
  }),

  PERF_EVENT_IOC_PAUSE_OUTPUT: unsignedLong,
  PERF_EVENT_IOC_SET_FILTER: string,
  PERF_EVENT_IOC_MODIFY_ATTRIBUTES: perfEventAttr,
  SECCOMP_IOCTL_NOTIF_SET_FLAGS: longFlagsOf(
    flagSet("SECCOMP_USER_NOTIF_???", { SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP: 1 }),
  ),
  PERF_EVENT_IOC_QUERY_BPF: programs,
  RNDADDENTROPY: entropy,
  UDMABUF_CREATE_LIST: shares,
  APEI_ERST_CLEAR_RECORD: address,
  APEI_ERST_GET_RECORD_COUNT: address,
};
