// One experiment on a processor, real or emulated: what goes in, what comes out, and where things lie in memory.
// A case is a few instructions; it ends at the int3 that fills the rest of the code area, or at a fault.

/** Two pages, readable, writable and executable, filled with int3 (0xcc) around the case's code. */
export const CODE_BASE = 0x1000_0000;
/** Two pages, readable and writable, filled with the pattern of `dataPattern` around the case's window. The pages beside are unmapped. */
export const DATA_BASE = 0x2000_0000;
export const AREA_SIZE = 0x2000;

export const MAX_CODE = 64;
export const DATA_WINDOW = 256;
export const DEFAULT_CODE_OFFSET = 0x100;
/** The window straddles the border between the two pages. */
export const DEFAULT_DATA_OFFSET = 0x1000 - DATA_WINDOW / 2;

/** Bytes of an XSAVE area in standard form: x87 and SSE 512, header 64, upper halves of ymm0-15 256. */
export const XSAVE_SIZE = 832;

/** Segment bases every case begins with. */
export const FS_BASE = 0x1200_3210;
export const GS_BASE = 0x7abc_0000_1000;
/**
 * In 32-bit cases: 16-bit offsets in FS reach the data, offsets in GS go round 4 GiB. Their descriptors are the first two TLS entries; the third begins
 * where FS does and ends with the byte at LIMIT_32.
 */
export const FS_BASE_32 = 0x1fff_8210;
export const GS_BASE_32 = 0xe000_1004;
export const LIMIT_32 = 0x8d8b;
export const FS_SELECTOR_32 = 0x63;
export const GS_SELECTOR_32 = 0x6b;

/** 64-bit mode, or 32-bit code in compatibility mode. */
export type CodeMode = 64 | 32;

/** `trap` values above the processor's own vectors. */
export const TRAP_TIMEOUT = 0x100;
export const TRAP_SYSTEM_CALL = 0x101;

/** rflags bits a case may set: CF PF AF ZF SF DF OF and AC. */
export const SETTABLE_FLAGS = 0x4_0cd5;

export interface CpuCase {
  /** 64 when absent. */
  readonly mode?: CodeMode;
  /** At most MAX_CODE bytes. */
  readonly code: Uint8Array;
  /** rax rcx rdx rbx rsp rbp rsi rdi r8..r15, unsigned 64-bit. */
  readonly gpr: readonly bigint[];
  /** Bits of SETTABLE_FLAGS count. */
  readonly rflags: number;
  /** XSAVE_SIZE bytes; the header is ignored, all three components are loaded. */
  readonly xsave: Uint8Array;
  /** DATA_WINDOW bytes placed at DATA_BASE + dataOffset. */
  readonly data: Uint8Array;
  /** Where in the code area the code begins; DEFAULT_CODE_OFFSET when absent. */
  readonly codeOffset?: number;
  /** Where in the data area the window begins; DEFAULT_DATA_OFFSET when absent. At most AREA_SIZE - DATA_WINDOW. */
  readonly dataOffset?: number;
}

export interface CpuOutcome {
  readonly gpr: readonly bigint[];
  /** Of the instruction that faulted, or of the int3 that ended the case. */
  readonly rip: bigint;
  readonly rflags: number;
  /** Exception vector (3 for the normal end), TRAP_TIMEOUT or TRAP_SYSTEM_CALL. */
  readonly trap: number;
  /** The error code of #GP, #SS, #PF..., else 0. */
  readonly error: number;
  /** The faulting address for #PF, else 0. */
  readonly cr2: bigint;
  /**
   * XSAVE_SIZE bytes, normalised by `normalizeXsave`: header says "all present", components in their initial state are
   * written out.
   */
  readonly xsave: Uint8Array;
  /** The data window afterwards. */
  readonly data: Uint8Array;
  readonly stray: Stray;
  readonly fsBase: bigint;
  readonly gsBase: bigint;
  /** cs in the low half, es above it. */
  readonly segments: number;
}

/** What changed in the data area outside the window: first and last offset, and a hash of the bytes from first to last. */
export interface Stray {
  /** -1: nothing changed. */
  readonly first: number;
  readonly last: number;
  readonly hash: number;
}

export const NO_STRAY: Stray = { first: -1, last: -1, hash: 0 };

/** What byte `offset` of the data area holds before a case, outside the window. */
export function dataPattern(offset: number): number {
  return (Math.imul(offset, 151) + 17 + (offset >>> 8)) & 0xff;
}

/** The whole data area as it is before `test` runs. */
export function initialDataArea(test: CpuCase): Uint8Array {
  const area = Uint8Array.from({ length: AREA_SIZE }, (_, offset) => dataPattern(offset));
  area.set(test.data, test.dataOffset ?? DEFAULT_DATA_OFFSET);
  return area;
}

/** The whole code area as it is before `test` runs. */
export function initialCodeArea(test: CpuCase): Uint8Array {
  const area = new Uint8Array(AREA_SIZE).fill(0xcc);
  area.set(test.code, test.codeOffset ?? DEFAULT_CODE_OFFSET);
  return area;
}

/** `Stray` of a data area after a case whose window began at `dataOffset`. */
export function strayOf(area: Uint8Array, dataOffset = DEFAULT_DATA_OFFSET): Stray {
  let first = -1;
  let last = -1;
  for (let offset = 0; offset < AREA_SIZE; offset++) {
    if (offset === dataOffset) offset += DATA_WINDOW;
    if (offset >= AREA_SIZE || area[offset] === dataPattern(offset)) continue;
    if (first < 0) first = offset;
    last = offset;
  }
  if (first < 0) return NO_STRAY;
  let hash = 0x811c9dc5;
  for (let offset = first; offset <= last; offset++) hash = Math.imul(hash ^ area[offset], 0x01000193);
  return { first, last, hash: hash >>> 0 };
}

/** Brings an XSAVE image to the form `CpuOutcome.xsave` is compared in. Changes `image`. */
export function normalizeXsave(image: Uint8Array): Uint8Array {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const present = view.getUint32(512, true);
  if (!(present & 1)) {
    image.fill(0, 0, 24);
    image.fill(0, 32, 160);
    view.setUint16(0, 0x37f, true);
  }
  view.setUint32(28, 0xffff, true); // MXCSR_MASK
  for (let register = 0; register < 8; register++) image.fill(0, 32 + register * 16 + 10, 48 + register * 16);
  if (!(present & 2)) image.fill(0, 160, 416);
  image.fill(0, 416, 576);
  if (!(present & 4)) image.fill(0, 576, XSAVE_SIZE);
  view.setUint32(512, 7, true);
  return image;
}

/** An XSAVE image in the processor's initial state. */
export function initialXsave(): Uint8Array {
  const image = new Uint8Array(XSAVE_SIZE);
  const view = new DataView(image.buffer);
  view.setUint16(0, 0x37f, true);
  view.setUint32(24, 0x1f80, true);
  view.setUint32(28, 0xffff, true);
  view.setUint32(512, 7, true);
  return image;
}
