// From which memory nodes pages come: policies of tasks and areas, on a machine with one node. mm/mempolicy.c

import * as mman from "../../abi/constants/memory.js";
import { CAP_SYS_NICE } from "../../abi/constants/security.js";
import { EFAULT, EINVAL, ENODEV, ENOENT, EOPNOTSUPP, EPERM, Errno, ESRCH } from "../../abi/errno.js";
import { READ } from "../../machine/guest-memory.js";
import { PAGE_SIZE } from "../../machine/state-layout.js";
import { mayInspect } from "../fs/anonfs/pid-fd.js";
import type { Task } from "../task/task.js";
import { FAULT_NONE, populate } from "./fault.js";
import type { MemoryPolicy } from "./memory-policy.js";
import { type Mm, pageUp } from "./mm.js";

const ONLY_NODE = 1n;
const USER_NODES = mman.MPOL_F_STATIC_NODES | mman.MPOL_F_RELATIVE_NODES;
const MODE_FLAGS = USER_NODES | mman.MPOL_F_NUMA_BALANCING;
const MAX_MODE_BITS = PAGE_SIZE * 8;
const MASK_SIZE = 8; // of the nodes there can be
const MBIND_FLAGS = mman.MPOL_MF_STRICT | mman.MPOL_MF_MOVE | mman.MPOL_MF_MOVE_ALL;

/** get_nodes. `bits` is one more than there are. */
function readNodes(task: Task, address: number, bits: number): bigint {
  const count = bits - 1;
  if (count === 0 || address === 0) return 0n;
  if (count < 0 || count > MAX_MODE_BITS) throw new Errno(EINVAL);
  const size = Math.ceil(count / (8 * task.longBytes)) * task.longBytes;
  const bytes = new Uint8Array(Math.ceil(size / 8) * 8);
  bytes.set(task.copyIn(address, size));
  const view = new DataView(bytes.buffer);
  let nodes = 0n;
  for (let at = 0; at < bytes.length; at += 8) nodes |= view.getBigUint64(at, true) << BigInt(at * 8);
  return BigInt.asUintN(count, nodes);
}

/** sanitize_mpol_flags */
function splitMode(wanted: number): { mode: number; flags: number } {
  const flags = wanted & MODE_FLAGS;
  const mode = wanted & ~MODE_FLAGS;
  if (mode < 0 || mode > mman.MPOL_WEIGHTED_INTERLEAVE) throw new Errno(EINVAL);
  if ((flags & USER_NODES) === USER_NODES) throw new Errno(EINVAL);
  const balances = mode === mman.MPOL_BIND || mode === mman.MPOL_PREFERRED_MANY;
  if (flags & mman.MPOL_F_NUMA_BALANCING && !balances) throw new Errno(EINVAL);
  return { mode, flags };
}

/** mpol_new, mpol_set_nodemask: undefined is the default. */
function makePolicy(mode: number, flags: number, nodes: bigint): MemoryPolicy | undefined {
  const fixed = (flags & USER_NODES) !== 0;
  if (mode === mman.MPOL_DEFAULT) {
    if (nodes !== 0n) throw new Errno(EINVAL);
    return undefined;
  }
  if (mode === mman.MPOL_LOCAL || (mode === mman.MPOL_PREFERRED && nodes === 0n)) {
    if (nodes !== 0n || fixed) throw new Errno(EINVAL);
    return { mode: mman.MPOL_LOCAL, flags, nodes: 0n };
  }
  const usable = flags & mman.MPOL_F_RELATIVE_NODES ? nodes : nodes & ONLY_NODE;
  if (usable === 0n) throw new Errno(EINVAL);
  return { mode, flags, nodes: fixed ? nodes : ONLY_NODE };
}

export function setMemoryPolicy(task: Task, wanted: number, nodesAddress: number, bits: number): void {
  const { mode, flags } = splitMode(wanted | 0);
  task.memoryPolicy = makePolicy(mode, flags, readNodes(task, nodesAddress, bits));
}

export function getMemoryPolicy(
  task: Task,
  modeAddress: number,
  nodesAddress: number,
  bits: number,
  address: number,
  flags: number,
): void {
  if (nodesAddress !== 0 && bits < 1) throw new Errno(EINVAL);
  const { mode, nodes } = describe(task, address, flags);
  if (modeAddress !== 0) task.writeU32(modeAddress, mode);
  if (nodesAddress === 0) return;
  const size = Math.ceil((bits - 1) / (8 * task.longBytes)) * task.longBytes;
  if (size > Math.max(PAGE_SIZE, MASK_SIZE)) throw new Errno(EINVAL);
  const mask = new Uint8Array(size);
  for (let at = 0; at < Math.min(size, MASK_SIZE); at++) mask[at] = Number((nodes >> BigInt(at * 8)) & 0xffn);
  task.copyOut(nodesAddress, mask);
}

