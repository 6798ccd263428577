// A traced process: what it has mapped and what is watched in it.
import type { Tracee } from "../abi/tracee.js";
import { type ElfFiles, type LoadedObject, loadedObjects } from "./objects.js";
import type { LoadedSlot, Point, PointFinder } from "./points.js";
import { readWord } from "./read-word.js";

const AT_NULL = 0;
const AT_ENTRY = 9;
const WORD = 8;

export class TracedProcess {
  readonly #finder: PointFinder;
  readonly #files: ElfFiles;
  #points = new Map<number, Point>();
  readonly #watched = new Set<number>();
  /** By where they begin. */
  #objects = new Map<number, LoadedObject>();
  #slots: LoadedSlot[] = [];
  #program = 0;
  #knowsLinker = false;

  constructor(finder: PointFinder, files: ElfFiles) {
    this.#finder = finder;
    this.#files = files;
  }

  point(address: number): Point | undefined {
    return this.#points.get(address);
  }

  /** The files mapped, main first. */
  get main(): LoadedObject | undefined {
    return [...this.#objects.values()].find(({ isMain }) => isMain);
  }

  /** After execve, before the first instruction; or when it is attached to. */
  start(tracee: Tracee): void {
    this.release(tracee);
    this.#program = entryOf(tracee) ?? 0;
    this.refresh(tracee);
    // By then all that it was linked to is there, whatever the dynamic linker tells of that.
    this.#addPoint(tracee, this.#program, { kind: "linker" });
  }

  /** Takes up what has been mapped since, and forgets what has gone. */
  refresh(tracee: Tracee): void {
    const objects = loadedObjects(tracee, this.#files, this.#program);
    const now = new Map(objects.map((object) => [object.start, object]));
    for (const [start, object] of this.#objects) if (now.get(start)?.file !== object.file) this.#forget(tracee, object);
    for (const object of objects) {
      const known = this.#objects.get(object.start)?.file === object.file;
      if (known && !this.#finder.dependsOnOthers) continue;
      const { points, slots } = this.#finder.find(object, objects, !this.#knowsLinker);
      for (const [address, point] of points) if (!this.#points.has(address)) this.#addPoint(tracee, address, point);
      if (!known) this.#slots.push(...slots);
    }
    this.#objects = now;
    this.#slots = this.#slots.filter((slot) => !this.#readSlot(tracee, slot));
  }

  /** True when it has been filled. */
  #readSlot(tracee: Tracee, { address, point }: LoadedSlot): boolean {
    const target = readWord(tracee, address);
    if (target === undefined || target === 0) return false;
    if (!this.#points.has(target)) this.#addPoint(tracee, target, point);
    return true;
  }

  #forget(tracee: Tracee, { start, end }: LoadedObject): void {
    const isInside = (address: number): boolean => address >= start && address < end;
    for (const address of [...this.#points.keys()].filter(isInside)) this.#points.delete(address);
    for (const address of [...this.#watched].filter(isInside)) {
      this.#watched.delete(address);
      tracee.unwatch?.(address);
    }
    this.#slots = this.#slots.filter(({ address }) => !isInside(address));
  }

  #addPoint(tracee: Tracee, address: number, point: Point): void {
    this.#points.set(address, point);
    if (point.kind === "linker") this.#knowsLinker = true;
    this.watch(tracee, address);
  }

  /** The function a resolver has chosen. */
  addResolved(tracee: Tracee, address: number, point: Point): void {
    if (address !== 0 && !this.#points.has(address)) this.#addPoint(tracee, address, point);
  }

  watch(tracee: Tracee, address: number): void {
    if (this.#watched.has(address)) return;
    this.#watched.add(address);
    tracee.watch?.(address);
  }

  /** A child has the same memory. */
  copyFor(child: Tracee): TracedProcess {
    const copy = new TracedProcess(this.#finder, this.#files);
    copy.#points = new Map(this.#points);
    copy.#objects = new Map(this.#objects);
    copy.#slots = [...this.#slots];
    copy.#program = this.#program;
    copy.#knowsLinker = this.#knowsLinker;
    for (const address of this.#watched) copy.watch(child, address);
    return copy;
  }

  /** Nothing is watched any more. */
  release(tracee: Tracee): void {
    for (const address of this.#watched) tracee.unwatch?.(address);
    this.#watched.clear();
    this.#points.clear();
    this.#objects.clear();
    this.#slots = [];
    this.#knowsLinker = false;
  }
}

/** Where the program itself begins, whatever is run first to load it. */
function entryOf(tracee: Tracee): number | undefined {
  const vector = tracee.auxiliaryVector?.() ?? new Uint8Array(0);
  const view = new DataView(vector.buffer, vector.byteOffset, vector.byteLength);
  for (let at = 0; at + 2 * WORD <= vector.length; at += 2 * WORD) {
    const tag = Number(view.getBigUint64(at, true));
    if (tag === AT_NULL) return undefined;
    if (tag === AT_ENTRY) return Number(view.getBigUint64(at + WORD, true));
  }
  return undefined;
}
