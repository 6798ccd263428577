// ioctls of the device mapper. See linux/dm-ioctl.h: a head that says much, and behind it what the command is about.
import type { ArgumentType } from "../argument.js";
import { deviceMapperFlags } from "../constants/devices.js";
import { unsignedNumber } from "../digits.js";
import { peekView } from "../memory.js";
import { device, flagsOf, hexLong, showAddress } from "../scalars.js";
import type { ShowContext } from "../show.js";
import { quoted } from "../strings.js";
import { type Fields, reserved, type Struct, s32, struct, u32, u64 } from "../struct.js";
import { array, type Commands, member, text } from "./fields.js";

type Shape = Struct<Fields>;

const head = struct({
  version: array(3, u32()),
  data_size: u32(),
  data_start: u32(),
  target_count: u32(),
  open_count: s32(),
  flags: u32(flagsOf(deviceMapperFlags)),
  event_nr: u32(),
  padding: reserved(4, 4),
  dev: u64(device),
  name: text(128),
  uuid: text(129),
  data: reserved(7),
}) as Shape;
const HEAD_SIZE = 305;
const SMALLEST = 16;
const SUPPORTED = 4;
const MOST_TEXT = 65536;

/** What is behind the head: it shows elements in the `size` bytes at `start`. */
type Data = (c: ShowContext, start: number, size: number, view: DataView) => void;

interface Parts {
  /** Which fields are shown; devices are named where there is something to name. */
  readonly names?: readonly string[];
  readonly isNamed?: boolean;
  readonly data?: Data;
  /** Whether there is something behind the head at all. */
  hasData?(view: DataView): boolean;
}

function misplaced(c: ShowContext, what: string): void {
  c.out.punct(", ???");
  c.out.comment(` /* misplaced ${what} */`);
}

/** A text that ends where the buffer does. */
function showText(c: ShowContext, start: number, size: number): void {
  const found = c.tracee.peek(start, Math.min(Math.max(size, 0), MOST_TEXT));
  if (found === undefined) {
    showAddress(c, start | 0, Math.floor(start / 2 ** 32));
    return;
  }
  const end = found.indexOf(0);
  c.out.string(quoted(end < 0 ? found : found.subarray(0, end), c.style));
  if (end < 0 && found.length > 0) c.out.punct("...");
}

function textMember(c: ShowContext, name: string, start: number, size: number, isFirst = false): void {
  member(c, name, isFirst);
  showText(c, start, size);
}

const string: Data = (c, start, size) => {
  if (size < 0) {
    misplaced(c, "string");
    return;
  }
  c.out.punct(", {");
  textMember(c, "string", start, size, true);
  c.out.punct("}");
};

const messageHead = struct({ sector: u64() }) as Shape;
const message: Data = (c, start, size) => {
  const view = size < messageHead.size() ? undefined : peekView(c.tracee, start, messageHead.size());
  if (view === undefined) {
    misplaced(c, "struct dm_target_msg");
    return;
  }
  c.out.punct(", {");
  messageHead.showFields(c, view, ["sector"]);
  textMember(c, "message", start + messageHead.size(), size - messageHead.size());
  c.out.punct("}");
};

const target = struct({
  sector_start: u64(),
  length: u64(),
  status: s32(),
  next: u32(),
  target_type: text(16),
}) as Shape;

/** Targets, each of which says where the next one is: from itself, or from the first. */
const targets =
  (isStatus: boolean): Data =>
  (c, start, size, view) => {
    let at = 0;
    for (let i = 0; i < view.getUint32(20, true); i++) {
      const one = at + target.size() > size ? undefined : peekView(c.tracee, start + at, target.size());
      if (one === undefined) {
        misplaced(c, "struct dm_target_spec");
        return;
      }
      c.out.punct(", {");
      target.showFields(c, one, ["sector_start", "length", ...(isStatus ? ["status"] : []), "target_type"]);
      textMember(c, "string", start + at + target.size(), size - at - target.size());
      c.out.punct("}");
      const next = target.get(one, "next");
      const after = isStatus ? next : at + next;
      if (after < at + target.size() && i + 1 < view.getUint32(20, true)) {
        misplaced(c, "struct dm_target_spec");
        return;
      }
      at = after;
    }
  };

const dependencies: Data = (c, start, size) => {
  const found = size < 8 ? undefined : peekView(c.tracee, start, 8);
  const count = found?.getUint32(0, true) ?? 0;
  if (found === undefined || 8 + count * 8 > size) {
    misplaced(c, "struct dm_target_deps");
    return;
  }
  c.out.punct(", {");
  member(c, "count", true);
  c.out.number(String(count));
  member(c, "deps");
  const all = peekView(c.tracee, start + 8, count * 8);
  c.out.punct("[");
  for (let i = 0; i < count && all !== undefined; i++) {
    if (i > 0) c.out.punct(", ");
    device.show(c, all.getInt32(i * 8, true), all.getInt32(i * 8 + 4, true));
  }
  c.out.punct("]}");
};

