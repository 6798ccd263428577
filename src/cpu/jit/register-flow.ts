// Which registers a region must load, keep and write back, at each point: what is not read need not be loaded, what was not changed need
// not be stored. A set of registers is two words: general and flags registers in one, vector registers in the other.

import type { Node } from "../ir/node.js";
import * as kind from "../ir/node.js";
import type { Region, RegionBlock } from "./region.js";

export interface RegisterSet {
  readonly low: number;
  readonly high: number;
}

export const NO_REGISTERS: RegisterSet = { low: 0, high: 0 };

const setOf = (register: number): RegisterSet =>
  register < kind.XMM0 ? { low: 1 << register, high: 0 } : { low: 0, high: 1 << (register - kind.XMM0) };
const SETS: readonly RegisterSet[] = Array.from({ length: kind.REGISTER_COUNT }, (_, register) => setOf(register));

export const union = (a: RegisterSet, b: RegisterSet): RegisterSet => ({ low: a.low | b.low, high: a.high | b.high });
export const without = (a: RegisterSet, b: RegisterSet): RegisterSet => ({
  low: a.low & ~b.low,
  high: a.high & ~b.high,
});
const same = (a: RegisterSet, b: RegisterSet) => a.low === b.low && a.high === b.high;
export const withRegister = (set: RegisterSet, register: number): RegisterSet => union(set, SETS[register]);
export const hasRegister = (set: RegisterSet, register: number): boolean =>
  register < kind.XMM0 ? ((set.low >> register) & 1) !== 0 : ((set.high >> (register - kind.XMM0)) & 1) !== 0;
export const keyOf = (set: RegisterSet): string => `${set.low},${set.high}`;

/** More ways out than this share one that writes everything. */
const MAX_EXITS = 60;

export interface RegisterFlow {
  /** What may differ from memory when a block begins, and at its end (before a call writes it back). */
  readonly dirtyIn: readonly RegisterSet[];
  readonly dirtyEnd: readonly RegisterSet[];
  /** What must be in locals when a block begins. */
  readonly liveIn: readonly RegisterSet[];
  /** What must be in locals after a microcode operation. */
  readonly liveAfter: ReadonlyMap<Node, RegisterSet>;
  /** The set that a way out with these changed registers writes: they, or more. */
  exitSet(dirty: RegisterSet): RegisterSet;
}

export function registerFlow(region: Region): RegisterFlow {
  const { blocks } = region;
  const dirtyIn = blocks.map(() => NO_REGISTERS);
  const dirtyEnd = blocks.map(() => NO_REGISTERS);
  spread(blocks, dirtyIn, dirtyEnd);
  const exits = new Map<string, RegisterSet>();
  let everything = NO_REGISTERS;
  blocks.forEach(({ block }, at) => {
    everything = union(everything, dirtyEnd[at]);
    walkForward(block.nodes, dirtyIn[at], (_, dirty) => {
      everything = union(everything, dirty);
      exits.set(keyOf(dirty), dirty);
    });
    exits.set(keyOf(dirtyEnd[at]), dirtyEnd[at]);
  });
  if (exits.size > MAX_EXITS) for (const key of exits.keys()) exits.set(key, everything);
  const exitSet = (dirty: RegisterSet) => exits.get(keyOf(dirty)) ?? everything;
  const liveIn = blocks.map(() => NO_REGISTERS);
  const liveAfter = new Map<Node, RegisterSet>();
  flowBack(blocks, dirtyIn, dirtyEnd, liveIn, liveAfter, exitSet);
  return { dirtyIn, dirtyEnd, liveIn, liveAfter, exitSet };
}

/** Those of the flags' registers that `nodes` set before they are read and before the code can be left. */
export function flagsOverwritten(nodes: readonly Node[]): RegisterSet {
  let set = NO_REGISTERS;
  const read = new Set<number>();
  for (const node of nodes) {
    if (leaves(node) || node.kind === kind.WHEN) break;
    if (node.kind === kind.GET) read.add(node.low);
    else if (node.kind === kind.SET && node.low >= kind.CC_OP && node.low < kind.XMM0 && !read.has(node.low))
      set = withRegister(set, node.low);
  }
  return set;
}

