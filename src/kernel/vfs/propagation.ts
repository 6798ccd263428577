// Mounts and unmounts that appear wherever a mount has peers and slaves. fs/pnode.c: propagate_mnt, propagate_umount
import type { Task } from "../task/task.js";
import { type Dentry, pathOf } from "./dentry.js";
import { cloneTree, type Mount, type MountNamespace } from "./mount.js";
import { makeShared, makeSlave, peersAfter, slavesOf } from "./peer-groups.js";

/** Namespaces that somebody is in: what is mounted in others nobody can see. */
function liveNamespaces(task: Task): Set<MountNamespace> {
  const live = new Set<MountNamespace>();
  for (const { namespaces } of task.kernel.tasks.values()) live.add(namespaces.mnt);
  return live;
}

const isLive = (live: ReadonlySet<MountNamespace>, { namespace }: Mount): boolean =>
  namespace !== undefined && live.has(namespace);

/** The same place of the file system as `at`, in another mount of it; undefined when that mount does not show it. */
function placeIn(mount: Mount, at: Dentry, task: Task): Dentry | undefined {
  const from = at.mount as Mount;
  const inside = at === from.root ? "" : pathOf(at, from.root);
  const path = (from.subPath === "/" ? "" : from.subPath) + inside;
  const top = mount.subPath === "/" ? "" : mount.subPath;
  if (path !== top && !path.startsWith(`${top}/`)) return undefined;
  let place = mount.root;
  for (const name of path.slice(top.length).split("/").filter(Boolean)) {
    const known = place.known(name);
    const inode = known ? undefined : place.inode.lookup(name, task);
    if (known === undefined && inode === undefined) return undefined;
    place = known ?? place.add(name, inode as NonNullable<typeof inode>);
  }
  return place;
}

/** At the place itself, below what may be mounted there already. */
function attachBeneath(mount: Mount, place: Dentry): void {
  const above = place.mounted;
  mount.root.covers = place;
  place.mounted = mount.root;
  if (above === undefined) return;
  mount.root.mounted = above;
  above.covers = mount.root;
}

/** `mount`, which was attached at `at`, appears at that place of all peers of the mount `at` is in, and of their slaves. */
export function propagateMount(task: Task, mount: Mount, at: Dentry): void {
  const live = liveNamespaces(task);
  const parent = at.mount as Mount;
  if (parent.group === 0) return;
  spread(task, live, mount, parent, at, new Set());
}

function spread(
  task: Task,
  live: ReadonlySet<MountNamespace>,
  source: Mount,
  parent: Mount,
  at: Dentry,
  done: Set<Mount>,
): void {
  done.add(parent);
  const group = [parent, ...peersAfter(parent)];
  for (const peer of group.slice(1)) {
    done.add(peer);
    const place = isLive(live, peer) ? placeIn(peer, at, task) : undefined;
    if (place) copyTo(source, peer, place);
  }
  for (const slave of [...slavesOf(parent.group)]) {
    if (done.has(slave)) continue;
    done.add(slave);
    const place = isLive(live, slave) ? placeIn(slave, at, task) : undefined;
    if (place === undefined) continue;
    const copy = copyTo(source, slave, place, true);
    if (slave.group !== 0) spread(task, live, copy, slave, place, done);
  }
}

/** A copy of the tree at `place`; one for a slave is a slave of what it is a copy of, and shared when the place is. */
function copyTo(source: Mount, into: Mount, place: Dentry, isSlave = false): Mount {
  const { clone, clones } = cloneTree(source, source.root, () => true);
  attachBeneath(clone, place);
  for (const each of clones.values()) {
    into.namespace?.add(each);
    if (!isSlave) continue;
    if (each.group !== 0) makeSlave(each);
    if (into.group !== 0) makeShared(each);
  }
  return clone;
}

/** What is mounted at the same place of the peers and slaves of the mount that `mount` is in. */
export function propagatedCopies(task: Task, mount: Mount): Mount[] {
  const at = mount.root.covers;
  const parent = at?.mount;
  if (at === undefined || parent === undefined || parent.group === 0) return [];
  const live = liveNamespaces(task);
  const found: Mount[] = [];
  for (const other of receiversOf(parent)) {
    const place = isLive(live, other) ? placeIn(other, at, task) : undefined;
    const copy = place?.mounted?.mount;
    if (copy) found.push(copy);
  }
  return found;
}

/** Peers, slaves, their peers and slaves. */
function receiversOf(mount: Mount): Mount[] {
  const found = new Set<Mount>([mount]);
  for (const each of found) {
    for (const peer of peersAfter(each)) found.add(peer);
    for (const slave of slavesOf(each.group)) found.add(slave);
  }
  found.delete(mount);
  return [...found];
}
