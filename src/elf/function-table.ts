// The functions a file names, in its symbol tables, to be found by an address inside them.
import { wordAt } from "./byte-reader.js";
import { type FileBytes, type Section, stringAt } from "./elf-image.js";

const SHT_SYMTAB = 2;
const SHT_DYNSYM = 11;
const SYMBOL_SIZE = 24;
const STT_FUNC = 2;
const SHN_UNDEF = 0;
const MAX_TABLE = 64 << 20;
const LONGEST_NAME = 512;
const CACHED = 1 << 16;

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
    eachSymbol(bytes, ({ name, type, start, size }) => {
      if (type !== STT_FUNC && type !== STT_GNU_IFUNC) return;
      const text = stringAt(strings, name);
      if (!text) return;
      symbols.push({ name: text, start, size, isIfunc: type === STT_GNU_IFUNC, isDynamic: kind === SHT_DYNSYM });
    });
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
  eachSymbol(bytes, ({ name, type, start, size }) => {
    if (type === STT_FUNC && size > 0) entries.push({ start, end: start + size, name: strings.offset + name });
  });
}

interface DefinedSymbol {
  /** Offset of the name in the table of strings. */
  readonly name: number;
  readonly type: number;
  readonly start: number;
  readonly size: number;
}

/** What the entries of a symbol table define. */
function eachSymbol(table: Uint8Array, visit: (symbol: DefinedSymbol) => void): void {
  const view = new DataView(table.buffer, table.byteOffset, table.length);
  for (let at = 0; at + SYMBOL_SIZE <= table.length; at += SYMBOL_SIZE) {
    if (view.getUint16(at + 6, true) === SHN_UNDEF) continue;
    const type = view.getUint8(at + 4) & 15;
    visit({ name: view.getUint32(at, true), type, start: wordAt(view, at + 8), size: wordAt(view, at + 16) });
  }
}
