// Compiled modules as one piece of bytes that outlives the processor, for later runs of the same program: each as WebAssembly, with what is known of
// its pieces as JSON, read when a piece of it is wanted. An image is as trusted as the program that runs it: who keeps it sees to that. What
// is damaged is not found.
import type { CodeFacts, Numbers } from "./compiled-code.js";
import type { JumpMap } from "./jump-map.js";
import { LINK_KINDS, type LinkKind } from "./region-links.js";
import type { LinkedModule } from "./region-module.js";
import type { Site } from "./sites.js";

/** What the library's numbers in a piece of code were for, in their order. */
export interface Linked {
  readonly sites: readonly Site[];
  readonly indirects: readonly { readonly block: number; readonly root: number }[];
  readonly roots: readonly number[];
  /** Guest addresses of slots. */
  readonly slots: readonly number[];
  readonly maps: readonly Omit<JumpMap, "offset">[];
}

export interface KeptPiece {
  readonly facts: CodeFacts;
  readonly linked: Linked;
}

/** Where a number lies in the module's bytes, which of its pieces it belongs to, and which of that piece's numbers of the kind it is. */
export interface KeptLink {
  readonly at: number;
  readonly piece: number;
  readonly kind: LinkKind;
  readonly which: number;
}

export interface KeptModule {
  readonly bytes: Uint8Array;
  readonly links: readonly KeptLink[];
  readonly pieces: readonly KeptPiece[];
}

/** A module in an image: what its pieces are, and how long the two parts are. */
interface Entry {
  /** Of its pieces, which are all exact or none. */
  readonly roots: readonly number[];
  readonly exact: boolean;
  readonly json: number;
  readonly code: number;
  readonly sum: number;
}

interface Directory {
  readonly key: string;
  readonly entries: readonly Entry[];
}

/** An entry, and the bytes it tells of. */
export interface PackedModule {
  readonly entry: Entry;
  readonly bytes: Uint8Array;
}

// An image: these words, the directory as JSON, the modules' parts.
const MAGIC_WORD = 0;
const DIRECTORY_BYTES = 1;
const DIRECTORY_SUM = 2;
const HEAD = 12;
const MAGIC = 0x67657274;
/** Bytes of all modules of an image. */
const MOST_BYTES = 4 << 20;

function sumOf(bytes: Uint8Array): number {
  let sum = bytes.length;
  for (let at = 0; at < bytes.length; at++) sum = (Math.imul(sum, 31) + bytes[at]) | 0;
  return sum;
}

const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");

export class RegionImage {
  readonly #entries: readonly Entry[];
  readonly #parts: readonly Uint8Array[];
  /** Numbers of the entries that have a piece for a root. */
  readonly #byRoot = new Map<number, number[]>();
  readonly #read = new Map<number, KeptModule | undefined>();

  private constructor(entries: readonly Entry[], parts: readonly Uint8Array[]) {
    this.#entries = entries;
    this.#parts = parts;
    entries.forEach(({ roots }, number) => {
      for (const root of roots) {
        const known = this.#byRoot.get(root);
        if (known) known.push(number);
        else this.#byRoot.set(root, [number]);
      }
    });
  }

  /** The image in `bytes`, which it keeps; undefined when that is none, or of another key. */
  static open(bytes: Uint8Array, key: string): RegionImage | undefined {
    if (bytes.length < HEAD) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const word = (which: number) => view.getInt32(which * 4, true);
    const size = word(DIRECTORY_BYTES);
    if (word(MAGIC_WORD) !== MAGIC || size < 0 || HEAD + size > bytes.length) return undefined;
    const text = bytes.subarray(HEAD, HEAD + size);
    if (sumOf(text) !== word(DIRECTORY_SUM)) return undefined;
    const directory: Directory = JSON.parse(textOf(text));
    if (directory.key !== key) return undefined;
    let at = HEAD + size;
    const parts = directory.entries.map(({ json, code }) => bytes.subarray(at, (at += json + code)));
    return new RegionImage(directory.entries, parts);
  }

  /** Roots of its pieces. */
  get roots(): Iterable<number> {
    return this.#byRoot.keys();
  }

  /** Numbers of the modules with a piece for a root, the latest first. */
  withRoot(root: number): readonly number[] {
    return this.#byRoot.get(root) ?? [];
  }