const isCall = (item: RegionBlock) =>
  item.block.terminator.kind === "call" || item.block.terminator.kind === "callIndirect";

/** May-be-changed sets, forward to a fixed point. */
function spread(blocks: readonly RegionBlock[], dirtyIn: RegisterSet[], dirtyEnd: RegisterSet[]): void {
  const work = blocks.map((_, at) => at);
  while (work.length > 0) {
    const at = work.shift() as number;
    dirtyEnd[at] = walkForward(blocks[at].block.nodes, dirtyIn[at], () => {});
    const out = isCall(blocks[at]) ? NO_REGISTERS : dirtyEnd[at];
    for (const successor of blocks[at].successors) {
      if (successor < 0) continue;
      const merged = union(dirtyIn[successor], out);
      if (same(merged, dirtyIn[successor])) continue;
      dirtyIn[successor] = merged;
      work.push(successor);
    }
  }
}

const leaves = (node: Node) =>
  node.kind === kind.TRANSLATE || node.kind === kind.TRAP_WHEN || node.kind === kind.MICROCODE;

/** The set after `nodes`; `visit` sees every node that may leave with the set there. */
function walkForward(
  nodes: readonly Node[],
  dirty: RegisterSet,
  visit: (node: Node, dirty: RegisterSet) => void,
): RegisterSet {
  let { low, high } = dirty;
  for (const node of nodes) {
    if (node.kind === kind.SET) {
      low |= SETS[node.low].low;
      high |= SETS[node.low].high;
    } else if (node.kind === kind.WHEN) {
      const after = walkForward(node.body as Node[], { low, high }, visit);
      low |= after.low;
      high |= after.high;
    } else if (leaves(node)) {
      visit(node, { low, high });
      if (node.kind === kind.MICROCODE) low = high = 0;
    }
  }
  return { low, high };
}

function flowBack(
  blocks: readonly RegionBlock[],
  dirtyIn: readonly RegisterSet[],
  dirtyEnd: readonly RegisterSet[],
  liveIn: RegisterSet[],
  liveAfter: Map<Node, RegisterSet>,
  exitSet: (dirty: RegisterSet) => RegisterSet,
): void {
  const atExit = new Map<Node, RegisterSet>();
  blocks.forEach(({ block }, at) => {
    walkForward(block.nodes, dirtyIn[at], (node, dirty) => atExit.set(node, exitSet(dirty)));
  });
  const work = blocks.map((_, at) => at);
  while (work.length > 0) {
    const at = work.pop() as number;
    const item = blocks[at];
    // Every block may leave at its end: by fuel, by a trap, by an edge out of the region. A call writes back and reloads.
    let live = exitSet(dirtyEnd[at]);
    if (!isCall(item))
      for (const successor of item.successors) if (successor >= 0) live = union(live, liveIn[successor]);
    live = walkBack(item.block.nodes, live, atExit, liveAfter);
    if (same(live, liveIn[at])) continue;
    liveIn[at] = live;
    work.push(...item.predecessors);
  }
}

function walkBack(
  nodes: readonly Node[],
  after: RegisterSet,
  atExit: ReadonlyMap<Node, RegisterSet>,
  liveAfter: Map<Node, RegisterSet>,
): RegisterSet {
  let live = after;
  for (let n = nodes.length - 1; n >= 0; n--) {
    const node = nodes[n];
    if (node.kind === kind.GET) live = withRegister(live, node.low);
    else if (node.kind === kind.SET) live = without(live, SETS[node.low]);
    else if (node.kind === kind.WHEN) live = union(live, walkBack(node.body as Node[], live, atExit, liveAfter));
    else if (node.kind === kind.MICROCODE) {
      liveAfter.set(node, union(live, liveAfter.get(node) ?? NO_REGISTERS));
      live = atExit.get(node) as RegisterSet;
    } else if (leaves(node)) live = union(live, atExit.get(node) as RegisterSet);
  }
  return live;
}
