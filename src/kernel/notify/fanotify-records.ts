// What fanotify tells of an event: its metadata, and in groups that report by handle the records of files, directories and names.
// fs/notify/fanotify/fanotify_user.c
import * as events from "../../abi/constants/events.js";
import { bytesOf } from "../mm/user-access.js";
import type { Dentry } from "../vfs/dentry.js";
import { encodeHandle, fsidOf } from "../vfs/file-handle.js";
import type { Inode } from "../vfs/inode.js";
import type { Happening, Role } from "./notify.js";

export const METADATA_SIZE = 24;
export const NO_FD = -1;
const METADATA_VERSION = 3;
const HEADER = 4;
const FSID = 8;
const HANDLE_HEADER = 8;
const INFO_FID = 1;
const INFO_DFID_NAME = 2;
const INFO_DFID = 3;
const INFO_PIDFD = 4;
const INFO_OLD_DFID_NAME = 10;
const INFO_NEW_DFID_NAME = 12;
const PIDFD_RECORD = 8;
/** ALL_FSNOTIFY_DIRENT_EVENTS */
const ENTRY_EVENTS =
  events.FAN_CREATE | events.FAN_DELETE | events.FAN_MOVED_FROM | events.FAN_MOVED_TO | events.FAN_RENAME;

/** A handle with its file system's number, and a name in that directory. */
interface Reference {
  readonly handle: Uint8Array;
  readonly name: string | undefined;
}

export interface About {
  /** Of the directory, with the name where that is told; and of where a rename leads. */
  readonly directory: Reference | undefined;
  readonly to: Reference | undefined;
  readonly object: Reference | undefined;
  /** Events with the same key are about the same. */
  readonly key: string;
}

export interface Reported {
  mask: number;
  readonly pid: number;
  readonly place: Dentry | undefined;
  /** Undefined in groups that report by descriptor, and for an overflow. */
  readonly about: About | undefined;
}

/** struct fanotify_event_info_fid without its header: the file system's number, struct file_handle. */
function reference(inode: Inode, name?: string): Reference {
  const { type, bytes } = encodeHandle(inode);
  const handle = new Uint8Array(FSID + HANDLE_HEADER + bytes.length);
  const view = new DataView(handle.buffer);
  fsidOf(inode).forEach((word, index) => {
    view.setUint32(index * 4, word, true);
  });
  view.setUint32(FSID, bytes.length, true);
  view.setInt32(FSID + 4, type, true);
  handle.set(bytes, FSID + HANDLE_HEADER);
  return { handle, name };
}

const keyOf = (of: Reference | undefined): string => (of ? `${of.handle.join(".")}/${of.name ?? ""}` : "");

/** fanotify_alloc_event: which handles and names a group with these FAN_REPORT_ flags is told. */
export function aboutOf(reports: number, mask: number, what: Happening, roles: ReadonlySet<Role>): About {
  const isEntry = (mask & ENTRY_EVENTS) !== 0;
  const onDirectory = (what.event & events.FAN_ONDIR) !== 0;
  const tellsTarget = (reports & events.FAN_REPORT_TARGET_FID) !== 0;
  const object = isEntry && !tellsTarget ? (what.directory ?? what.inode) : what.inode;
  const above = isEntry || !onDirectory ? what.directory : what.inode;
  if (!(reports & events.FAN_REPORT_DIR_FID) || above === undefined)
    return about(undefined, undefined, reference(object));
  const tellsChild = isEntry ? tellsTarget : (reports & events.FAN_REPORT_FID) !== 0 && !onDirectory;
  const child = tellsChild && object !== above ? reference(object) : undefined;
  const tellsName = (reports & events.FAN_REPORT_NAME) !== 0 && (isEntry || !onDirectory);
  if (!tellsName)
    return child ? about(reference(above), undefined, child) : about(undefined, undefined, reference(above));
  if (!(mask & events.FAN_RENAME) || what.to === undefined) return about(reference(above, what.name), undefined, child);
  const old = roles.has("superBlock") || roles.has("inode") ? reference(above, what.name) : undefined;
  const isTold = roles.has("superBlock") || roles.has("to");
  return about(old, isTold ? reference(what.to.directory, what.to.name) : undefined, child);
}

const about = (directory: Reference | undefined, to: Reference | undefined, object: Reference | undefined): About => ({
  directory,
  to,
  object,
  key: `${keyOf(directory)} ${keyOf(to)} ${keyOf(object)}`,
});

type Record = readonly [type: number, of: Reference, name: string | undefined];

function recordsOf({ mask, about: of }: Reported, reports: number): Record[] {
  if (of === undefined) return [];
  const { directory, to, object } = of;
  const records: Record[] = [];
  if (directory) {
    const named = mask & events.FAN_RENAME ? INFO_OLD_DFID_NAME : INFO_DFID_NAME;
    records.push([directory.name === undefined ? INFO_DFID : named, directory, directory.name]);
  }
  if (to) records.push([INFO_NEW_DFID_NAME, to, to.name]);
  if (object === undefined) return records;
  const onDirectory = (mask & events.FAN_ONDIR) !== 0;
  if (reports === events.FAN_REPORT_FID || records.length > 0) records.push([INFO_FID, object, undefined]);
  else if (reports & events.FAN_REPORT_NAME && onDirectory) records.push([INFO_DFID_NAME, object, "."]);
  else records.push([mask & ENTRY_EVENTS || onDirectory ? INFO_DFID : INFO_FID, object, undefined]);
  return records;
}

function sizeOf([, { handle }, name]: Record): number {
  const size = HEADER + handle.length + (name === undefined ? 0 : name.length + 1);
  return Math.ceil(size / 4) * 4;
}

/** Bytes that come after the metadata. */
export function infoSize(event: Reported, reports: number, tellsProcess: boolean): number {
  return recordsOf(event, reports).reduce((sum, record) => sum + sizeOf(record), tellsProcess ? PIDFD_RECORD : 0);
}

/** struct fanotify_event_metadata and the records. */
export function packEvent(event: Reported, reports: number, fd: number, pid: number, pidFd?: number): Uint8Array {
  const bytes = new Uint8Array(METADATA_SIZE + infoSize(event, reports, pidFd !== undefined));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint8(4, METADATA_VERSION);
  view.setUint16(6, METADATA_SIZE, true);
  view.setBigUint64(8, BigInt(event.mask >>> 0), true);
  view.setInt32(16, fd, true);
  view.setInt32(20, pid, true);
  let at = METADATA_SIZE;
  const header = (type: number, size: number): void => {
    view.setUint8(at, type);
    view.setUint16(at + 2, size, true);
  };
  for (const record of recordsOf(event, reports)) {
    const [type, { handle }, name] = record;
    header(type, sizeOf(record));
    bytes.set(handle, at + HEADER);
    if (name !== undefined) bytes.set(bytesOf(name), at + HEADER + handle.length);
    at += sizeOf(record);
  }
  if (pidFd !== undefined) {
    header(INFO_PIDFD, PIDFD_RECORD);
    view.setInt32(at + HEADER, pidFd, true);
  }
  return bytes;
}