/** A list of entries of a fixed head and a name, which say how far the next one is. */
const list =
  (entry: Shape, nameAt: number, what: string, fields: readonly string[], isNameFirst: boolean): Data =>
  (c, start, size) => {
    for (let at = 0; ; ) {
      const one = at + entry.size() > size ? undefined : peekView(c.tracee, start + at, entry.size());
      if (one === undefined) {
        misplaced(c, what);
        return;
      }
      c.out.punct(", {");
      if (isNameFirst) textMember(c, "name", start + at + nameAt, size - at - nameAt, true);
      if (isNameFirst) c.out.punct(", ");
      entry.showFields(c, one, fields);
      if (!isNameFirst) textMember(c, "name", start + at + nameAt, size - at - nameAt);
      c.out.punct("}");
      const next = entry.get(one, "next");
      if (next === 0) return;
      at += next;
    }
  };

const deviceEntry = struct({ dev: u64(device), next: u32(), name: reserved(4, 4) }) as Shape;
const devices = list(deviceEntry, 12, "struct dm_name_list", ["dev"], false);
const versionEntry = struct({ next: u32(), version: array(3, u32()) }) as Shape;
const versions = list(versionEntry, 16, "struct dm_target_versions", ["version"], true);

function showHead(c: ShowContext, start: number, parts: Parts): boolean {
  const brief = peekView(c.tracee, start, SMALLEST);
  if (brief === undefined) return false;
  const size = head.get(brief, "data_size");
  if (size < SMALLEST) return false;
  if (brief.getUint32(0, true) !== SUPPORTED) {
    c.out.punct("[{");
    head.showFields(c, brief, ["version"]);
    c.out.comment(" /* unsupported device mapper ABI version */");
    c.out.punct("}]");
    return true;
  }
  if (size < HEAD_SIZE) {
    c.out.punct("[{");
    head.showFields(c, brief, ["version", "data_size"]);
    c.out.comment(" /* data_size too small */");
    c.out.punct("}]");
    return true;
  }
  const view = peekView(c.tracee, start, head.size());
  if (view === undefined) return false;
  showParts(c, start, view, parts);
  return true;
}

function showParts(c: ShowContext, start: number, view: DataView, parts: Parts): void {
  const { names = [], isNamed = true, data } = parts;
  const has = (name: string): boolean => names.includes(name);
  const isThere = (name: string): boolean =>
    isNamed && (name === "dev" ? head.get(view, "dev") !== 0 : view.getUint8(head.offset(name)) !== 0);
  c.out.punct("[{");
  head.showFields(c, view, [
    "version",
    "data_size",
    ...["data_start"].filter(has),
    ...["dev", "name", "uuid"].filter(isThere),
    ...["target_count", "open_count", "event_nr"].filter(has),
    "flags",
  ]);
  c.out.punct("}");
  if (data !== undefined && (parts.hasData?.(view) ?? true)) {
    const offset = head.get(view, "data_start");
    if (c.abbreviate) c.out.punct(", ...");
    else data(c, start + offset, head.get(view, "data_size") - offset, view);
  }
  c.out.punct("]");
}

function command(before: Parts, after: Parts): ArgumentType<number> {
  return {
    receive: unsignedNumber,
    show: (c, low, high) => {
      const start = unsignedNumber(low, high);
      if (!c.dereference || start === 0 || !showHead(c, start, before)) hexLong.show(c, low, high);
    },
    leave: (c, low, high) => {
      const start = unsignedNumber(low, high);
      const brief = c.failed || !c.dereference || start === 0 ? undefined : peekView(c.tracee, start, SMALLEST);
      if (brief === undefined) return;
      if (head.get(brief, "data_size") < SMALLEST) return;
      c.out.punct(" => ");
      showHead(c, start, after);
    },
  };
}

const COUNTS = ["target_count", "open_count", "event_nr"];
const hasTargets = (view: DataView): boolean => view.getUint32(20, true) > 0;
const counted = { names: COUNTS };
const placed = { names: ["data_start", ...COUNTS] };
const plain = command({}, {});
const status = command({}, counted);
const nameless = { isNamed: false };
const listed = (data: Data): ArgumentType<number> =>
  command({ names: ["data_start"], isNamed: false }, { names: ["data_start"], isNamed: false, data });

export const deviceMapperCommands: Commands = {
  DM_VERSION: plain,
  DM_REMOVE_ALL: command(nameless, nameless),
  DM_LIST_DEVICES: listed(devices),
  DM_LIST_VERSIONS: listed(versions),
  DM_DEV_CREATE: status,
  DM_DEV_REMOVE: command({ names: ["event_nr"] }, {}),
  DM_DEV_RENAME: command({ names: ["data_start", "event_nr"], data: string }, placed),
  DM_DEV_SUSPEND: command({ names: ["event_nr"] }, counted),
  DM_DEV_STATUS: status,
  DM_DEV_WAIT: command({ names: ["data_start", "event_nr"] }, { ...placed, data: targets(true), hasData: hasTargets }),
  DM_TABLE_LOAD: command({ names: ["data_start", "target_count"], data: targets(false), hasData: hasTargets }, placed),
  DM_TABLE_CLEAR: status,
  DM_TABLE_DEPS: command({ names: ["data_start"] }, { ...placed, data: dependencies }),
  DM_TABLE_STATUS: command({ names: ["data_start"] }, { ...placed, data: targets(true), hasData: hasTargets }),
  DM_TARGET_MSG: command({ names: ["data_start"], data: message }, placed),
  DM_DEV_SET_GEOMETRY: command({ names: ["data_start"], data: string }, { names: ["data_start"] }),
  DM_DEV_ARM_POLL: plain,
};
