// A compiled region with the functions it calls, as any address space with the same code at the same addresses may use it.
import type { GuestMemory } from "../../machine/guest-memory.js";
import { PAGE_SIZE } from "../../machine/state-layout.js";
import type { Block } from "../block.js";
import { linearOf, pageOf } from "../code-address.js";
import { copyCode, isCode } from "../code-bytes.js";
import type { Watches } from "../watches.js";
import type { JumpMap } from "./jump-map.js";
import type { Region } from "./region.js";

/** What of the library's a module is written with. */
export interface Numbers {
  readonly sites: number[];
  readonly indirects: number[];
  readonly roots: number[];
  /** Guest address -> dispatcher slot. */
  readonly slots: Map<number, number>;
  readonly maps: JumpMap[];
}

interface CodeRange {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** What is known of compiled code besides the code itself. */
export interface CodeFacts {
  readonly root: number;
  /** Its floating point is the exact kind. */
  readonly exact: boolean;
  /** It was compiled large, with the functions it calls. */
  readonly large: boolean;
  /** Blocks of the region itself. */
  readonly blocks: readonly number[];
  /** Where it leaves for. */
  readonly leaves: readonly number[];
  /** Where the indirect jumps of its blocks may go, as far as it knows. */
  readonly targets: readonly (readonly [block: number, targets: readonly number[]])[];
  readonly ranges: readonly CodeRange[];
  /** Its bytes say all: no block is of bytes that are no instruction, which end nobody knows where. */
  readonly isShareable: boolean;
}

/** Of a region, first, and the functions it calls. */
export function factsOf(
  regions: readonly Region[],
  exact: boolean,
  large: boolean,
  targets: (block: number) => readonly number[],
  memory: GuestMemory,
): CodeFacts {
  const own = regions[0].blocks;
  const blocks = regions.flatMap((region) => region.blocks.map(({ block }) => block));
  return {
    root: own[0].block.start,
    exact,
    large,
    blocks: own.map(({ block }) => block.start),
    leaves: own.flatMap(({ addresses, successors }) => addresses.filter((_, which) => successors[which] < 0)),
    targets: own
      .map(({ block }) => [block.start, targets(block.start)] as const)
      .filter(([, known]) => known.length > 0),
    ranges: rangesOf(blocks, memory),
    isShareable: blocks.every(({ start, end }) => end > start),
  };
}

export class CompiledCode {
  readonly module: WebAssembly.Module;
  /** Bytes of the host's memory that it takes, roughly. */
  readonly size: number;
  readonly numbers: Numbers;
  readonly facts: CodeFacts;
  /** Address spaces that run it, and the library. */
  users = 0;

  /** `module` is shared with other pieces of code; `size` is what falls to this one. */
  constructor(module: WebAssembly.Module, size: number, numbers: Numbers, facts: CodeFacts) {
    this.module = module;
    this.size = size;
    this.numbers = numbers;
    this.facts = facts;
  }

  get root(): number {
    return this.facts.root;
  }

  /** Its name among the module's exports. */
  get name(): string {
    return this.root.toString(16);
  }

  get slot(): number {
    return this.numbers.slots.get(this.root) as number;
  }

  hasWithin(address: number): boolean {
    return this.facts.ranges.some(({ start, bytes }) => {
      const inside = address - linearOf(start);
      return inside >= 0 && inside < bytes.length;
    });
  }

  /** One of its instructions is watched by now. */
  isWatched(watches: Watches): boolean {
    return this.facts.ranges.some(({ start, bytes }) => watches.isWithin(start, start + bytes.length));
  }

  /** Pages its code is in. */
  get pages(): Set<number> {
    const pages = new Set<number>();
    for (const { start, bytes } of this.facts.ranges) {
      const first = pageOf(start);
      const count = Math.floor(((start % PAGE_SIZE) + bytes.length - 1) / PAGE_SIZE);
      for (let page = first; page <= first + count; page++) pages.add(page);
    }
    return pages;
  }
}

/** The bytes it was compiled from are in `memory`. */
export const isIn = ({ ranges }: Pick<CodeFacts, "ranges">, memory: GuestMemory): boolean =>
  ranges.every(({ start, bytes }) => isCode(memory, start, bytes.length, bytes, 0));

function rangesOf(blocks: readonly Block[], memory: GuestMemory): CodeRange[] {
  const spans: { start: number; end: number }[] = [];
  for (const block of [...blocks].sort((a, b) => a.start - b.start)) {
    const { start } = block;
    const end = Math.max(block.end, start + 1);
    const last = spans[spans.length - 1];
    if (last && start <= last.end) last.end = Math.max(last.end, end);
    else spans.push({ start, end });
  }
  return spans.map(({ start, end }) => {
    const bytes = new Uint8Array(end - start);
    copyCode(memory, start, bytes.length, bytes, 0);
    return { start, bytes };
  });
}
