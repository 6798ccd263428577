// ioctls of btrfs. See linux/btrfs.h.
import type { ArgumentType } from "../argument.js";
import * as names from "../constants/btrfs.js";
import { fd } from "../descriptors.js";
import { unsignedDecimal, unsignedNumber } from "../digits.js";
import { device, filledIn, longFlagsOf, longOneOf, oneOf, showAddress } from "../scalars.js";
import type { ShowContext } from "../show.js";
import {
  type Fields,
  nested,
  reserved,
  type Struct,
  s64,
  scalarIn,
  scalarOut,
  showArray,
  struct,
  structIn,
  subview,
  u16,
  u32,
  u64,
  unlessZero,
} from "../struct.js";
import { showEnumeration } from "../tables.js";
import { dateText } from "../time.js";
import { bounded, logical, lookup, object, paths, search, told } from "./btrfs-trees.js";
import { alike, type Commands, exchanged, fieldsOf, member, shownBy, structure, text, uuid } from "./fields.js";

type Shape = Struct<Fields>;

// Subvolumes and devices by name.

const volume = structure({ fd: s64(fd), name: text(4088) });
const limit = struct({
  flags: u64(longFlagsOf(names.btrfsLimits)),
  max_rfer: u64(),
  max_excl: u64(),
  rsv_rfer: u64(),
  rsv_excl: u64(),
}) as Shape;
const inheritance = struct({
  flags: u64(longFlagsOf(names.btrfsInheritance)),
  num_qgroups: u64(),
  num_ref_copies: u64(),
  num_excl_copies: u64(),
  lim: nested(limit),
}) as Shape;

const groups: ArgumentType<number> = shownBy(inheritance.size(), (c, view) => {
  const start = c.notes[c.index] as number;
  c.out.punct("{");
  inheritance.showFields(c, view, Object.keys(inheritance.fields));
  if (c.abbreviate) c.out.punct(", ...}");
  else {
    member(c, "qgroups");
    const at = start + inheritance.size();
    showU64s(c, at | 0, Math.floor(at / 2 ** 32), inheritance.get(view, "num_qgroups"), bounded);
    c.out.punct("}");
  }
});

function showU64s(c: ShowContext, low: number, high: number, count: number, type: ArgumentType<unknown>): void {
  showArray(c, low, high, count, 8, (_, view) => type.show(c, view.getInt32(0, true), view.getInt32(4, true)));
}

const INHERIT = 4;
const namedVolume = struct({
  fd: s64(fd),
  transid: u64(),
  flags: u64(longFlagsOf(names.btrfsSubvolumes)),
  size: u64(),
  qgroup_inherit: u64({
    receive: unsignedNumber,
    show: (c, low, high) => {
      c.notes[c.index] = unsignedNumber(low, high);
      groups.show(c, low, high);
    },
  }),
  rest: reserved(16, 8),
  name: text(4040),
}) as Shape;

const createVolume = exchanged(
  namedVolume.size(),
  (c, view) => {
    const inherits = (view.getUint32(16, true) & INHERIT) !== 0;
    fieldsOf(namedVolume, inherits ? "fd flags size qgroup_inherit name" : "fd flags name")(c, view);
  },
  fieldsOf(namedVolume, "transid"),
);

const subvolumeFlags: ArgumentType<number> = shownBy(8, (c, view) =>
  longFlagsOf(names.btrfsSubvolumes).show(c, view.getInt32(0, true), view.getInt32(4, true)),
);

const sent = struct({
  send_fd: s64(fd),
  clone_sources_count: u64(),
  clone_sources: u64(),
  parent_root: u64(object),
  flags: u64(longFlagsOf(names.btrfsSendFlags)),
  rest: reserved(32, 4),
}) as Shape;

const send = shownBy(sent.size(), (c, view) => {
  c.out.punct("{");
  sent.showFields(c, view, ["send_fd", "clone_sources_count"]);
  member(c, "clone_sources");
  const [low, high] = [view.getInt32(16, true), view.getInt32(20, true)];
  if (c.abbreviate) showAddress(c, low, high);
  else showU64s(c, low, high, sent.get(view, "clone_sources_count"), object);
  c.out.punct(", ");
  sent.showFields(c, view, ["parent_root", "flags"]);
  c.out.punct("}");
});

const moment = struct({ sec: u64(), nsec: u32(), rest: reserved(4, 4) }) as Shape;
const received = struct({
  uuid,
  stransid: u64(),
  rtransid: u64(),
  stime: nested(moment),
  rtime: nested(moment),
  flags: u64(),
  rest: reserved(128, 8),
}) as Shape;

// Balancing.