/** do_get_mempolicy: the mode, or with MPOL_F_NODE the number of a node. */
function describe(task: Task, address: number, flags: number): { mode: number; nodes: bigint } {
  if (flags > 7) throw new Errno(EINVAL);
  if (flags & mman.MPOL_F_MEMS_ALLOWED) {
    if (flags & (mman.MPOL_F_NODE | mman.MPOL_F_ADDR)) throw new Errno(EINVAL);
    return { mode: 0, nodes: ONLY_NODE };
  }
  const area = flags & mman.MPOL_F_ADDR ? task.mm.areas.find(address) : undefined;
  if (flags & mman.MPOL_F_ADDR && area === undefined) throw new Errno(EFAULT);
  if (!(flags & mman.MPOL_F_ADDR) && address !== 0) throw new Errno(EINVAL);
  const policy = area ? (area.policy ?? task.memoryPolicy) : task.memoryPolicy;
  const mode = policy ? policy.mode | policy.flags : mman.MPOL_DEFAULT;
  const nodes = policy?.nodes ?? 0n;
  if (!(flags & mman.MPOL_F_NODE)) return { mode, nodes };
  if (area) {
    const start = address - (address % PAGE_SIZE);
    if (populate(task.mm, start, start + PAGE_SIZE, READ) !== FAULT_NONE) throw new Errno(EFAULT);
  } else if (policy?.mode !== mman.MPOL_INTERLEAVE && policy?.mode !== mman.MPOL_WEIGHTED_INTERLEAVE)
    throw new Errno(EINVAL);
  return { mode: 0, nodes };
}

/** mbind(2). Nothing has to move: there is nowhere to move it. */
export function mbind(
  task: Task,
  address: number,
  length: number,
  wanted: number,
  nodesAddress: number,
  bits: number,
  flags: number,
): void {
  const { mode, flags: modeFlags } = splitMode(wanted | 0);
  const nodes = readNodes(task, nodesAddress, bits);
  if (flags & ~MBIND_FLAGS) throw new Errno(EINVAL);
  if (flags & mman.MPOL_MF_MOVE_ALL && !task.cred.can(CAP_SYS_NICE)) throw new Errno(EPERM);
  const end = endOf(address, length);
  if (end === address) return;
  const policy = makePolicy(mode, modeFlags, nodes);
  const { areas } = task.mm;
  let reached = address;
  for (const area of areas.overlapping(address, end)) {
    if (area.start > reached) break;
    reached = area.end;
  }
  // Going back to the default may leave holes out.
  const isCovered = policy === undefined ? areas.overlapping(address, end).length > 0 : reached >= end;
  if (!isCovered) throw new Errno(EFAULT);
  areas.splitAt(address);
  areas.splitAt(end);
  for (const area of areas.overlapping(address, end)) area.policy = policy;
  areas.merge(address, end);
}

/** move_pages(2): where pages are; with nodes, they are where they should be already. The result goes to each one's status. */
export function movePages(
  task: Task,
  pid: number,
  count: number,
  pages: number,
  nodes: number,
  status: number,
  flags: number,
): void {
  if (flags & ~(mman.MPOL_MF_MOVE | mman.MPOL_MF_MOVE_ALL)) throw new Errno(EINVAL);
  if (flags & mman.MPOL_MF_MOVE_ALL && !task.cred.can(CAP_SYS_NICE)) throw new Errno(EPERM);
  const { mm } = targetOf(task, pid);
  for (let i = 0; i < count; i++) {
    const page = task.readPointer(pages + i * task.pointerBytes);
    if (nodes !== 0 && task.readI32(nodes + i * 4) !== 0) throw new Errno(ENODEV);
    task.writeU32(status + i * 4, pageStatus(mm, page));
  }
}

function pageStatus(mm: Mm, address: number): number {
  if (mm.areas.find(address) === undefined) return -EFAULT;
  return mm.memory.slotOf(Math.floor(address / PAGE_SIZE)) < 0 ? -ENOENT : 0;
}

function targetOf(task: Task, pid: number): Task {
  const target = pid === 0 ? task : task.kernel.tasks.get(pid);
  if (target === undefined || target.isDead) throw new Errno(ESRCH);
  if (!mayInspect(task, target)) throw new Errno(EPERM);
  return target;
}

/** migrate_pages(2): from the only node to itself. */
export function migratePages(task: Task, pid: number, bits: number, from: number, to: number): number {
  readNodes(task, from, bits);
  const nodes = readNodes(task, to, bits);
  targetOf(task, pid);
  if ((nodes & ~ONLY_NODE) !== 0n && !task.cred.can(CAP_SYS_NICE)) throw new Errno(EPERM);
  if ((nodes & ONLY_NODE) === 0n) throw new Errno(EINVAL);
  return 0;
}

/** One past the range, whose length wraps around as the addresses of the machine do. */
function endOf(address: number, length: number): number {
  if (address % PAGE_SIZE !== 0 || address >= 2 ** 64) throw new Errno(EINVAL);
  const end = address + (pageUp(length) % 2 ** 64);
  if (end >= 2 ** 64) throw new Errno(EINVAL);
  return end;
}

/** set_mempolicy_home_node(2): only two kinds of policy have one. */
export function setHomeNode(task: Task, address: number, length: number, node: number, flags: number): void {
  if (address % PAGE_SIZE !== 0 || flags !== 0 || node !== 0) throw new Errno(EINVAL);
  const end = endOf(address, length);
  if (end === address) return;
  const policies = task.mm.areas.overlapping(address, end).flatMap(({ policy }) => policy ?? []);
  if (policies.length === 0) throw new Errno(ENOENT);
  const fits = ({ mode }: MemoryPolicy): boolean => mode === mman.MPOL_BIND || mode === mman.MPOL_PREFERRED_MANY;
  if (!policies.every(fits)) throw new Errno(EOPNOTSUPP);
}
