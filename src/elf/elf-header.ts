// ELF file header and program headers of both classes, read from the first bytes of a file. Judges nothing beyond the format: what may be
// executed is the kernel's business.

export const ET_EXEC = 2;
export const ET_DYN = 3;
export const EM_386 = 3;
export const EM_X86_64 = 62;
export const ELFCLASS32 = 1;
export const ELFCLASS64 = 2;

export const PT_NULL = 0;
export const PT_LOAD = 1;
export const PT_DYNAMIC = 2;
export const PT_INTERP = 3;
export const PT_NOTE = 4;
export const PT_PHDR = 6;
export const PT_TLS = 7;
export const PT_GNU_STACK = 0x6474e551;
export const PT_GNU_RELRO = 0x6474e552;

export const PF_X = 1;
export const PF_W = 2;
export const PF_R = 4;

export const EHDR_SIZE = 64;
export const PHDR_SIZE = 56;
export const PHDR32_SIZE = 32;

export interface ElfHeader {
  readonly elfClass: number;
  readonly type: number;
  readonly machine: number;
  readonly entry: bigint;
  readonly programOffset: bigint;
  readonly programEntrySize: number;
  readonly programCount: number;
  readonly sectionOffset: bigint;
  readonly sectionEntrySize: number;
  readonly sectionCount: number;
  readonly sectionNames: number;
}

export interface ProgramHeader {
  readonly type: number;
  readonly flags: number;
  readonly offset: bigint;
  readonly address: bigint;
  readonly fileSize: bigint;
  readonly memorySize: bigint;
  readonly align: bigint;
}

/** Bytes of an entry in the program header table, by class. */
export const phdrSize = (elfClass: number): number => (elfClass === ELFCLASS32 ? PHDR32_SIZE : PHDR_SIZE);

/** undefined when the bytes do not begin with an ELF header. */
export function readElfHeader(bytes: Uint8Array): ElfHeader | undefined {
  if (bytes.length < EHDR_SIZE) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(0, false) !== 0x7f454c46) return undefined;
  const elfClass = view.getUint8(4);
  const head = { elfClass, type: view.getUint16(16, true), machine: view.getUint16(18, true) };
  const counts = (at: number) => ({
    programEntrySize: view.getUint16(at, true),
    programCount: view.getUint16(at + 2, true),
    sectionEntrySize: view.getUint16(at + 4, true),
    sectionCount: view.getUint16(at + 6, true),
    sectionNames: view.getUint16(at + 8, true),
  });
  if (elfClass === ELFCLASS32) {
    const word = (at: number): bigint => BigInt(view.getUint32(at, true));
    return { ...head, entry: word(24), programOffset: word(28), sectionOffset: word(32), ...counts(42) };
  }
  return {
    ...head,
    entry: view.getBigUint64(24, true),
    programOffset: view.getBigUint64(32, true),
    sectionOffset: view.getBigUint64(40, true),
    ...counts(54),
  };
}

/** The program header table: `bytes` holds `count` entries. */
export function readProgramHeaders(bytes: Uint8Array, count: number, elfClass = ELFCLASS64): ProgramHeader[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const size = phdrSize(elfClass);
  const read = elfClass === ELFCLASS32 ? readPhdr32 : readPhdr64;
  return Array.from({ length: count }, (_, index) => read(view, index * size));
}

function readPhdr64(view: DataView, at: number): ProgramHeader {
  return {
    type: view.getUint32(at, true),
    flags: view.getUint32(at + 4, true),
    offset: view.getBigUint64(at + 8, true),
    address: view.getBigUint64(at + 16, true),
    fileSize: view.getBigUint64(at + 32, true),
    memorySize: view.getBigUint64(at + 40, true),
    align: view.getBigUint64(at + 48, true),
  };
}

function readPhdr32(view: DataView, at: number): ProgramHeader {
  const word = (offset: number): bigint => BigInt(view.getUint32(at + offset, true));
  return {
    type: view.getUint32(at, true),
    flags: view.getUint32(at + 24, true),
    offset: word(4),
    address: word(8),
    fileSize: word(16),
    memorySize: word(20),
    align: word(28),
  };
}
