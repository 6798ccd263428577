// ioctls of block devices, loop, nbd, disks, SCSI generic, clocks, watchdogs and input devices.

import type { ArgumentType } from "../argument.js";
import * as names from "../constants/ioctls.js";
import { fd } from "../descriptors.js";
import { unsignedNumber } from "../digits.js";
import {
  address,
  device,
  filledIn,
  flagsOf,
  hexInt,
  hexLong,
  int,
  longOneOf,
  oneOf,
  unsignedInt,
  unsignedLong,
} from "../scalars.js";
import type { ShowContext } from "../show.js";
import { showBytes } from "../strings.js";
import {
  bytes,
  type Fields,
  nested,
  pointer,
  type Struct,
  s32,
  scalarIn,
  scalarOut,
  showArray,
  signedWord,
  struct,
  subview,
  u8,
  u16,
  u32,
  u64,
  unlessZero,
  word,
} from "../struct.js";
import { showEnumeration } from "../tables.js";
import { alike, array, arrayIn, type Commands, shownBy, structure, text } from "./fields.js";

const LO_NAME_SIZE = 64;
const LO_KEY_SIZE = 32;

/** The key of a loop device: as much of it as the field at `sizeOffset` says. */
const encryptionKey = (sizeOffset: number) =>
  bytes(LO_KEY_SIZE, (c, view, offset) => {
    const length = Math.min(view.getUint32(sizeOffset, true), LO_KEY_SIZE);
    showBytes(c, new Uint8Array(view.buffer, view.byteOffset + offset, length), true);
  });

/** What of a loop device's status is shown when abbreviating: what says nothing is left out. */
function showLoopStatus(
  c: ShowContext,
  view: DataView,
  type: Struct<Fields>,
  first: readonly string[],
  last: readonly string[],
): void {
  c.out.punct("{");
  if (!c.abbreviate) type.showFields(c, view, Object.keys(type.fields));
  else {
    const isEncrypted = type.get(view, "lo_encrypt_type") !== 0;
    type.showFields(c, view, [
      ...first,
      ...(isEncrypted ? ["lo_encrypt_type", "lo_encrypt_key_size"] : []),
      ...last,
      ...(isEncrypted ? ["lo_encrypt_key"] : []),
    ]);
    c.out.punct(", ...");
  }
  c.out.punct("}");
}

const loopInfo = struct({
  lo_number: s32(),
  lo_device: u64(device),
  lo_inode: u64(),
  lo_rdevice: u64(device),
  lo_offset: s32(hexInt),
  lo_encrypt_type: u32(oneOf(names.loopCryptTypes)),
  lo_encrypt_key_size: u32(),
  lo_flags: u32(flagsOf(names.loopFlags)),
  lo_name: text(LO_NAME_SIZE),
  lo_encrypt_key: encryptionKey(40),
  lo_init: array(2, u64(hexLong)),
  reserved: array(4, u8(hexInt)),
}) as Struct<Fields>;
const loopInfo64 = struct({
  lo_device: u64(device),
  lo_inode: u64(),
  lo_rdevice: u64(device),
  lo_offset: u64(hexLong),
  lo_sizelimit: u64(),
  lo_number: u32(),
  lo_encrypt_type: u32(oneOf(names.loopCryptTypes)),
  lo_encrypt_key_size: u32(),
  lo_flags: u32(flagsOf(names.loopFlags)),
  lo_file_name: text(LO_NAME_SIZE),
  lo_crypt_name: text(LO_NAME_SIZE),
  lo_encrypt_key: encryptionKey(48),
  lo_init: array(2, u64(hexLong)),
}) as Struct<Fields>;

const showLoopInfo64 = (c: ShowContext, view: DataView): void => {
  const cryptName = view.getUint8(loopInfo64.offset("lo_crypt_name")) === 0 ? [] : ["lo_crypt_name"];
  showLoopStatus(c, view, loopInfo64, ["lo_offset", "lo_number"], ["lo_flags", "lo_file_name", ...cryptName]);
};

/** A scan code and the key it stands for. */
const keyCodePair = shownBy(8, (c, view) => {
  c.out.punct("[");
  unsignedInt.show(c, view.getInt32(0, true), 0);
  c.out.punct(", ");
  showEnumeration(c, names.keyCodes, view.getInt32(4, true));
  c.out.punct("]");
});