const balanceArguments = struct({
  profiles: u64(longFlagsOf(names.btrfsBlockGroups)),
  usage: u64(bounded),
  devid: u64(device),
  pstart: u64(bounded),
  pend: u64(bounded),
  vstart: u64(bounded),
  vend: u64(bounded),
  target: u64(bounded),
  flags: u64(longFlagsOf(names.btrfsBalanceArguments)),
  rest: reserved(64, 8),
}) as Shape;
const balance = struct({
  flags: u64(longFlagsOf(names.btrfsBalance)),
  state: u64(longFlagsOf(names.btrfsBalanceState)),
  data: nested(balanceArguments),
  meta: nested(balanceArguments),
  sys: nested(balanceArguments),
  rest: reserved(600, 8),
}) as Shape;
const DATA = 1;
const SYSTEM = 2;
const METADATA = 4;

function balanceFields(c: ShowContext, view: DataView, first: readonly string[]): void {
  const flags = view.getUint32(0, true);
  const shown = [...first];
  if ((flags & DATA) !== 0) shown.push("data");
  if ((flags & METADATA) !== 0) shown.push("meta");
  if ((flags & SYSTEM) !== 0) shown.push("sys");
  c.out.punct("{");
  balance.showFields(c, view, shown);
  c.out.punct("}");
}

const balanceState = filledIn(shownBy(balance.size(), (c, view) => balanceFields(c, view, ["flags", "state"])));
const balanceAsked: ArgumentType<number> = {
  ...shownBy(balance.size(), (c, view) => balanceFields(c, view, ["flags"])),
  leave: (c, low, high) => {
    if (c.failed) return;
    c.out.punct(" => ");
    balanceState.show(c, low, high);
  },
};

// The file system and its devices.

const space = struct({
  flags: u64(longFlagsOf(names.btrfsBlockGroups)),
  total_bytes: u64(),
  used_bytes: u64(),
}) as Shape;
const spaces = struct({ space_slots: u64(), total_spaces: u64() }) as Shape;

function showSpaces(c: ShowContext, view: DataView): void {
  c.out.punct("{");
  spaces.showFields(c, view, ["total_spaces"]);
  const start = unsignedNumber(c.low("argp"), c.high("argp")) + spaces.size();
  if (spaces.get(view, "space_slots") > 0 || spaces.get(view, "total_spaces") === 0) {
    if (c.abbreviate) c.out.punct(", ...");
    else {
      member(c, "spaces");
      const count = spaces.get(view, "total_spaces");
      showArray(c, start | 0, Math.floor(start / 2 ** 32), count, space.size(), (_, one) => space.show(c, one));
    }
  }
  c.out.punct("}");
}

const progress = struct({
  data_extents_scrubbed: u64(),
  tree_extents_scrubbed: u64(),
  data_bytes_scrubbed: u64(),
  tree_bytes_scrubbed: u64(),
  read_errors: u64(),
  csum_errors: u64(),
  verify_errors: u64(),
  no_csum: u64(),
  csum_discards: u64(),
  super_errors: u64(),
  malloc_errors: u64(),
  uncorrectable_errors: u64(),
  corrected_errors: u64(),
  last_physical: u64(),
  unverified_errors: u64(),
}) as Shape;
const scrub = struct({
  devid: u64(device),
  start: u64(),
  end: u64(bounded),
  flags: u64(longFlagsOf(names.btrfsScrubFlags)),
  progress: nested(progress),
  rest: reserved(872, 8),
}) as Shape;
const scrubbing = (before: string): ArgumentType<number> =>
  exchanged(scrub.size(), fieldsOf(scrub, before), fieldsOf(scrub, "progress"));

const statistics = struct({
  devid: u64(device),
  nr_items: u64(),
  flags: u64(longFlagsOf(names.btrfsStatisticsFlags)),
  values: reserved(1008, 8),
}) as Shape;
const STATISTICS = 5;

function showStatistics(c: ShowContext, view: DataView): void {
  c.out.punct("{");
  statistics.showFields(c, view, ["nr_items", "flags"]);
  c.out.punct(", [");
  const count = statistics.get(view, "nr_items");
  for (let i = 0; i < Math.min(count, STATISTICS); i++) {
    c.out.punct(i > 0 ? ", [" : "[");
    showEnumeration(c, names.btrfsStatistics, i, 0, "decimal");
    c.out.punct("]=");
    c.out.number(unsignedDecimal(view.getInt32(24 + i * 8, true), view.getInt32(28 + i * 8, true)));
  }
  c.out.punct(count > STATISTICS ? ", ...]}" : "]}");
}

