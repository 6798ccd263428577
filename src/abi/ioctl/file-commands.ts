// ioctls of files and file systems, epoll, userfaultfd, pidfds, seccomp's listeners and namespaces.

import * as names from "../constants/ioctls.js";
import { fd, pid } from "../descriptors.js";
import { unsignedDecimal } from "../digits.js";
import {
  address,
  filledIn,
  flagsOf,
  hexInt,
  hexLong,
  int,
  long,
  longFlagsOf,
  longOneOf,
  oneOf,
  unsignedInt,
  userId,
} from "../scalars.js";
import { addDescriptorIn, noticeOut, replyIn } from "../seccomp-notices.js";
import {
  type Fields,
  nested,
  type Struct,
  s32,
  s64,
  scalarIn,
  scalarOut,
  struct,
  u8,
  u16,
  u32,
  u64,
  unlessZero,
} from "../struct.js";
import type { FlagSet } from "../tables.js";
import { alike, type Commands, structure, textIn } from "./fields.js";

const range = struct({ start: u64(hexLong), len: u64(hexLong) }) as Struct<Fields>;
const ranged = (modes: FlagSet) => structure({ range: nested(range), mode: u64(longFlagsOf(modes)) });
const intIn = scalarIn(s32());
const intOut = scalarOut(s32());

/** Microseconds, with what they are in seconds. */
const microseconds = u32({
  receive: (low) => low >>> 0,
  show: (c, low) => {
    c.out.number(unsignedDecimal(low, 0));
    const value = low >>> 0;
    if (value === 0 || c.style.constants === "raw") return;
    const fraction = (value % 1e6).toString().padStart(6, "0");
    c.out.comment(` /* ${Math.floor(value / 1e6)}.${fraction} s */`);
  },
});

