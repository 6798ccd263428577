// What is watched in a file: the instructions that go through the slots of its imports, and the entries of functions.
import { demangle } from "../elf/demangle.js";
import type { FunctionSymbol } from "../elf/function-table.js";
import { Filter, type SymbolIdentity } from "./filter.js";
import type { LoadedObject } from "./objects.js";
import type { LtraceOptions } from "./options.js";
import { unknown } from "./prototype/number-lenses.js";
import type { Prototypes } from "./prototype/prototypes.js";
import { type Signature, signatureOf } from "./signature.js";
import { LibraryFunctions } from "./static-program.js";

/** A function as a line names it. */
export interface Callee {
  readonly name: string;
  /** The name, with the file it is in or is called from. */
  readonly label: string;
  readonly signature: Signature;
}

/** A function is entered; `counts` says of a place it will return to whether the call is one that is traced. */
export interface EntryPoint {
  readonly kind: "entry";
  readonly callee: Callee;
  readonly counts: ((memory: Memory, next: number) => boolean) | undefined;
}

export type Point =
  /** A jump or call through an import's slot; a call returns to `next`. */
  | { readonly kind: "jump"; readonly callee: Callee }
  | { readonly kind: "call"; readonly callee: Callee; readonly next: number }
  | EntryPoint
  /** Code that chooses a function and returns its address: that is what is watched then, as `entry`. */
  | { readonly kind: "resolver"; readonly shown: Callee | undefined; readonly entry: Point }
  /** The dynamic linker has changed what is mapped. */
  | { readonly kind: "linker" };

export interface Memory {
  peek(address: number, length: number): Uint8Array | undefined;
}

/** A slot whose function is entered by way of a register: it has to be read when it is filled. */
export interface LoadedSlot {
  readonly address: number;
  readonly point: Point;
}

export interface ObjectPoints {
  readonly points: ReadonlyMap<number, Point>;
  readonly slots: readonly LoadedSlot[];
}

/** What start files call by way of the table: ltrace has never seen it, and nobody wrote it. */
const START_UP =
  /^(__libc_start_main|__cxa_finalize|__gmon_start__|_ITM_.*|__deregister_frame_info|__register_frame_info)$/;
const LINKER_HOOK = "_dl_debug_state";
const MAIN_ONLY = ["@MAIN"];

export class PointFinder {
  readonly #options: LtraceOptions;
  readonly #prototypes: Prototypes;
  readonly #calls: Filter;
  readonly #libraries: Filter;
  readonly #entries: Filter;
  /** A line says which file a call comes from. */
  readonly #namesCallers: boolean;

  constructor(options: LtraceOptions, prototypes: Prototypes) {
    const { calls, libraries, entries } = options;
    this.#options = options;
    this.#prototypes = prototypes;
    this.#calls = new Filter(calls ?? (libraries.length > 0 ? [] : MAIN_ONLY));
    this.#libraries = new Filter(libraries.map((pattern) => `@${pattern}`));
    this.#entries = new Filter(entries);
    this.#namesCallers = (calls !== undefined && calls.length > 0) || libraries.length > 0;
  }

  /** Whether points depend on what else is loaded. */
  get dependsOnOthers(): boolean {
    return !this.#libraries.isEmpty;
  }

