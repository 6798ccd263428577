// fs/notify: the one place that is told what happens to files, and tells those who watch. Events are IN_* bits; a watch on a directory
// hears of what is in it by name. Groups of fanotify hear of everything once, with all of their marks that it concerns.
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
  /** The group that hears in its place. */
  readonly group?: WatchGroup;
  /** `name` is set for what happened in the directory; `unlinked` when that name is gone. */
  tell(event: number, cookie: number, name: string | undefined, unlinked: boolean): void;
  /** The inode is gone, and the watch with it. */
  gone(): void;
}

export interface Happening {
  /** With IN_ISDIR for what is done to a directory. */
  readonly event: number;
  readonly inode: Inode;
  /** The directory it is in, and its name there. */
  readonly directory?: Inode | undefined;
  readonly name?: string | undefined;
  /** Where a rename leads. */
  readonly to?: { readonly directory: Inode; readonly name: string };
  /** What could be opened. */
  readonly place?: Dentry;
  /** Where its directory is, and the one a rename leads to: for who is told of them by handle. */
  readonly directories?: readonly (Dentry | undefined)[];
}

/** What a mark is on, as seen from the file: "to" is the directory a rename leads to. */
export type Role = "inode" | "parent" | "mount" | "superBlock" | "to";
export type Marks = readonly (readonly [role: Role, mark: Watch])[];

export interface WatchGroup {
  hear(what: Happening, marks: Marks): void;
}

let lastCookie = 0;

function tell({ watches }: Watched, event: number, cookie: number, name: string | undefined, unlinked = false): void {
  if (watches === undefined) return;
  for (const watch of [...watches])
    if (!watch.group && watch.mask & event & ~events.IN_ISDIR) watch.tell(event, cookie, name, unlinked);
}

/** The groups with marks on any of these, each with its marks. */
export function groupsOf(objects: readonly (readonly [Role, Watched | undefined])[]): Map<WatchGroup, [Role, Watch][]> {
  const groups = new Map<WatchGroup, [Role, Watch][]>();
  for (const [role, object] of objects) {
    for (const mark of object?.watches ?? []) {
      if (!mark.group) continue;
      const marks = groups.get(mark.group);
      if (marks) marks.push([role, mark]);
      else groups.set(mark.group, [[role, mark]]);
    }
  }
  return groups;
}

function tellGroups(what: Happening, ...objects: readonly (readonly [Role, Watched | undefined])[]): void {
  if (!objects.some(([, object]) => object?.watches)) return;
  for (const [group, marks] of groupsOf(objects)) group.hear(what, marks);
}

function directoryBit(inode: Inode): number {
  return inode.isDirectory ? events.IN_ISDIR : 0;
}

export function isWatched({ inode, parent, mount }: Dentry): boolean {
  if (inode.watches !== undefined || parent?.inode.watches !== undefined) return true;
  return mount !== undefined && (mount.watches !== undefined || mount.superBlock.watches !== undefined);
}

/** What may have marks that concern an event of the file. */
export const marksFor = ({ inode, parent, mount }: Dentry): readonly (readonly [Role, Watched | undefined])[] => [
  ["parent", parent?.inode],
  ["inode", inode],
  ["mount", mount],
  ["superBlock", mount?.superBlock],
];

/** fsnotify_dentry: to the directory it is in, then to the file itself. */
export function notify(dentry: Dentry, event: number): void {
  if (!isWatched(dentry) || dentry.isSilent) return;
  const { inode, parent, name } = dentry;
  const whole = event | directoryBit(inode);
  if (parent) tell(parent.inode, whole, 0, name, dentry.unlinked);
  tell(inode, whole, 0, undefined);
  const what = { event: whole, inode, directory: parent?.inode, name, place: dentry, directories: [parent] };
  tellGroups(what, ...marksFor(dentry));
}

/** An event of the inode alone, whatever it is called. */
function notifyInode(inode: Inode, event: number): void {
  tell(inode, event, 0, undefined);
  tellGroups({ event: event | directoryBit(inode), inode }, ["inode", inode]);
}

/** An event of a directory's entry. */
function notifyEntry(directory: Dentry, name: string, inode: Inode, event: number, cookie = 0): void {
  const whole = event | directoryBit(inode);
  tell(directory.inode, whole, cookie, name);
  const what = {
    event: whole,
    inode,
    directory: directory.inode,
    name,
    directories: [directory, directory.known(name)],
  };
  tellGroups(what, ["inode", directory.inode], ["superBlock", directory.mount?.superBlock]);
}

/** fsnotify_create, fsnotify_mkdir. */
export function notifyCreate(directory: Dentry, name: string, made: Inode): void {
  notifyEntry(directory, name, made, events.IN_CREATE);
}

/** fsnotify_link: the file's link count is told to those who watch it. */
export function notifyLink(directory: Dentry, name: string, linked: Inode): void {
  notifyInode(linked, events.IN_ATTRIB);
  notifyCreate(directory, name, linked);
}

/** A name was removed; the inode may be gone with it. */
export function notifyDelete(directory: Dentry, name: string, removed: Inode): void {
  if (!removed.isDirectory) notifyInode(removed, events.IN_ATTRIB);
  notifyEntry(directory, name, removed, events.IN_DELETE);
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
  const block = from.mount?.superBlock;
  if (from.inode.watches || to.inode.watches || block?.watches) {
    const cookie = ++lastCookie;
    const event = events.FAN_RENAME | directoryBit(moved);
    const target = { directory: to.inode, name: newName };
    const what = { event, inode: moved, directory: from.inode, name, to: target, directories: [from, to] };
    tellGroups(what, ["inode", from.inode], ["to", to.inode], ["superBlock", block]);
    notifyEntry(from, name, moved, events.IN_MOVED_FROM, cookie);
    notifyEntry(to, newName, moved, events.IN_MOVED_TO, cookie);
  }
  if (replaced && !replaced.isDirectory) notifyInode(replaced, events.IN_ATTRIB);
  notifyInode(moved, events.IN_MOVE_SELF);
  if (replaced) notifyIfGone(replaced);
}

/** fsnotify_inoderemove: once the last name and the last open file are gone. */
export function notifyIfGone(inode: Inode): void {
  const { watches } = inode;
  if (watches === undefined || inode.openFiles > 0 || inode.isLinkable) return;
  notifyInode(inode, events.IN_DELETE_SELF);
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