const compared = struct({
  max_id: u64(),
  num_devices: u64(),
  fsid: uuid,
  nodesize: u32(),
  sectorsize: u32(),
  clone_alignment: u32(),
  csum_type: u16(oneOf(names.btrfsChecksums)),
  csum_size: u16(),
  flags: u64(longFlagsOf(names.btrfsInformation)),
  generation: u64(),
  metadata_uuid: uuid,
  rest: reserved(944, 8),
}) as Shape;

const information = shownBy(compared.size(), (c, view) => {
  const flags = view.getUint32(compared.offset("flags"), true);
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const named = [
    "max_id num_devices fsid nodesize sectorsize clone_alignment",
    ...(has(names.BTRFS_FS_INFO_FLAG_CSUM_INFO) ? ["csum_type csum_size"] : []),
    "flags",
    ...(has(names.BTRFS_FS_INFO_FLAG_GENERATION) ? ["generation"] : []),
    ...(has(names.BTRFS_FS_INFO_FLAG_METADATA_UUID) ? ["metadata_uuid"] : []),
  ];
  fieldsOf(compared, named.join(" "))(c, view);
});

const deviceInformation = struct({
  devid: u64(device),
  uuid: unlessZero(uuid),
  bytes_used: u64(),
  total_bytes: u64(),
  rest: reserved(379 * 8, 8),
  path: text(1024),
}) as Shape;

const features = struct({
  compat_flags: u64(longFlagsOf(names.btrfsCompatible)),
  compat_ro_flags: u64(longFlagsOf(names.btrfsReadCompatible)),
  incompat_flags: u64(longFlagsOf(names.btrfsIncompatible)),
}) as Shape;

/** Sets of features in a row, each with what it is. */
const featureSets = (said: readonly string[]): ArgumentType<number> =>
  shownBy(said.length * features.size(), (c, view) => {
    said.forEach((what, i) => {
      c.out.punct(i === 0 ? "[" : ", ");
      features.show(c, subview(view, i * features.size(), features.size()));
      if (what !== "") c.out.comment(` /* ${what} */`);
    });
    c.out.punct("]");
  });

// Replacing a device.

const dated: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => {
    c.out.number(unsignedDecimal(low, high));
    const date = dateText(unsignedNumber(low, high));
    if (date !== undefined) c.out.comment(` /* ${date} */`);
  },
};
const permille: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => {
    c.out.number(unsignedDecimal(low, high));
    const value = unsignedNumber(low, high);
    if (value > 0 && value <= 1000) c.out.comment(` /* ${Math.floor(value / 10)}.${value % 10}% */`);
  },
};
const replaceStart = struct({
  srcdevid: u64(device),
  cont_reading_from_srcdev_mode: u64(longOneOf(names.btrfsReplaceModes)),
  srcdev_name: text(1025),
  tgtdev_name: text(1025),
}) as Shape;
const replaceStatus = struct({
  replace_state: u64(longOneOf(names.btrfsReplaceStates)),
  progress_1000: u64(permille),
  time_started: u64(dated),
  time_stopped: u64(dated),
  num_write_errors: u64(),
  num_uncorrectable_read_errors: u64(),
}) as Shape;
const replace = struct({
  cmd: u64(longOneOf(names.btrfsReplaceCommands)),
  result: u64(longOneOf(names.btrfsReplaceResults)),
  body: reserved(replaceStart.size(), 8),
  spare: reserved(512, 8),
}) as Shape;

function showReplace(field: string, command: number, name: string, body: Shape) {
  return (c: ShowContext, view: DataView): void => {
    c.out.punct("{");
    replace.showFields(c, view, [field]);
    if (replace.get(view, "cmd") === command) {
      member(c, name);
      body.show(c, subview(view, replace.offset("body"), body.size()));
    }
    c.out.punct("}");
  };
}

const quotaRescan = struct({ flags: u64(), progress: u64(), rest: reserved(48, 8) }) as Shape;
const transaction = scalarIn(u64());

