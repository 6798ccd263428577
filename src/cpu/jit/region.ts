// Chooses the blocks that become one WebAssembly function: what has run and can be reached from the root without a call's callee.
import type { Block } from "../block.js";
import { CC_OP, CONST, FLAGS, MICROCODE, type Node, SET, WHEN } from "../ir/node.js";
import { structureOf } from "./structure.js";

/** How large a region may become. */
export interface Extent {
  readonly blocks: number;
  readonly instructions: number;
  /** It ends before the code at this address, which can be entered by itself. */
  readonly isEntry?: (address: number) => boolean;
}

/** A threaded interpreter has as many of them as the square of its instructions: beyond this they go through the dispatcher. */
const MAX_INDIRECT_EDGES = 256;

export interface RegionBlock {
  block: Block;
  /** Successors inside the region by their place in `blocks`; -1 where the edge leaves it. Order as in `successorAddresses`. */
  successors: number[];
  /** Guest addresses of the successors. */
  addresses: readonly number[];
  predecessors: number[];
}

/** The block at an address entered with a known lazy operation (or -1), of at most that many instructions. */
export type Retranslate = (address: number, flags: number, limit: number) => Block;

export interface Region {
  /** The root is first. */
  readonly blocks: RegionBlock[];
}

/** Guest addresses a block may go on to without leaving the function: both sides of a branch, the place a call returns to. */
function successorAddresses(block: Block, targets: (block: number) => readonly number[]): readonly number[] {
  const end = block.terminator;
  switch (end.kind) {
    case "jump":
      return [end.target];
    case "branch":
      return [end.target, end.otherwise];
    case "call":
    case "callIndirect":
      return [end.next];
    case "indirect":
      return end.isReturn ? [] : targets(block.start);
    case "trap":
      return [];
  }
}

/** Where the calls of a region go, as far as is known. */
export function callTargets({ blocks }: Region, targets: (block: number) => readonly number[]): number[] {
  return blocks.flatMap(({ block }) => {
    const end = block.terminator;
    if (end.kind === "call") return [end.target];
    return end.kind === "callIndirect" ? targets(block.start) : [];
  });
}

/** `find` gives a block that has run, or undefined; `retranslate` one with known flags at entry; `targets` where an indirect jump has gone. */
export function discoverRegion(
  root: Block,
  find: (address: number) => Block | undefined,
  retranslate: Retranslate,
  targets: (block: number) => readonly number[],
  extent: Extent,
): Region {
  const blocks: RegionBlock[] = [];
  const places = new Map<number, number>();
  let instructions = 0;
  let indirect = 0;
  const place = (address: number): number => {
    const known = places.get(address);
    if (known !== undefined) return known;
    if (blocks.length >= extent.blocks || instructions >= extent.instructions) return -1;
    const isRoot = address === root.start;
    const block = isRoot ? root : extent.isEntry?.(address) ? undefined : find(address);
    if (!block) return -1;
    instructions += block.addresses.length;
    places.set(address, blocks.length);
    blocks.push({ block, successors: [], addresses: [], predecessors: [] });
    return blocks.length - 1;
  };
  place(root.start);
  for (let at = 0; at < blocks.length; at++) {
    blocks[at].addresses = successorAddresses(blocks[at].block, (block) => {
      const known = targets(block);
      indirect += known.length;
      return indirect <= MAX_INDIRECT_EDGES ? known : [];
    });
    blocks[at].successors = blocks[at].addresses.map(place);
    for (const successor of blocks[at].successors) if (successor >= 0) blocks[successor].predecessors.push(at);
  }
  if (structureOf(blocks).irreducible.size > 0) cutOverlaps(blocks, places, retranslate);
  spreadFlags(blocks, retranslate);
  return { blocks };
}

/**
 * A block that runs into another's start ends there instead. Where both keep what they have in common, a loop around it may have two ways in.
 * Where that does no harm the longer blocks make better code.
 */
function cutOverlaps(blocks: RegionBlock[], places: ReadonlyMap<number, number>, retranslate: Retranslate): void {
  blocks.forEach((item, at) => {
    const { addresses } = item.block;
    const length = addresses.findIndex((address, n) => n > 0 && places.has(address));
    if (length < 0) return;
    for (const successor of item.successors) if (successor >= 0) removeOne(blocks[successor].predecessors, at);
    const next = addresses[length];
    const place = places.get(next) as number;
    item.block = retranslate(item.block.start, UNKNOWN, length);
    item.addresses = [next];
    item.successors = [place];
    blocks[place].predecessors.push(at);
  });
}

function removeOne(list: number[], value: number): void {
  list.splice(list.indexOf(value), 1);
}

const UNKNOWN: number = -1;
const UNSEEN: number = -2;

/** Blocks that read flags set before them are translated again where all ways in agree on the operation that set them. */
function spreadFlags(blocks: RegionBlock[], retranslate: Retranslate): void {
  const entry = blocks.map((_, at) => (at === 0 ? UNKNOWN : UNSEEN));
  const leaving = blocks.map(({ block }) => lastOperation(block.nodes));
  const work = [0];
  while (work.length > 0) {
    const at = work.pop() as number;
    const out =
      leaving[at] === UNSEEN || isCall(blocks[at].block)
        ? isCall(blocks[at].block)
          ? UNKNOWN
          : entry[at]
        : leaving[at];
    for (const successor of blocks[at].successors) {
      if (successor < 0 || entry[successor] === UNKNOWN) continue;
      const merged = entry[successor] === UNSEEN || entry[successor] === out ? out : UNKNOWN;
      if (merged === entry[successor]) continue;
      entry[successor] = merged;
      work.push(successor);
    }
  }
  blocks.forEach((item, at) => {
    if (entry[at] >= 0 && readsUnknownFlags(item.block.nodes))
      item.block = retranslate(item.block.start, entry[at], item.block.addresses.length);
  });
}

const isCall = (block: Block) => block.terminator.kind === "call" || block.terminator.kind === "callIndirect";

/** The lazy operation a block leaves, UNSEEN when it sets none, UNKNOWN when it depends. */
function lastOperation(nodes: readonly Node[]): number {
  let operation = UNSEEN;
  for (const node of nodes) {
    if (node.kind === SET && node.low === CC_OP) operation = node.a?.kind === CONST ? node.a.low : UNKNOWN;
    else if (node.kind === WHEN && lastOperation(node.body ?? []) !== UNSEEN) operation = UNKNOWN;
    else if (node.kind === MICROCODE) operation = UNKNOWN;
  }
  return operation;
}

const readsUnknownFlags = (nodes: readonly Node[]): boolean => nodes.some((node) => node.kind === FLAGS);
