// Finds loops and merges of a region's graph, so that it can be written as WebAssembly's nested blocks and loops.
// Dominators by Cooper, Harvey and Kennedy; the nesting by Ramsey, "Beyond Relooper".
import type { RegionBlock } from "./region.js";

export interface Structure {
  /** Reverse post-order number of each block; -1 if unreachable. */
  readonly order: Int32Array;
  /** Blocks whose immediate dominator is this one and that several forward edges reach: farthest first. */
  readonly merges: readonly number[][];
  readonly isLoopHeader: readonly boolean[];
  readonly isMerge: readonly boolean[];
  /** Edges that jump into a loop sideways ("from,to"): they leave the region instead. */
  readonly irreducible: ReadonlySet<number>;
}

export const edgeKey = (from: number, to: number): number => from * 4096 + to;

export function structureOf(blocks: readonly RegionBlock[]): Structure {
  const order = postOrder(blocks);
  const byOrder = blocks.map((_, at) => at).filter((at) => order[at] >= 0);
  byOrder.sort((one, other) => order[one] - order[other]);
  const dominator = dominators(blocks, byOrder, order);
  const dominates = (above: number, below: number) => {
    let at = below;
    while (order[at] > order[above]) at = dominator[at];
    return at === above;
  };
  const isLoopHeader = blocks.map(() => false);
  const forwardEdges = blocks.map(() => 0);
  const irreducible = new Set<number>();
  for (const from of byOrder) {
    for (const to of blocks[from].successors) {
      if (to < 0) continue;
      if (order[to] > order[from]) forwardEdges[to]++;
      else if (dominates(to, from)) isLoopHeader[to] = true;
      else irreducible.add(edgeKey(from, to));
    }
  }
  const isMerge = forwardEdges.map((count) => count > 1);
  const merges: number[][] = blocks.map(() => []);
  for (const at of byOrder) if (isMerge[at]) merges[dominator[at]].push(at);
  for (const list of merges) list.sort((one, other) => order[other] - order[one]);
  return { order, merges, isLoopHeader, isMerge, irreducible };
}

function postOrder(blocks: readonly RegionBlock[]): Int32Array {
  const number = new Int32Array(blocks.length).fill(-1);
  const seen = new Uint8Array(blocks.length);
  const finished: number[] = [];
  const stack: [number, number][] = [[0, 0]];
  seen[0] = 1;
  while (stack.length > 0) {
    const top = stack[stack.length - 1];
    const { successors } = blocks[top[0]];
    if (top[1] < successors.length) {
      const next = successors[top[1]++];
      if (next >= 0 && !seen[next]) {
        seen[next] = 1;
        stack.push([next, 0]);
      }
    } else {
      finished.push(top[0]);
      stack.pop();
    }
  }
  finished.reverse().forEach((at, place) => {
    number[at] = place;
  });
  return number;
}

function dominators(blocks: readonly RegionBlock[], byOrder: readonly number[], order: Int32Array): Int32Array {
  const dominator = new Int32Array(blocks.length).fill(-1);
  dominator[0] = 0;
  const meet = (one: number, other: number) => {
    let [a, b] = [one, other];
    while (a !== b) {
      while (order[a] > order[b]) a = dominator[a];
      while (order[b] > order[a]) b = dominator[b];
    }
    return a;
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (const at of byOrder) {
      if (at === 0) continue;
      let best = -1;
      for (const before of blocks[at].predecessors)
        if (order[before] >= 0 && dominator[before] >= 0) best = best < 0 ? before : meet(best, before);
      if (best !== dominator[at]) {
        dominator[at] = best;
        changed = true;
      }
    }
  }
  return dominator;
}
