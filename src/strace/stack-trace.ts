// -k: where in the program a call was made, a line for each function that is under way.
import type { Tracee, TraceeFile, TraceeMapping } from "../abi/tracee.js";
import type { CallFrameRow } from "../elf/call-frame-program.js";
import { demangle } from "../elf/demangle.js";
import { PF_X, PT_LOAD } from "../elf/elf-header.js";
import { ElfImage } from "../elf/elf-image.js";
import { Unwinder } from "./unwinder.js";

/** Longer names are none to strace. */
const LONGEST_NAME = 39;
/** However high the user's limit is. */
const MOST_FRAMES = 1 << 20;
const PAGE = 4096;
const HIGHEST_ADDRESS = 0x8000_0000_0000n;
const DEBUG_FILES = "/usr/lib/debug";

/** What is known of a mapped file. */
interface Module {
  readonly image: ElfImage | undefined;
  /** Where its functions are named: a file of debugging symbols, or itself. */
  symbols: ElfImage | undefined | null;
}

const NO_MODULE: Module = { image: undefined, symbols: undefined };

export class StackTraces {
  readonly #limit: number;
  /** By open file: what is open stays as it is. */
  readonly #modules = new WeakMap<object, Module>();
  /** By inode, for as long as it is unchanged. */
  readonly #versions = new WeakMap<object, { readonly version: string; readonly module: Module }>();

  constructor(limit: number) {
    this.#limit = Math.min(limit, MOST_FRAMES);
  }

  /** The lines of a trace. `queued`: it is kept for later, which strace shows by how it writes that a function has no name. */
  take(tracee: Tracee, queued: boolean): string[] {
    const nameless = queued ? "+0x0" : "";
    const lines: string[] = [];
    const unwinder = new Unwinder(tracee, (address) => this.#row(tracee, address));
    do {
      if (lines.length >= this.#limit) return [...lines, " > too many stack frames"];
      const { address, lookup } = unwinder.frame;
      const mapping = mappingAt(tracee, address);
      if (mapping === undefined) return [...lines, ` > unexpected_backtracing_error [0x${address.toString(16)}]`];
      const name = this.#nameOf(tracee, lookup, address);
      const offset = Number(address) - mapping.start + mapping.offset;
      lines.push(` > ${mapping.path}(${name ?? nameless}) [0x${offset.toString(16)}]`);
    } while (unwinder.step());
    return lines;
  }

  #row(tracee: Tracee, address: bigint): CallFrameRow | undefined {
    const mapping = mappingAt(tracee, address);
    const image = mapping?.file && this.#moduleOf(mapping.file).image;
    if (mapping === undefined || !image) return undefined;
    const segment = image.segments.find(
      ({ type, offset }) => type === PT_LOAD && pageOf(Number(offset)) === mapping.offset,
    );
    if (segment === undefined) return undefined;
    return image.frames?.row(Number(address) - mapping.start + pageOf(Number(segment.address)));
  }

  /** The function and the distance into it. */
  #nameOf(tracee: Tracee, lookup: bigint, address: bigint): string | undefined {
    const mapping = mappingAt(tracee, lookup);
    if (mapping?.file === undefined) return undefined;
    const module = this.#moduleOf(mapping.file);
    const code = module.image?.segments.find(({ type, flags }) => type === PT_LOAD && (flags & PF_X) !== 0);
    if (module.image === undefined || code === undefined) return undefined;
    if (module.symbols === null) module.symbols = symbolsOf(tracee, module.image, mapping.path) ?? module.image;
    const distance = mapping.start - pageOf(Number(code.address));
    const found = module.symbols?.functions.find(Number(lookup) - distance);
    if (found === undefined || found.name === "" || found.name.length > LONGEST_NAME) return undefined;
    return `${demangle(found.name) ?? found.name}+0x${(Number(address) - distance - found.start).toString(16)}`;
  }

  #moduleOf(file: TraceeFile): Module {
    let module = this.#modules.get(file.opening);
    if (module === undefined) {
      const version = file.version();
      const known = this.#versions.get(file.inode);
      module = known?.version === version ? known.module : openModule(file);
      this.#modules.set(file.opening, module);
      this.#versions.set(file.inode, { version, module });
    }
    return module;
  }
}

function openModule(file: TraceeFile): Module {
  const image = ElfImage.open(file);
  return image === undefined ? NO_MODULE : { image, symbols: null };
}

const pageOf = (address: number): number => address - (address % PAGE);

/** The mapping that holds code at `address`, if it has a name. */
function mappingAt(tracee: Tracee, address: bigint): TraceeMapping | undefined {
  const mapping = address < HIGHEST_ADDRESS ? tracee.mapping?.(Number(address)) : undefined;
  return mapping?.executable && mapping.path !== "" ? mapping : undefined;
}

/** The file of debugging symbols that belongs to a program: found by its build-id or by the name in it. */
function symbolsOf(tracee: Tracee, image: ElfImage, path: string): ElfImage | undefined {
  const { buildId, debugLink } = image;
  const paths: string[] = [];
  if (buildId !== undefined) paths.push(`${DEBUG_FILES}/.build-id/${buildId.slice(0, 2)}/${buildId.slice(2)}.debug`);
  if (debugLink !== undefined) {
    const directory = path.slice(0, path.lastIndexOf("/"));
    for (const place of [directory, `${directory}/.debug`, `${DEBUG_FILES}${directory}`]) {
      paths.push(`${place}/${debugLink}`);
    }
  }
  for (const candidate of paths) {
    const file = tracee.openFile?.(candidate);
    const found = file && ElfImage.open(file);
    if (found !== undefined) return found;
  }
  return undefined;
}