export const fileCommands: Commands = {
  ...alike("FIOCLEX FIONCLEX FIFREEZE FITHAW", "none"),
  ...alike("FIONBIO FIOASYNC", intIn),
  ...alike("FIONREAD", intOut),
  ...alike("FS_IOC_GETFSUUID FS_IOC_GETFSSYSFSPATH FS_IOC_GETLBMD_CAP EPIOCGPARAMS", address),
  NS_GET_OWNER_UID: scalarOut(u32(userId)),
  NS_GET_MNTNS_ID: scalarOut(u64(hexLong)),
  ...alike(
    "NS_MNT_GET_INFO NS_MNT_GET_NEXT NS_MNT_GET_PREV",
    filledIn(structure({ size: u32(), nr_mounts: u32(), mnt_ns_id: u64(hexLong) })),
  ),
  ...alike("FS_IOC_GETFLAGS FS_IOC32_GETFLAGS", scalarOut(u32(flagsOf(names.inodeFlags)))),
  ...alike("FS_IOC_SETFLAGS FS_IOC32_SETFLAGS", scalarIn(u32(flagsOf(names.inodeFlags)))),
  FS_IOC_FSSETXATTR: structure({
    fsx_xflags: u32(flagsOf(names.extendedInodeFlags)),
    fsx_extsize: u32(),
    fsx_nextents: { ...u32(), hidden: true },
    fsx_projid: u32(hexInt),
    fsx_cowextsize: u32(),
    fsx_pad: { ...u64(), hidden: true },
  }),
  FS_IOC_SETFSLABEL: textIn(256),
  FS_IOC_GETFSLABEL: filledIn(textIn(256)),
  FS_IOC_FSGETXATTR: filledIn(
    structure({
      fsx_xflags: u32(flagsOf(names.extendedInodeFlags)),
      fsx_extsize: u32(),
      fsx_nextents: u32(),
      fsx_projid: u32(hexInt),
      fsx_cowextsize: u32(),
      fsx_pad: { ...u64(), hidden: true },
    }),
  ),
  FS_IOC_SHUTDOWN: scalarIn(u32(oneOf(names.shutdownFlags))),
  FICLONE: fd,
  FICLONERANGE: structure({ src_fd: s64(fd), src_offset: u64(), src_length: u64(), dest_offset: u64() }),
  FITRIM: structure({ start: u64(hexLong), len: u64(), minlen: u64() }),
  INOTIFY_IOC_SETNEXTWD: int,
  EPIOCSPARAMS: structure({
    busy_poll_usecs: microseconds,
    busy_poll_budget: u16(),
    prefer_busy_poll: u8(hexInt),
    __pad: unlessZero(u8(hexInt)),
  }),

  ...alike("NS_GET_USERNS NS_GET_PARENT NS_GET_NSTYPE", "none"),
  ...alike("NS_GET_PID_FROM_PIDNS NS_GET_TGID_FROM_PIDNS NS_GET_PID_IN_PIDNS NS_GET_TGID_IN_PIDNS", pid),
  PIDFD_GET_INFO: structure({ mask: u64(longFlagsOf(names.pidfdInfo)) }),

  UFFDIO_API: structure({ api: u64(hexLong), features: u64(longFlagsOf(names.userfaultFeatures)) }),
  UFFDIO_REGISTER: ranged(names.registerModes),
  ...alike("UFFDIO_UNREGISTER UFFDIO_WAKE", structure({ start: u64(hexLong), len: u64(hexLong) })),
  UFFDIO_COPY: structure({
    dst: u64(hexLong),
    src: u64(hexLong),
    len: u64(hexLong),
    mode: u64(longFlagsOf(names.copyModes)),
  }),
  UFFDIO_ZEROPAGE: ranged(names.zeropageModes),
  UFFDIO_WRITEPROTECT: ranged(names.writeProtectModes),
  UFFDIO_CONTINUE: ranged(names.continueModes),
  UFFDIO_POISON: ranged(names.poisonModes),

  ...alike("SECCOMP_IOCTL_NOTIF_ID_VALID SECCOMP_IOCTL_NOTIF_ID_VALID_WRONG_DIR", scalarIn(u64(hexLong))),
  SECCOMP_IOCTL_NOTIF_RECV: noticeOut,
  SECCOMP_IOCTL_NOTIF_SEND: replyIn,
  SECCOMP_IOCTL_NOTIF_ADDFD: addDescriptorIn,
  ...alike("RNDADDTOENTCNT", intIn),
  ...alike("RNDGETENTCNT", intOut),
  ...alike("RNDZAPENTCNT RNDCLEARPOOL RNDRESEEDCRNG", "none"),
  UDMABUF_CREATE: structure({
    memfd: s32(fd),
    flags: u32(flagsOf(names.udmabufFlags)),
    offset: u64(),
    size: u64(),
  }),
  ...alike("PERF_EVENT_IOC_ENABLE PERF_EVENT_IOC_DISABLE PERF_EVENT_IOC_RESET", flagsOf(names.perfGroup)),
  ...alike("PERF_EVENT_IOC_REFRESH", int),
  ...alike("PERF_EVENT_IOC_SET_OUTPUT PERF_EVENT_IOC_SET_BPF", fd),
  PERF_EVENT_IOC_PERIOD: scalarIn(u64()),
  PERF_EVENT_IOC_ID: address,
  PTP_CLOCK_GETCAPS: address,
  PTP_CLOCK_GETCAPS2: address,
  ...alike("PTP_SYS_OFFSET_PRECISE PTP_SYS_OFFSET_PRECISE2 PTP_SYS_OFFSET_PRECISE_CYCLES", address),
  ...alike("GPIO_GET_CHIPINFO_IOCTL GPIOHANDLE_GET_LINE_VALUES_IOCTL", address),
  ...alike("LIRC_SET_SEND_MODE LIRC_SET_REC_MODE", scalarIn(u32(oneOf(names.lircModes)))),
  LIRC_SET_TRANSMITTER_MASK: scalarIn(u32(hexInt)),
  ...alike(
    "LIRC_SET_SEND_CARRIER LIRC_SET_REC_CARRIER LIRC_SET_SEND_DUTY_CYCLE LIRC_SET_REC_TIMEOUT LIRC_SET_REC_TIMEOUT_REPORTS " +
      "LIRC_SET_MEASURE_CARRIER_MODE LIRC_SET_REC_CARRIER_RANGE LIRC_SET_WIDEBAND_RECEIVER VIDIOC_S_INPUT EVIOCSCLOCKID SG_IO",
    scalarIn(u32(unsignedInt)),
  ),
  ...alike(
    "LIRC_GET_REC_RESOLUTION LIRC_GET_MIN_TIMEOUT LIRC_GET_MAX_TIMEOUT LIRC_GET_LENGTH LIRC_GET_REC_TIMEOUT",
    scalarOut(u32()),
  ),
  ...alike("LIRC_GET_SEND_MODE LIRC_GET_REC_MODE", scalarOut(u32(oneOf(names.lircModes)))),
  LIRC_GET_FEATURES: address,
  VIDIOC_G_INPUT: scalarOut(u32()),
  VIDIOC_G_STD: scalarOut(u64(hexLong)),
  VIDIOC_QUERYCAP: address,
  VIDIOC_S_STD: scalarIn(u64(hexLong)),
  ...alike("UBI_IOCVOLRMBLK UBI_IOCVOLCRBLK", "none"),
  ...alike("UBI_IOCEBER UBI_IOCEBUNMAP UBI_IOCRMVOL UBI_IOCRPEB UBI_IOCSPEB UBI_IOCDET UBI_IOCEBISMAP", intIn),
  UBI_IOCVOLUP: scalarIn(s64()),
  ...alike("MEMGETINFO ECCGETSTATS ECCGETLAYOUT MEMGETOOBSEL", address),
  ...alike("MEMGETREGIONCOUNT OTPGETREGIONCOUNT", scalarOut(s32())),
  MTDFILEMODE: longOneOf(names.mtdFileModes),
  ...alike("MEMERASE MEMLOCK MEMUNLOCK MEMISLOCKED", structure({ start: u32(hexInt), length: u32(hexInt) })),
  MEMERASE64: structure({ start: u64(hexLong), length: u64(hexLong) }),
  ...alike("MEMGETBADBLOCK MEMSETBADBLOCK", scalarIn(s64({ receive: long.receive, show: u64().type.show }))),
  ...alike("MEMWRITEOOB MEMREADOOB", structure({ start: u32(hexInt), length: u32(hexInt), ptr: u64(address) })),
  ...alike(
    "MEMWRITEOOB64 MEMREADOOB64",
    structure({ start: u64(hexLong), pad: { ...u32(), hidden: true }, length: u32(hexInt), usr_ptr: u64(address) }),
  ),
};
