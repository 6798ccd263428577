// fs/notify: the one place that is told what happens to files, and tells those who watch. Events are IN_* bits; a watch on a directory
// hears of what is in it by name.
import * as events from "../../abi/constants/events.js";
import type { Dentry } from "../vfs/dentry.js";
import type { Inode } from "../vfs/inode.js";

/** What can be watched: inodes, mounts and file systems. */
export interface Watched {
  watches: Watch[] | undefined;
}

/** A mark on it, of inotify, of F_NOTIFY or of fanotify. */
export interface Watch {
  /** IN_* bits wanted. */
  readonly mask: number;
  /** `name` is set for what happened in the directory; `unlinked` when that name is gone; `place` when there is an open file, or could be. */
  tell(event: number, cookie: number, name: string | undefined, unlinked: boolean, place?: Dentry): void;
  /** The inode is gone, and the watch with it. */
  gone(): void;
}

let lastCookie = 0;

function tell(
  { watches }: Watched,
  event: number,
  cookie: number,
  name: string | undefined,
  unlinked = false,
  place?: Dentry,
): void {
  if (watches === undefined) return;
  for (const watch of [...watches])
    if (watch.mask & event & ~events.IN_ISDIR) watch.tell(event, cookie, name, unlinked, place);
}

function directoryBit(inode: Inode): number {
  return inode.isDirectory ? events.IN_ISDIR : 0;
}

export function isWatched({ inode, parent, mount }: Dentry): boolean {
  if (inode.watches !== undefined || parent?.inode.watches !== undefined) return true;
  return mount !== undefined && (mount.watches !== undefined || mount.superBlock.watches !== undefined);
}

/** fsnotify_dentry: to the directory it is in, then to the file itself. */
export function notify(dentry: Dentry, event: number): void {
  if (!isWatched(dentry) || dentry.isSilent) return;
  const { inode, parent, mount } = dentry;
  const whole = event | directoryBit(inode);
  if (parent) tell(parent.inode, whole, 0, dentry.name, dentry.unlinked, dentry);
  tell(inode, whole, 0, undefined, false, dentry);
  if (mount) tell(mount, whole, 0, undefined, false, dentry);
  if (mount) tell(mount.superBlock, whole, 0, undefined, false, dentry);
}

/** fsnotify_create, fsnotify_mkdir. */
export function notifyCreate(directory: Dentry, name: string, made: Inode): void {
  tell(directory.inode, events.IN_CREATE | directoryBit(made), 0, name);
}

/** fsnotify_link: the file's link count is told to those who watch it. */
export function notifyLink(directory: Dentry, name: string, linked: Inode): void {
  tell(linked, events.IN_ATTRIB, 0, undefined);
  notifyCreate(directory, name, linked);
}

/** A name was removed; the inode may be gone with it. */
export function notifyDelete(directory: Dentry, name: string, removed: Inode): void {
  if (!removed.isDirectory) tell(removed, events.IN_ATTRIB, 0, undefined);
  tell(directory.inode, events.IN_DELETE | directoryBit(removed), 0, name);
  notifyIfGone(removed);
}

/** fsnotify_move. */
export function notifyMove(
  from: Dentry,
  name: string,
  to: Dentry,
  newName: string,
  moved: Inode,
  replaced?: Inode,
): void {
  if (from.inode.watches || to.inode.watches) {
    const cookie = ++lastCookie;
    tell(from.inode, events.IN_MOVED_FROM | directoryBit(moved), cookie, name);
    tell(to.inode, events.IN_MOVED_TO | directoryBit(moved), cookie, newName);
  }
  if (replaced && !replaced.isDirectory) tell(replaced, events.IN_ATTRIB, 0, undefined);
  tell(moved, events.IN_MOVE_SELF, 0, undefined);
  if (replaced) notifyIfGone(replaced);
}

/** fsnotify_inoderemove: once the last name and the last open file are gone. */
export function notifyIfGone(inode: Inode): void {
  const { watches } = inode;
  if (watches === undefined || inode.openFiles > 0 || inode.isLinkable) return;
  tell(inode, events.IN_DELETE_SELF, 0, undefined);
  inode.watches = undefined;
  for (const watch of watches) watch.gone();
}

export function addWatch(object: Watched, watch: Watch): void {
  object.watches ??= [];
  object.watches.push(watch);
}

export function removeWatch(object: Watched, watch: Watch): void {
  const left = object.watches?.filter((other) => other !== watch);
  object.watches = left === undefined || left.length === 0 ? undefined : left;
}
