// Peer groups of mounts and their slaves: who hears of whose mounts. fs/pnode.c
import type { Mount } from "./mount.js";

/** Shared mounts by group, each in the order in which it is gone round. */
const peers = new Map<number, Mount[]>();
/** Mounts that hear of a group, and it not of them. */
const slaves = new Map<number, Mount[]>();

function remove(map: Map<number, Mount[]>, group: number, mount: Mount): void {
  const left = map.get(group)?.filter((other) => other !== mount) ?? [];
  if (left.length > 0) map.set(group, left);
  else map.delete(group);
}

/** Into the group of `beside`, after it. */
export function joinPeers(mount: Mount, beside: Mount): void {
  const ring = peers.get(beside.group) ?? [];
  ring.splice(ring.indexOf(beside) + 1, 0, mount);
  peers.set(beside.group, ring);
  mount.group = beside.group;
}

export function makeShared(mount: Mount): void {
  mount.isUnbindable = false;
  if (mount.group !== 0) return;
  let group = 1;
  while (peers.has(group)) group++;
  mount.group = group;
  peers.set(group, [mount]);
}

export function setMaster(mount: Mount, group: number): void {
  if (mount.master !== 0) remove(slaves, mount.master, mount);
  mount.master = group;
  if (group !== 0) slaves.set(group, [...(slaves.get(group) ?? []), mount]);
}

/** do_make_slave: of its peers, or when there are none of what was its master already. */
export function makeSlave(mount: Mount): void {
  mount.isUnbindable = false;
  const { group } = mount;
  if (group === 0) return;
  remove(peers, group, mount);
  mount.group = 0;
  if (peers.has(group)) {
    setMaster(mount, group);
    return;
  }
  for (const slave of slaves.get(group) ?? []) setMaster(slave, mount.master);
}

export function makePrivate(mount: Mount, isUnbindable = false): void {
  makeSlave(mount);
  setMaster(mount, 0);
  mount.isUnbindable = isUnbindable;
}

/** The others of its group, from the one after it on. */
export function peersAfter(mount: Mount): Mount[] {
  const ring = peers.get(mount.group) ?? [];
  const at = ring.indexOf(mount);
  return [...ring.slice(at + 1), ...ring.slice(0, Math.max(at, 0))];
}

export const slavesOf = (group: number): readonly Mount[] => (group === 0 ? [] : (slaves.get(group) ?? []));
