// What an ELF file says to the dynamic linker: its name, and which functions it wants addresses of. System V gABI, chapter 5.
import { wordAt } from "./byte-reader.js";
import { PF_X, PT_DYNAMIC, PT_LOAD } from "./elf-header.js";
import { type ElfImage, stringAt } from "./elf-image.js";

const DT_NULL = 0;
const DT_PLTRELSZ = 2;
const DT_STRTAB = 5;
const DT_SYMTAB = 6;
const DT_RELA = 7;
const DT_RELASZ = 8;
const DT_STRSZ = 10;
const DT_SONAME = 14;
const DT_JMPREL = 23;

const RELA_SIZE = 24;
const SYMBOL_SIZE = 24;
const R_X86_64_GLOB_DAT = 6;
const R_X86_64_JUMP_SLOT = 7;
const R_X86_64_IRELATIVE = 37;
const STT_NOTYPE = 0;
const STT_FUNC = 2;
const STT_GNU_IFUNC = 10;

const LONGEST_NAME = 1 << 16;
const MAX_TABLE = 64 << 20;

/** A word of the global offset table that the dynamic linker fills with a function's address. Addresses are those of the file. */
export interface ImportSlot {
  readonly address: number;
  readonly symbol: string;
  /** Filled when the function is called for the first time, unless all are bound at the start. */
  readonly isPlt: boolean;
}

/** An instruction that goes to an imported function by way of its slot, or takes its address from there. */
export interface ImportUse {
  readonly address: number;
  readonly slot: ImportSlot;
  readonly kind: "jump" | "call" | "load";
  /** In bytes. */
  readonly length: number;
}

export interface DynamicInfo {
  readonly soname: string | undefined;
  readonly imports: readonly ImportSlot[];
}

export function readDynamic(image: ElfImage): DynamicInfo | undefined {
  const segment = image.segments.find(({ type }) => type === PT_DYNAMIC);
  const table = segment && bounded(image, Number(segment.address), Number(segment.fileSize));
  if (table === undefined) return undefined;
  const tags = new Map<number, number>();
  const view = viewOf(table);
  for (let at = 0; at + 16 <= table.length; at += 16) {
    const tag = wordAt(view, at);
    if (tag === DT_NULL) break;
    tags.set(tag, wordAt(view, at + 8));
  }
  const strings = bounded(image, tags.get(DT_STRTAB) ?? 0, tags.get(DT_STRSZ) ?? 0);
  if (strings === undefined) return undefined;
  const soname = tags.get(DT_SONAME);
  const imports: ImportSlot[] = [];
  const tableOf = (address: number, size: number): Uint8Array | undefined =>
    bounded(image, tags.get(address) ?? 0, tags.get(size) ?? 0);
  const symbols = tags.get(DT_SYMTAB) ?? 0;
  const plt = tableOf(DT_JMPREL, DT_PLTRELSZ);
  readRelocations(image, plt, R_X86_64_JUMP_SLOT, symbols, strings, imports);
  readRelocations(image, tableOf(DT_RELA, DT_RELASZ), R_X86_64_GLOB_DAT, symbols, strings, imports);
  readResolved(image, plt, imports);
  return { soname: soname === undefined ? undefined : stringAt(strings, soname), imports };
}

function readRelocations(
  image: ElfImage,
  table: Uint8Array | undefined,
  wanted: number,
  symbols: number,
  strings: Uint8Array,
  imports: ImportSlot[],
): void {
  if (table === undefined) return;
  const view = viewOf(table);
  for (let at = 0; at + RELA_SIZE <= table.length; at += RELA_SIZE) {
    if (view.getUint32(at + 8, true) !== wanted) continue;
    const symbol = image.bytesAt(symbols + view.getUint32(at + 12, true) * SYMBOL_SIZE, SYMBOL_SIZE);
    if (symbol === undefined || symbol.length < SYMBOL_SIZE) continue;
    const type = (symbol[4] as number) & 15;
    if (type !== STT_FUNC && type !== STT_GNU_IFUNC && type !== STT_NOTYPE) continue;
    const name = stringAt(strings, viewOf(symbol).getUint32(0, true));
    if (name) imports.push({ address: wordAt(view, at), symbol: name, isPlt: wanted === R_X86_64_JUMP_SLOT });
  }
}

