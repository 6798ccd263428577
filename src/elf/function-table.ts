// The functions a file names, in its symbol tables, to be found by an address inside them.
import { type FileBytes, type Section, stringAt } from "./elf-image.js";

const SHT_SYMTAB = 2;
const SHT_DYNSYM = 11;
const SYMBOL_SIZE = 24;
const STT_FUNC = 2;
const SHN_UNDEF = 0;
const MAX_TABLE = 64 << 20;
const LONGEST_NAME = 512;
const CACHED = 1 << 16;
const TWO_32 = 0x1_0000_0000;

export interface FunctionName {
  readonly name: string;
  readonly start: number;
}

export class FunctionTable {
  readonly #file: FileBytes;
  /** By start, then in the order of the tables. */
  readonly #starts: Float64Array;
  readonly #ends: Float64Array;
  /** Where in the file the name is. */
  readonly #names: Float64Array;
  /** The highest end of this and all before. */
  readonly #reach: Float64Array;
  readonly #found = new Map<number, FunctionName | undefined>();

  constructor(file: FileBytes, sections: readonly Section[]) {
    this.#file = file;
    const found: Entry[] = [];
    for (const kind of [SHT_SYMTAB, SHT_DYNSYM]) {
      const table = sections.find(({ type }) => type === kind);
      if (table !== undefined) readTable(file, table, sections[table.link], found);
    }
    found.sort((a, b) => a.start - b.start);
    this.#starts = Float64Array.from(found, ({ start }) => start);
    this.#ends = Float64Array.from(found, ({ end }) => end);
    this.#names = Float64Array.from(found, ({ name }) => name);
    this.#reach = new Float64Array(found.length);
    let reach = 0;
    for (let i = 0; i < found.length; i++) {
      reach = Math.max(reach, this.#ends[i] as number);
      this.#reach[i] = reach;
    }
  }

  /** The function that begins nearest before `address` and reaches it; of several, the first of the table. */
  find(address: number): FunctionName | undefined {
    if (this.#found.has(address)) return this.#found.get(address);
    if (this.#found.size > CACHED) this.#found.clear();
    const found = this.#search(address);
    this.#found.set(address, found);
    return found;
  }

  #search(address: number): FunctionName | undefined {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#starts[middle] as number) > address) high = middle;
      else low = middle + 1;
    }
    let best: number | undefined;
    for (let i = low - 1; i >= 0 && (this.#reach[i] as number) > address; i--) {
      if (best !== undefined && this.#starts[i] !== this.#starts[best]) break;
      if ((this.#ends[i] as number) > address) best = i;
    }
    if (best === undefined) return undefined;
    const at = this.#names[best] as number;
    const bytes = this.#file.read(at, Math.min(LONGEST_NAME, this.#file.size - at));
    const name = bytes && stringAt(bytes, 0);
    return name === undefined ? undefined : { name, start: this.#starts[best] as number };
  }
}

/** A function by its name. */
export interface FunctionSymbol {
  readonly name: string;
  readonly start: number;
  readonly size: number;
  /** At its address is code that chooses the function. */
  readonly isIfunc: boolean;
  /** The dynamic linker sees it. */
  readonly isDynamic: boolean;
}

const STT_GNU_IFUNC = 10;

export function readFunctionSymbols(file: FileBytes, sections: readonly Section[]): FunctionSymbol[] {
  const symbols: FunctionSymbol[] = [];
  for (const kind of [SHT_SYMTAB, SHT_DYNSYM]) {
    const table = sections.find(({ type }) => type === kind);
    const names = table && sections[table.link];
    if (table === undefined || names === undefined || table.size > MAX_TABLE || names.size > MAX_TABLE) continue;
    const bytes = file.read(table.offset, table.size);
    const strings = file.read(names.offset, names.size);
    if (bytes === undefined || strings === undefined) continue;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const word = (at: number): number => view.getUint32(at + 4, true) * TWO_32 + view.getUint32(at, true);
    for (let at = 0; at + SYMBOL_SIZE <= bytes.length; at += SYMBOL_SIZE) {
      const type = view.getUint8(at + 4) & 15;
      if ((type !== STT_FUNC && type !== STT_GNU_IFUNC) || view.getUint16(at + 6, true) === SHN_UNDEF) continue;
      const name = stringAt(strings, view.getUint32(at, true));
      if (!name) continue;
      const isDynamic = kind === SHT_DYNSYM;
      symbols.push({ name, start: word(at + 8), size: word(at + 16), isIfunc: type === STT_GNU_IFUNC, isDynamic });
    }
  }
  return symbols;
}

interface Entry {
  readonly start: number;
  readonly end: number;
  readonly name: number;
}

function readTable(file: FileBytes, section: Section, strings: Section | undefined, entries: Entry[]): void {
  const bytes = strings && section.size <= MAX_TABLE ? file.read(section.offset, section.size) : undefined;
  if (strings === undefined || bytes === undefined) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const word = (at: number): number => view.getUint32(at + 4, true) * TWO_32 + view.getUint32(at, true);
  for (let at = 0; at + SYMBOL_SIZE <= bytes.length; at += SYMBOL_SIZE) {
    if ((view.getUint8(at + 4) & 15) !== STT_FUNC || view.getUint16(at + 6, true) === SHN_UNDEF) continue;
    const start = word(at + 8);
    const size = word(at + 16);
    if (size > 0) entries.push({ start, end: start + size, name: strings.offset + view.getUint32(at, true) });
  }
}
