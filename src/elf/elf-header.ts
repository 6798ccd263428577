// ELF64 file header and program headers, read from the first bytes of a file. Judges nothing beyond the format: what may be
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

/** undefined when the bytes do not begin with an ELF header. The fields of a 32-bit header beyond `machine` mean nothing. */
export function readElfHeader(bytes: Uint8Array): ElfHeader | undefined {
  if (bytes.length < EHDR_SIZE) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(0, false) !== 0x7f454c46) return undefined;
  return {
    elfClass: view.getUint8(4),
    type: view.getUint16(16, true),
    machine: view.getUint16(18, true),
    entry: view.getBigUint64(24, true),
    programOffset: view.getBigUint64(32, true),
    sectionOffset: view.getBigUint64(40, true),
    programEntrySize: view.getUint16(54, true),
    programCount: view.getUint16(56, true),
    sectionEntrySize: view.getUint16(58, true),
    sectionCount: view.getUint16(60, true),
    sectionNames: view.getUint16(62, true),
  };
}

/** The program header table: `bytes` holds `count` entries of PHDR_SIZE. */
export function readProgramHeaders(bytes: Uint8Array, count: number): ProgramHeader[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const headers: ProgramHeader[] = [];
  for (let at = 0; at < count * PHDR_SIZE; at += PHDR_SIZE) {
    headers.push({
      type: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      offset: view.getBigUint64(at + 8, true),
      address: view.getBigUint64(at + 16, true),
      fileSize: view.getBigUint64(at + 32, true),
      memorySize: view.getBigUint64(at + 40, true),
      align: view.getBigUint64(at + 48, true),
    });
  }
  return headers;
}