/** Slots of a file's own functions that are chosen at the start: the address of what chooses is in the place of a symbol. */
function readResolved(image: ElfImage, table: Uint8Array | undefined, imports: ImportSlot[]): void {
  if (table === undefined) return;
  const view = viewOf(table);
  let names: Map<number, string> | undefined;
  for (let at = 0; at + RELA_SIZE <= table.length; at += RELA_SIZE) {
    if (view.getUint32(at + 8, true) !== R_X86_64_IRELATIVE) continue;
    names ??= resolverNames(image);
    const symbol = names.get(wordAt(view, at + 16));
    if (symbol !== undefined) imports.push({ address: wordAt(view, at), symbol, isPlt: true });
  }
}

/** Of several names for one function, the shortest with the fewest underscores. */
function resolverNames(image: ElfImage): Map<number, string> {
  const rank = (name: string): number => name.search(/[^_]/) * LONGEST_NAME + name.length;
  const names = new Map<number, string>();
  for (const { name, start, isIfunc } of image.functionSymbols()) {
    const known = names.get(start);
    if (isIfunc && (known === undefined || rank(name) < rank(known))) names.set(start, name);
  }
  return names;
}

// ModRM with mod 00 and rm 101: the operand is at rip + disp32.
const RIP_RELATIVE = 0x05;
const OPCODE_GROUP5 = 0xff;
const GROUP5_CALL = 2 << 3;
const GROUP5_JMP = 4 << 3;
const OPCODE_MOV = 0x8b;
const BND = 0xf2;
const NOTRACK = 0x3e;
const REX_W = 0x48;
const REX_WR = 0x4c;
const LENGTH = 6;

/**
 * Where the code of a file goes through the slots of its imports. Found by their bytes: that four bytes behind such an opcode are the distance to a
 * slot by chance does not happen, and would do no harm.
 */
export function findImportUses(image: ElfImage, imports: readonly ImportSlot[]): ImportUse[] {
  const slots = new Map(imports.map((slot) => [slot.address, slot]));
  const uses: ImportUse[] = [];
  if (slots.size === 0) return uses;
  for (const { type, flags, address, fileSize } of image.segments) {
    if (type !== PT_LOAD || (flags & PF_X) === 0) continue;
    const code = bounded(image, Number(address), Number(fileSize));
    if (code !== undefined) scan(code, Number(address), slots, uses);
  }
  return uses;
}

function scan(code: Uint8Array, start: number, slots: ReadonlyMap<number, ImportSlot>, uses: ImportUse[]): void {
  const view = viewOf(code);
  for (let at = 1; at + LENGTH <= code.length; at++) {
    const opcode = code[at];
    if (opcode !== OPCODE_GROUP5 && opcode !== OPCODE_MOV) continue;
    const modrm = code[at + 1] as number;
    if ((modrm & 0xc7) !== RIP_RELATIVE) continue;
    const slot = slots.get(start + at + LENGTH + view.getInt32(at + 2, true));
    if (slot === undefined) continue;
    const group = modrm & 0x38;
    const before = code[at - 1] as number;
    if (opcode === OPCODE_MOV) {
      if (before === REX_W || before === REX_WR)
        uses.push({ address: start + at - 1, slot, kind: "load", length: LENGTH + 1 });
    } else if (group === GROUP5_JMP || group === GROUP5_CALL) {
      const kind = group === GROUP5_JMP ? "jump" : "call";
      uses.push({ address: start + at, slot, kind, length: LENGTH });
      // BND or NOTRACK before it is part of the instruction, or the end of another: one of the two addresses is never come to.
      if (before === BND || before === NOTRACK) uses.push({ address: start + at - 1, slot, kind, length: LENGTH + 1 });
    }
  }
}

function bounded(image: ElfImage, address: number, size: number): Uint8Array | undefined {
  return size > 0 && size <= MAX_TABLE ? image.bytesAt(address, size) : undefined;
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