  /** `findsLinker`: the dynamic linker has not been found yet. */
  find(object: LoadedObject, all: readonly LoadedObject[], findsLinker: boolean): ObjectPoints {
    const points = new Map<number, Point>();
    const slots: LoadedSlot[] = [];
    if (!object.isMain || !object.file.isStatic) this.#addUses(object, all, points, slots);
    if (!this.#entries.isEmpty) this.#addEntries(object, points);
    if (object.isMain && object.file.isStatic) this.#addStatic(object, points);
    if (findsLinker && !object.isMain) this.#addLinkerHook(object, points);
    return { points, slots };
  }

  #addUses(object: LoadedObject, all: readonly LoadedObject[], points: Map<number, Point>, slots: LoadedSlot[]): void {
    if (this.#calls.isEmpty && this.#libraries.isEmpty) return;
    const wanted = new Set(
      (object.file.dynamic?.imports ?? []).filter(
        ({ symbol, isPlt }) =>
          (isPlt || !START_UP.test(symbol)) &&
          (this.#calls.wants(identityOf(object, symbol)) || this.#isImplementedByWanted(symbol, all)),
      ),
    );
    if (wanted.size === 0) return;
    for (const { address, slot, kind, length } of object.file.uses) {
      if (!wanted.has(slot)) continue;
      const { symbol } = slot;
      const callee = this.#callee(symbol, this.#namesCallers ? `${object.soname}->` : "", "");
      const at = object.bias + address;
      if (kind === "jump") points.set(at, { kind, callee });
      else if (kind === "call") points.set(at, { kind, callee, next: at + length });
      else if (!slot.isPlt) {
        const counts = (memory: Memory, next: number): boolean =>
          next >= object.start && next < object.end && isRegisterCall(memory, next);
        slots.push({ address: object.bias + slot.address, point: { kind: "entry", callee, counts } });
      }
    }
  }

  #isImplementedByWanted(symbol: string, all: readonly LoadedObject[]): boolean {
    if (this.#libraries.isEmpty) return false;
    return all.some(
      (object) =>
        this.#libraries.wants(identityOf(object, symbol)) &&
        object.file.symbols.some(({ name, isDynamic }) => isDynamic && name === symbol),
    );
  }

  #addEntries(object: LoadedObject, points: Map<number, Point>): void {
    for (const symbol of object.file.symbols) {
      if (!this.#entries.wants(identityOf(object, symbol.name))) continue;
      const suffix = object.isMain ? "" : `@${object.soname}`;
      this.#addEntry(object, symbol, this.#callee(symbol.name, "", suffix), undefined, points, suffix);
    }
  }

  /** A static program's own functions and those of its libraries lie side by side: what the former call of the latter is traced. */
  #addStatic(object: LoadedObject, points: Map<number, Point>): void {
    const library = new LibraryFunctions(object.file.symbols, (name) => this.#prototypes.find(name) !== undefined);
    const counts = (_: Memory, next: number): boolean => !library.contains(next - object.bias);
    for (const symbol of library.functions) {
      if (!this.#calls.wants(identityOf(object, symbol.name))) continue;
      const callee = this.#callee(symbol.name, this.#namesCallers ? `${object.soname}->` : "", "");
      this.#addEntry(object, symbol, callee, counts, points, undefined);
    }
  }

  #addEntry(
    object: LoadedObject,
    symbol: FunctionSymbol,
    callee: Callee,
    counts: ((memory: Memory, next: number) => boolean) | undefined,
    points: Map<number, Point>,
    suffix: string | undefined,
  ): void {
    const at = object.bias + symbol.start;
    const known = points.get(at);
    if (known?.kind === "entry" || known?.kind === "resolver") return;
    const entry: Point = { kind: "entry", callee, counts };
    if (!symbol.isIfunc) points.set(at, entry);
    else {
      const shown = suffix === undefined ? undefined : this.#callee(symbol.name, "", `.IFUNC${suffix}`, true);
      points.set(at, { kind: "resolver", shown, entry });
    }
  }

  #addLinkerHook(object: LoadedObject, points: Map<number, Point>): void {
    const hook = object.file.symbols.find(({ name }) => name === LINKER_HOOK);
    if (hook !== undefined) points.set(object.bias + hook.start, { kind: "linker" });
  }

  #callee(symbol: string, prefix: string, suffix: string, isResolver = false): Callee {
    const shown = (this.#options.demangle ? demangle(symbol) : undefined) ?? symbol;
    const prototype = isResolver ? RESOLVER : this.#prototypes.find(symbol);
    return { name: shown, label: `${prefix}${shown}${suffix}`, signature: signatureOf(prototype) };
  }
}

const RESOLVER: Parameters<typeof signatureOf>[0] = {
  name: "resolver",
  result: unknown,
  arguments: [],
  returnsFrom: 0,
};

function identityOf({ soname, path, isMain }: LoadedObject, symbol: string): SymbolIdentity {
  return { symbol, soname, path, isMain };
}

const GROUP5 = 0xff;

/** The instruction before `next` is `call` by a register. */
function isRegisterCall(memory: Memory, next: number): boolean {
  const bytes = memory.peek(next - 2, 2);
  return bytes !== undefined && bytes[0] === GROUP5 && ((bytes[1] as number) & 0xf8) === 0xd0;
}