  /** Undefined when it is damaged. */
  read(number: number): KeptModule | undefined {
    if (this.#read.has(number)) return this.#read.get(number);
    const entry = this.#entries[number];
    const bytes = this.#parts[number];
    const isWhole = bytes.length === entry.json + entry.code && sumOf(bytes) === entry.sum;
    const module = isWhole ? unpack(bytes, entry.json) : undefined;
    this.#read.set(number, module);
    return module;
  }

  /** All modules. */
  get packed(): PackedModule[] {
    return this.#entries.map((entry, number) => ({ entry, bytes: this.#parts[number] }));
  }
}

/** What the numbers of a piece are for. */
export function linkedOf(
  numbers: Numbers,
  sites: { of(number: number): Site },
  indirects: { of(number: number): { block: number; root: number } },
  roots: { of(number: number): number },
): Linked {
  return {
    sites: numbers.sites.map((number) => sites.of(number)),
    indirects: numbers.indirects.map((number) => indirects.of(number)),
    roots: numbers.roots.map((number) => roots.of(number)),
    slots: [...numbers.slots.keys()],
    maps: numbers.maps.map(({ multiplier, bits, addresses }) => ({ multiplier, bits, addresses })),
  };
}

export const keptLinks = ({ links }: LinkedModule): KeptLink[] =>
  links.map(({ at, link: { kind, group, which } }) => ({ at, piece: group, kind, which }));

// ---- a module as JSON: lists of numbers where there are many

type SiteNumbers = readonly number[];
const siteNumbers = ({ rip, next, flags, size, write, stack, vector, microcode }: Site): SiteNumbers => [
  rip,
  next - rip,
  flags,
  size,
  Number(write),
  Number(stack),
  vector,
  microcode,
];
const siteFrom = ([rip, length, flags, size, write, stack, vector, microcode]: SiteNumbers): Site => ({
  rip,
  next: rip + length,
  flags,
  size,
  write: write !== 0,
  stack: stack !== 0,
  vector,
  microcode,
  handler: undefined,
});

interface ModuleJson {
  readonly links: readonly (readonly number[])[];
  readonly pieces: readonly {
    readonly facts: Omit<CodeFacts, "ranges">;
    readonly ranges: readonly (readonly [start: number, base64: string])[];
    readonly linked: Omit<Linked, "sites">;
    readonly sites: readonly SiteNumbers[];
  }[];
}

/** As it lies in an image. */
export function pack({ bytes, links, pieces }: KeptModule): PackedModule {
  const json: ModuleJson = {
    links: links.map(({ at, piece, kind, which }) => [at, piece, LINK_KINDS.indexOf(kind), which]),
    pieces: pieces.map(({ facts: { ranges, ...facts }, linked: { sites, ...linked } }) => ({
      facts,
      ranges: ranges.map(({ start, bytes }) => [start, Buffer.from(bytes).toString("base64")]),
      linked,
      sites: sites.map(siteNumbers),
    })),
  };
  const text = Buffer.from(JSON.stringify(json), "latin1");
  const packed = Buffer.concat([text, bytes]);
  const roots = pieces.map(({ facts }) => facts.root);
  const { exact } = pieces[0].facts;
  return { entry: { roots, exact, json: text.length, code: bytes.length, sum: sumOf(packed) }, bytes: packed };
}

function unpack(packed: Uint8Array, length: number): KeptModule {
  const { links, pieces }: ModuleJson = JSON.parse(textOf(packed.subarray(0, length)));
  return {
    bytes: packed.subarray(length),
    links: links.map(([at, piece, kind, which]) => ({ at, piece, kind: LINK_KINDS[kind], which })),
    pieces: pieces.map(({ facts, ranges, linked, sites }) => ({
      facts: { ...facts, ranges: ranges.map(([start, base64]) => ({ start, bytes: Buffer.from(base64, "base64") })) },
      linked: { ...linked, sites: sites.map(siteFrom) },
    })),
  };
}

/** An image of the modules, the latest first, that have the latest piece for some root. */
export function imageOf(key: string, modules: readonly PackedModule[]): Uint8Array {
  const taken = { exact: new Set<number>(), quick: new Set<number>() };
  let room = MOST_BYTES;
  const kept = modules.filter(({ entry: { roots, exact }, bytes }) => {
    const alike = exact ? taken.exact : taken.quick;
    if (roots.every((root) => alike.has(root)) || (room -= bytes.length) < 0) return false;
    for (const root of roots) alike.add(root);
    return true;
  });
  const directory: Directory = { key, entries: kept.map(({ entry }) => entry) };
  const text = Buffer.from(JSON.stringify(directory), "latin1");
  const head = Buffer.alloc(HEAD);
  head.writeInt32LE(MAGIC, MAGIC_WORD * 4);
  head.writeInt32LE(text.length, DIRECTORY_BYTES * 4);
  head.writeInt32LE(sumOf(text), DIRECTORY_SUM * 4);
  return Buffer.concat([head, text, ...kept.map(({ bytes }) => bytes)]);
}
