// The ELF files a process has mapped, and what is watched in them.
import type { Tracee, TraceeFile, TraceeMapping } from "../abi/tracee.js";
import { type DynamicInfo, findImportUses, type ImportUse, readDynamic } from "../elf/dynamic.js";
import { PT_INTERP, PT_LOAD } from "../elf/elf-header.js";
import { ElfImage } from "../elf/elf-image.js";
import type { FunctionSymbol } from "../elf/function-table.js";

const PAGE = 4096;
const pageOf = (address: number): number => address - (address % PAGE);

/** What a file says, whoever has it mapped. */
export class ElfFile {
  readonly image: ElfImage;
  readonly dynamic: DynamicInfo | undefined;
  #uses: readonly ImportUse[] | undefined;
  #symbols: readonly FunctionSymbol[] | undefined;

  constructor(image: ElfImage) {
    this.image = image;
    this.dynamic = readDynamic(image);
  }

  /** Nobody links it to libraries when it is executed. */
  get isStatic(): boolean {
    return !this.image.segments.some(({ type }) => type === PT_INTERP);
  }

  get uses(): readonly ImportUse[] {
    this.#uses ??= findImportUses(this.image, this.dynamic?.imports ?? []);
    return this.#uses;
  }

  get symbols(): readonly FunctionSymbol[] {
    this.#symbols ??= this.image.functionSymbols();
    return this.#symbols;
  }
}

export interface LoadedObject {
  readonly file: ElfFile;
  readonly path: string;
  /** What has to be added to the file's addresses. */
  readonly bias: number;
  readonly start: number;
  readonly end: number;
  readonly soname: string;
  readonly isMain: boolean;
}

/** Files by what is mapped, for all processes. */
export class ElfFiles {
  readonly #known = new WeakMap<object, { readonly version: string; readonly file: ElfFile | undefined }>();

  of(file: TraceeFile): ElfFile | undefined {
    const version = file.version();
    const known = this.#known.get(file.inode);
    if (known?.version === version) return known.file;
    const image = ElfImage.open(file);
    const opened = image && new ElfFile(image);
    this.#known.set(file.inode, { version, file: opened });
    return opened;
  }
}

/** The files mapped now, in the order of their addresses; the first that was executed is the program's own. */
export function loadedObjects(tracee: Tracee, files: ElfFiles, program: number): LoadedObject[] {
  const objects: LoadedObject[] = [];
  const mappings = tracee.mappings?.() ?? [];
  mappings.forEach((mapping, n) => {
    if (mapping.file === undefined || mapping.offset !== 0) return;
    const file = files.of(mapping.file);
    const object = file && objectAt(file, mapping, mappings, n, program);
    if (object !== undefined) objects.push(object);
  });
  return objects;
}

function objectAt(
  file: ElfFile,
  mapping: TraceeMapping,
  mappings: readonly TraceeMapping[],
  index: number,
  program: number,
): LoadedObject | undefined {
  const segments = file.image.segments.filter(({ type }) => type === PT_LOAD);
  const first = segments.find(({ offset }) => pageOf(Number(offset)) === 0);
  const last = segments.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const inode = mapping.file?.inode;
  const isMapped = mappings.slice(index).some((each) => each.executable && each.file?.inode === inode);
  if (!isMapped) return undefined;
  const { start, path } = mapping;
  const bias = start - pageOf(Number(first.address));
  const end = bias + Number(last.address) + Number(last.memorySize);
  const name = path.slice(path.lastIndexOf("/") + 1);
  return {
    file,
    path,
    bias,
    start,
    end,
    soname: file.dynamic?.soname ?? name,
    isMain: program >= start && program < end,
  };
}