export const btrfsCommands: Commands = {
  ...alike(
    "BTRFS_IOC_TRANS_START BTRFS_IOC_TRANS_END BTRFS_IOC_SYNC BTRFS_IOC_SCRUB_CANCEL BTRFS_IOC_QUOTA_RESCAN_WAIT " +
      "BTRFS_IOC_DEFRAG BTRFS_IOC_BALANCE",
    "none",
  ),
  ...alike(
    "BTRFS_IOC_SNAP_CREATE BTRFS_IOC_RESIZE BTRFS_IOC_SCAN_DEV BTRFS_IOC_FORGET_DEV BTRFS_IOC_ADD_DEV BTRFS_IOC_RM_DEV " +
      "BTRFS_IOC_SUBVOL_CREATE BTRFS_IOC_SNAP_DESTROY BTRFS_IOC_DEVICES_READY",
    volume,
  ),
  ...alike("BTRFS_IOC_SNAP_CREATE_V2 BTRFS_IOC_SUBVOL_CREATE_V2", createVolume),
  BTRFS_IOC_SUBVOL_GETFLAGS: filledIn(subvolumeFlags),
  BTRFS_IOC_SUBVOL_SETFLAGS: subvolumeFlags,
  ...alike("BTRFS_IOC_DEFAULT_SUBVOL BTRFS_IOC_WAIT_SYNC", transaction),
  BTRFS_IOC_START_SYNC: scalarOut(u64()),
  BTRFS_IOC_SEND: send,
  BTRFS_IOC_SET_RECEIVED_SUBVOL: exchanged(
    received.size(),
    fieldsOf(received, "uuid stransid stime flags"),
    fieldsOf(received, "rtransid rtime"),
  ),

  BTRFS_IOC_BALANCE_CTL: oneOf(names.btrfsBalanceControls),
  BTRFS_IOC_BALANCE_V2: balanceAsked,
  BTRFS_IOC_BALANCE_PROGRESS: balanceState,
  BTRFS_IOC_DEFRAG_RANGE: structure({
    start: u64(),
    len: u64(bounded),
    flags: u64(longFlagsOf(names.btrfsDefragmentation)),
    extent_thresh: u32(),
    compress_type: u32(oneOf(names.btrfsCompression)),
    rest: reserved(16, 4),
  }),

  BTRFS_IOC_QGROUP_CREATE: structure({ create: u64(), qgroupid: u64() }),
  BTRFS_IOC_QGROUP_ASSIGN: structure({ assign: u64(), src: u64(), dst: u64() }),
  BTRFS_IOC_QGROUP_LIMIT: filledIn(structure({ qgroupid: u64(), lim: nested(limit) })),
  BTRFS_IOC_QUOTA_CTL: structure({ cmd: u64(longOneOf(names.btrfsQuotaControls)), status: reserved(8, 8) }),
  BTRFS_IOC_QUOTA_RESCAN: shownBy(quotaRescan.size(), fieldsOf(quotaRescan, "flags")),
  BTRFS_IOC_QUOTA_RESCAN_STATUS: filledIn(structIn(quotaRescan)),

  BTRFS_IOC_TREE_SEARCH: search(4096, false),
  BTRFS_IOC_TREE_SEARCH_V2: search(112, true),
  BTRFS_IOC_INO_LOOKUP: exchanged(lookup.size(), fieldsOf(lookup, "treeid objectid"), (c, view) => {
    const isAsked = view.getInt32(0, true) === 0 && view.getInt32(4, true) === 0;
    fieldsOf(lookup, isAsked ? "treeid name" : "name")(c, view);
  }),
  BTRFS_IOC_INO_PATHS: exchanged(paths.size(), fieldsOf(paths, "inum size fspath"), told("fspath", true)),
  BTRFS_IOC_LOGICAL_INO: exchanged(
    logical.size(),
    fieldsOf(logical, "logical size reserved flags inodes"),
    told("inodes", false),
  ),

  BTRFS_IOC_SPACE_INFO: exchanged(spaces.size(), fieldsOf(spaces, "space_slots"), showSpaces),
  BTRFS_IOC_SCRUB: scrubbing("devid start end flags"),
  BTRFS_IOC_SCRUB_PROGRESS: scrubbing("devid"),
  BTRFS_IOC_GET_DEV_STATS: exchanged(statistics.size(), fieldsOf(statistics, "devid nr_items flags"), showStatistics),
  BTRFS_IOC_FS_INFO: filledIn(information),
  BTRFS_IOC_DEV_INFO: exchanged(
    deviceInformation.size(),
    fieldsOf(deviceInformation, "devid uuid"),
    fieldsOf(deviceInformation, "uuid bytes_used total_bytes path"),
  ),
  BTRFS_IOC_DEV_REPLACE: exchanged(
    replace.size(),
    showReplace("cmd", names.BTRFS_IOCTL_DEV_REPLACE_CMD_START, "start", replaceStart),
    showReplace("result", names.BTRFS_IOCTL_DEV_REPLACE_CMD_STATUS, "status", replaceStatus),
  ),
  BTRFS_IOC_GET_FEATURES: filledIn(structIn(features)),
  BTRFS_IOC_SET_FEATURES: featureSets(["", ""]),
  BTRFS_IOC_GET_SUPPORTED_FEATURES: filledIn(featureSets(["supported", "safe to set", "safe to clear"])),
};
