// /proc/PID/uid_map, gid_map and setgroups: how a user namespace gets its ids. kernel/user_namespace.c: map_write, proc_setgroups_write
import { EINVAL, EPERM, Errno } from "../../../abi/errno.js";
import { hasRightsOver } from "../../task/namespaces.js";
import type { Task } from "../../task/task.js";
import { type IdRange, idInside, idOutside, type UserNamespace } from "../../task/user-namespace.js";

type Kind = "uidMap" | "gidMap";

const LONGEST = 4096;
const MOST_RANGES = 340;
const NO_ID = 0xffffffff;

/** As the reader's namespace knows the ids; its own map is about those of its parent. */
export function mapText(task: Task, reader: Task, kind: Kind): string {
  const { userNamespace } = task.cred;
  const viewer = reader.cred.userNamespace;
  const seenFrom = viewer === userNamespace && viewer.parent ? viewer.parent : viewer;
  const column = (number: number): string => String(number).padStart(10);
  return (userNamespace[kind] ?? [])
    .map(({ inside, outside, count }) => {
      const seen = idInside(seenFrom[kind], outside) ?? NO_ID;
      return `${column(inside)} ${column(seen)} ${column(count)}\n`;
    })
    .join("");
}

export function writeMap(task: Task, writer: Task, kind: Kind, text: string): void {
  const { userNamespace: namespace } = task.cred;
  const { parent } = namespace;
  const from = writer.cred.userNamespace;
  if (text.length >= LONGEST) throw new Errno(EINVAL);
  if (parent === undefined || (from !== namespace && from !== parent)) throw new Errno(EPERM);
  if (namespace[kind] !== undefined || !hasRightsOver(writer.cred, namespace)) throw new Errno(EPERM);
  const ranges = parse(text);
  if (!isPermitted(writer, namespace, parent, kind, ranges)) throw new Errno(EPERM);
  namespace[kind] = ranges.map(({ inside, outside, count }) => {
    const machine = idOutside(parent[kind], outside);
    if (machine === undefined || idOutside(parent[kind], outside + count - 1) !== machine + count - 1)
      throw new Errno(EPERM);
    return { inside, outside: machine, count };
  });
}

/** Lines of three numbers, which do not overlap. */
function parse(text: string): IdRange[] {
  const lines = text.replace(/\n$/, "").split("\n");
  if (lines.length > MOST_RANGES) throw new Errno(EINVAL);
  const ranges = lines.map((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s*$/.exec(line);
    if (match === null) throw new Errno(EINVAL);
    const [inside, outside, count] = match.slice(1).map(Number);
    if (count === 0 || inside + count > NO_ID || outside + count > NO_ID) throw new Errno(EINVAL);
    return { inside, outside, count };
  });
  const overlap = (a: number, b: number, one: IdRange, other: IdRange): boolean =>
    a < b + other.count && b < a + one.count;
  for (const [index, one] of ranges.entries()) {
    for (const other of ranges.slice(index + 1)) {
      const clash = overlap(one.inside, other.inside, one, other) || overlap(one.outside, other.outside, one, other);
      if (clash) throw new Errno(EINVAL);
    }
  }
  return ranges;
}

/** new_idmap_permitted: its owner may map their own id; more is for whoever has rights over the parent. */
function isPermitted(
  writer: Task,
  namespace: UserNamespace,
  parent: UserNamespace,
  kind: Kind,
  ranges: readonly IdRange[],
): boolean {
  const { cred } = writer;
  const [first] = ranges;
  if (ranges.length === 1 && first.count === 1 && namespace.owner === cred.euid) {
    const machine = idOutside(parent[kind], first.outside);
    if (kind === "uidMap" && machine === cred.euid) return true;
    if (kind === "gidMap" && namespace.setgroups === "deny" && machine === cred.egid) return true;
  }
  return hasRightsOver(cred, parent);
}

export function writeSetgroups(task: Task, writer: Task, text: string): void {
  const { userNamespace: namespace } = task.cred;
  const wanted = text.trim();
  if (wanted !== "allow" && wanted !== "deny") throw new Errno(EINVAL);
  if (!hasRightsOver(writer.cred, namespace)) throw new Errno(EPERM);
  if (wanted === "allow" && namespace.setgroups === "deny") throw new Errno(EPERM);
  if (wanted === "deny" && namespace.gidMap !== undefined) throw new Errno(EPERM);
  namespace.setgroups = wanted;
}