const second = { tm_sec: s32(), tm_min: s32(), tm_hour: s32(), tm_mday: s32(), tm_mon: s32(), tm_year: s32() };
const time = struct(
  { ...second, tm_wday: s32(), tm_yday: s32(), tm_isdst: s32() },
  { abbreviated: Object.keys(second) },
) as Struct<Fields>;
const intIn = scalarIn(s32());

const threeIntegers: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => showArray(c, low, high, 3, 4, (_, view) => hexInt.show(c, view.getInt32(0, true), 0)),
};

export const deviceCommands: Commands = {
  ...alike("BLKRRPART BLKFLSBUF BLKTRACESTART BLKTRACESTOP BLKTRACETEARDOWN", "none"),
  ...alike("BLKROSET BLKBSZSET", intIn),
  ...alike("BLKRASET BLKFRASET", unsignedLong),
  ...alike("BLKIOMIN BLKIOOPT BLKDISCARDZEROES", scalarOut(u32())),
  BLKROTATIONAL: scalarOut(u16()),
  ...alike("BLKROGET BLKALIGNOFF BLKSSZGET BLKPBSZGET BLKBSZGET", scalarOut(s32())),
  ...alike("BLKGETZONESZ BLKGETNRZONES", scalarOut(u32())),
  ...alike("BLKGETSIZE BLKRAGET BLKFRAGET", scalarOut(word())),
  BLKGETDISKSEQ: scalarOut(u64()),
  BLKSECTGET: scalarOut(u16()),
  BLKGETSIZE64: scalarOut(u64()),
  ...alike("BLKDISCARD BLKSECDISCARD BLKZEROOUT", arrayIn(2, u64())),
  BLKPG: structure({ op: u32(oneOf(names.partitionOperations)), flags: s32(), datalen: s32(), data: pointer() }),

  ...alike("LOOP_CLR_FD LOOP_SET_CAPACITY LOOP_CTL_GET_FREE", "none"),
  ...alike("LOOP_SET_FD LOOP_CHANGE_FD", fd),
  ...alike("LOOP_CTL_ADD LOOP_CTL_REMOVE", int),
  ...alike("LOOP_SET_DIRECT_IO LOOP_SET_BLOCK_SIZE", unsignedLong),
  LOOP_SET_STATUS: shownBy(loopInfo.size(), (c, view) =>
    showLoopStatus(c, view, loopInfo, ["lo_number", "lo_offset"], ["lo_flags", "lo_name"]),
  ),
  LOOP_SET_STATUS64: shownBy(loopInfo64.size(), showLoopInfo64),
  LOOP_CONFIGURE: structure({
    fd: s32(fd),
    block_size: u32(),
    info: bytes(loopInfo64.size(), (c, view, offset) => showLoopInfo64(c, subview(view, offset, loopInfo64.size())), 8),
    __reserved: unlessZero(array(8, u64(hexLong))),
  }),
  ...alike("LOOP_GET_STATUS LOOP_GET_STATUS64", address),
  ...alike("NBD_DO_IT NBD_CLEAR_SOCK NBD_CLEAR_QUE NBD_PRINT_DEBUG NBD_DISCONNECT", "none"),
  NBD_SET_SOCK: fd,
  ...alike("NBD_SET_BLKSIZE NBD_SET_SIZE NBD_SET_SIZE_BLOCKS NBD_SET_TIMEOUT", unsignedLong),
  NBD_SET_FLAGS: flagsOf(names.nbdFlags),

  ...alike("HDIO_DRIVE_RESET HDIO_SCAN_HWIF", threeIntegers),
  ...alike(
    "HDIO_SET_MULTCOUNT HDIO_SET_UNMASKINTR HDIO_SET_KEEPSETTINGS HDIO_SET_32BIT HDIO_SET_NOWERR HDIO_SET_DMA HDIO_SET_PIO_MODE " +
      "HDIO_UNREGISTER_HWIF HDIO_SET_WCACHE HDIO_SET_ACOUSTIC HDIO_SET_ADDRESS",
    unsignedLong,
  ),
  ...alike(
    "HDIO_GET_UNMASKINTR HDIO_GET_MULTCOUNT HDIO_GET_KEEPSETTINGS HDIO_GET_32BIT HDIO_GET_NOWERR HDIO_GET_DMA HDIO_GET_WCACHE " +
      "HDIO_GET_ACOUSTIC HDIO_GET_ADDRESS",
    scalarOut(word()),
  ),
  HDIO_GET_BUSSTATE: scalarOut(word(longOneOf(names.busStates))),
  HDIO_GETGEO: filledIn(structure({ heads: u8(), sectors: u8(), cylinders: u16(), start: word() })),
  ...alike("HDIO_OBSOLETE_IDENTITY HDIO_GET_NICE HDIO_GET_IDENTITY", address),
  HDIO_SET_BUSSTATE: longOneOf(names.busStates),

  SG_GET_TIMEOUT: "none",
  SG_SET_TRANSFORM: hexInt,
  ...alike(
    "SG_SET_TIMEOUT SG_SET_COMMAND_Q SG_SET_RESERVED_SIZE SG_SET_FORCE_LOW_DMA SG_SET_FORCE_PACK_ID SG_SET_DEBUG SG_NEXT_CMD_LEN " +
      "SG_SET_KEEP_ORPHAN",
    intIn,
  ),
  ...alike(
    "SG_EMULATED_HOST SG_GET_TRANSFORM SG_GET_COMMAND_Q SG_GET_RESERVED_SIZE SG_GET_LOW_DMA SG_GET_PACK_ID SG_GET_NUM_WAITING SG_GET_SG_TABLESIZE " +
      "SG_GET_VERSION_NUM SG_GET_KEEP_ORPHAN",
    scalarOut(s32()),
  ),
  ...alike("SG_GET_SCSI_ID SG_GET_REQUEST_TABLE", address),

  ...alike(
    "RTC_AIE_ON RTC_AIE_OFF RTC_UIE_ON RTC_UIE_OFF RTC_PIE_ON RTC_PIE_OFF RTC_WIE_ON RTC_WIE_OFF RTC_VL_CLR",
    "none",
  ),
  ...alike("RTC_IRQP_SET RTC_EPOCH_SET", unsignedLong),
  ...alike("RTC_VL_READ RTC_IRQP_READ RTC_EPOCH_READ RTC_PLL_GET RTC_ALM_READ RTC_RD_TIME RTC_WKALM_RD", address),
  ...alike("RTC_ALM_SET RTC_SET_TIME", structure({ ...time.fields }, { abbreviated: Object.keys(second) })),
  RTC_WKALM_SET: structure({ enabled: u8(), pending: u8(), time: nested(time) }),
  RTC_PLL_SET: structure({
    pll_ctrl: s32(),
    pll_value: s32(),
    pll_max: s32(),
    pll_min: s32(),
    pll_posmult: s32(),
    pll_negmult: s32(),
    pll_clock: signedWord(),
  }),

  WDIOC_KEEPALIVE: "none",
  ...alike("WDIOC_SETTIMEOUT WDIOC_SETPRETIMEOUT", intIn),
  WDIOC_SETOPTIONS: scalarIn(u32(flagsOf(names.watchdogOptions))),
  ...alike(
    "WDIOC_GETSTATUS WDIOC_GETBOOTSTATUS WDIOC_GETTEMP WDIOC_GETTIMEOUT WDIOC_GETPRETIMEOUT WDIOC_GETTIMELEFT",
    scalarOut(s32()),
  ),
  WDIOC_GETSUPPORT: address,

  ...alike("EVIOCGRAB EVIOCREVOKE", unsignedLong),
  EVIOCRMFF: int,
  EVIOCSREP: arrayIn(2, u32()),
  EVIOCSKEYCODE: keyCodePair,
  EVIOCSKEYCODE_V2: structure(
    {
      flags: u8(),
      len: u8(),
      index: u16(),
      keycode: u32(oneOf(names.keyCodes)),
      scancode: array(32, u8(hexInt)),
    },
    { abbreviated: ["flags", "len"] },
  ),
  ...alike(
    "EVIOCGNAME EVIOCGPHYS EVIOCGUNIQ EVIOCGPROP EVIOCGMTSLOTS EVIOCGKEY EVIOCGLED EVIOCGSND EVIOCGSW EVIOCGBIT EVIOCGABS " +
      "EVIOCGVERSION EVIOCGEFFECTS EVIOCGID EVIOCGREP EVIOCGKEYCODE EVIOCGKEYCODE_V2 EVIOCGMASK EVIOCSMASK",
    address,
  ),
};
