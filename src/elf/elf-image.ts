// An ELF file opened for what debuggers want of it: its segments, its sections, its functions, how to leave them. The file may be
// anything: what does not fit is absent, and every table has a limit.
import { ByteReader } from "./byte-reader.js";
import { EhFrame } from "./eh-frame.js";
import {
  EHDR_SIZE,
  ELFCLASS64,
  type ElfHeader,
  PHDR_SIZE,
  type ProgramHeader,
  PT_LOAD,
  readElfHeader,
  readProgramHeaders,
} from "./elf-header.js";
import { type FunctionSymbol, FunctionTable, readFunctionSymbols } from "./function-table.js";

/** Where the bytes come from. */
export interface FileBytes {
  readonly size: number;
  /** Undefined unless all of it is there. */
  read(offset: number, length: number): Uint8Array | undefined;
}

export interface Section {
  readonly name: number;
  readonly type: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
}

const SHDR_SIZE = 64;
const MAX_SEGMENTS = 1024;
const MAX_SECTIONS = 16384;
const MAX_NAMES = 1 << 20;
const MAX_NOTE = 1024;
const PT_GNU_EH_FRAME = 0x6474e550;
const SHT_NOTE = 7;
const NT_GNU_BUILD_ID = 3;

export class ElfImage {
  readonly segments: readonly ProgramHeader[];
  readonly #file: FileBytes;
  readonly #header: ElfHeader;
  #sections: readonly Section[] | undefined;
  #functions: FunctionTable | undefined;
  #frames: EhFrame | undefined | null = null;

  private constructor(file: FileBytes, header: ElfHeader, segments: readonly ProgramHeader[]) {
    this.#file = file;
    this.#header = header;
    this.segments = segments;
  }

  static open(file: FileBytes): ElfImage | undefined {
    const start = file.read(0, EHDR_SIZE);
    const header = start === undefined ? undefined : readElfHeader(start);
    if (header === undefined || header.elfClass !== ELFCLASS64) return undefined;
    const count = header.programEntrySize === PHDR_SIZE ? Math.min(header.programCount, MAX_SEGMENTS) : 0;
    const table = file.read(Number(header.programOffset), count * PHDR_SIZE);
    return new ElfImage(file, header, table === undefined ? [] : readProgramHeaders(table, count));
  }

  get sections(): readonly Section[] {
    this.#sections ??= this.#readSections();
    return this.#sections;
  }

  #readSections(): Section[] {
    const { sectionOffset, sectionEntrySize, sectionCount } = this.#header;
    if (sectionEntrySize !== SHDR_SIZE || sectionCount > MAX_SECTIONS) return [];
    const table = this.#file.read(Number(sectionOffset), sectionCount * SHDR_SIZE);
    if (table === undefined) return [];
    const view = new DataView(table.buffer, table.byteOffset, table.length);
    return Array.from({ length: sectionCount }, (_, i) => ({
      name: view.getUint32(i * SHDR_SIZE, true),
      type: view.getUint32(i * SHDR_SIZE + 4, true),
      offset: Number(view.getBigUint64(i * SHDR_SIZE + 24, true)),
      size: Number(view.getBigUint64(i * SHDR_SIZE + 32, true)),
      link: view.getUint32(i * SHDR_SIZE + 40, true),
    }));
  }

  /** Every function the symbol tables name, those for the dynamic linker last. */
  functionSymbols(): FunctionSymbol[] {
    return readFunctionSymbols(this.#file, this.sections);
  }

  get functions(): FunctionTable {
    this.#functions ??= new FunctionTable(this.#file, this.sections);
    return this.#functions;
  }

  /** .eh_frame by way of its index; undefined without one. */
  get frames(): EhFrame | undefined {
    if (this.#frames === null) {
      const index = this.segments.find(({ type }) => type === PT_GNU_EH_FRAME);
      this.#frames =
        index === undefined ? undefined : EhFrame.open(this, Number(index.address), Number(index.fileSize));
    }
    return this.#frames;
  }

  /** The bytes the file has for an address it is loaded at, as far as the segment goes but no more than `length`. */
  bytesAt(address: number, length: number): Uint8Array | undefined {
    for (const segment of this.segments) {
      const inside = address - Number(segment.address);
      const room = Number(segment.fileSize) - inside;
      if (segment.type !== PT_LOAD || inside < 0 || room <= 0) continue;
      return this.#file.read(Number(segment.offset) + inside, Math.min(room, length));
    }
    return undefined;
  }

  /** The build-id in hexadecimal. */
  get buildId(): string | undefined {
    for (const section of this.sections) {
      if (section.type !== SHT_NOTE || section.size > MAX_NOTE) continue;
      const note = this.#file.read(section.offset, section.size);
      if (note === undefined) continue;
      const reader = new ByteReader(note);
      const nameSize = Number(reader.fixed(4, false));
      const size = Number(reader.fixed(4, false));
      const type = Number(reader.fixed(4, false));
      reader.slice((nameSize + 3) & ~3);
      const id = reader.slice(size);
      if (reader.failed || type !== NT_GNU_BUILD_ID || nameSize !== 4 || id.length < 2) continue;
      return Array.from(id, (byte) => byte.toString(16).padStart(2, "0")).join("");
    }
    return undefined;
  }

  /** The name in .gnu_debuglink of the file that has the symbols. */
  get debugLink(): string | undefined {
    const names = this.sections[this.#header.sectionNames];
    if (names === undefined || names.size > MAX_NAMES) return undefined;
    const strings = this.#file.read(names.offset, names.size);
    if (strings === undefined) return undefined;
    const section = this.sections.find(({ name }) => stringAt(strings, name) === ".gnu_debuglink");
    const contents = section && section.size <= MAX_NOTE ? this.#file.read(section.offset, section.size) : undefined;
    return contents === undefined ? undefined : stringAt(contents, 0);
  }
}

/** The text up to the next NUL, a character for each byte; undefined when there is none. */
export function stringAt(bytes: Uint8Array, at: number): string | undefined {
  const end = bytes.indexOf(0, at);
  return at >= bytes.length || end < 0
    ? undefined
    : String.fromCharCode(...bytes.subarray(at, Math.min(end, at + 4096)));
}
