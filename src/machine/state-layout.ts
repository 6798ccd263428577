// Where the processor keeps its state inside guest linear memory, and where the slots begin that no guest page may use.
// Offsets are bytes; everything is little-endian. Nothing else in the project repeats these numbers.

export const PAGE_SIZE = 4096;
export const PAGE_SHIFT = 12;

/** Home slots in one address space: 2^20 slots of 4 KiB are the 4 GiB of one WebAssembly memory. */
export const SLOT_COUNT = 1 << 20;

/**
 * First and one-past-last slot that hold the tables and the state below: no guest page has its home there. Below 2 GiB, so that their offsets
 * fit the displacement of a machine instruction of the host.
 */
export const RESERVED_SLOT_FIRST = 0x7c000;
export const RESERVED_SLOT_END = 0x7f000;

/** Cold code: where indirect jumps go, 16 bytes an entry (rip, record of the jump, record of the target), and the records of instructions. */
export const COLD_CACHE = 0x7c000000;
export const COLD_CACHE_BITS = 12;
/** Place = low half of rip (^ record of the jump) times this, the top COLD_CACHE_BITS bits of it. */
export const COLD_CACHE_MULTIPLIER = 0x9e3779b1 | 0;
export const RECORDS = 0x7c010000;
export const RECORDS_END = 0x7d000000;

/** 8 bytes a slot: the page number that may be read (written) there at once, or a value no page has. */
export const READ_TAGS = 0x7d000000;
export const WRITE_TAGS = 0x7d800000;
/** 8 bytes a slot: the page number stored there, with its protection in the top byte. */
export const OWNERS = 0x7e000000;
/** The processor state block, `STATE` + the offsets below. */
export const STATE = 0x7e800000;
/** Indirect-branch cache: 16 bytes an entry. */
export const BRANCH_CACHE = 0x7e810000;
export const BRANCH_CACHE_ENTRIES = 1 << 14;
/** Byte maps the JIT builds for indirect jumps with known targets. */
export const JUMP_MAPS = 0x7e880000;
export const JUMP_MAPS_END = 0x7f000000;

export const RAX = 0;
export const RCX = 1;
export const RDX = 2;
export const RBX = 3;
export const RSP = 4;
export const RBP = 5;
export const RSI = 6;
export const RDI = 7;
export const R8 = 8;
export const R9 = 9;
export const R10 = 10;
export const R11 = 11;
export const R12 = 12;
export const R13 = 13;
export const R14 = 14;
export const R15 = 15;

export const OFFSET_GPR = 0; // 16 x 8, in the processor's own numbering
export const OFFSET_RIP = 128;
export const OFFSET_CC_OP = 136; // lazy flags: the operation, then its operands
export const OFFSET_CC_A = 144;
export const OFFSET_CC_B = 152;
export const OFFSET_CC_C = 160;
export const OFFSET_SYSTEM_FLAGS = 168; // rflags without CF PF AF ZF SF OF
export const OFFSET_FS_BASE = 176;
export const OFFSET_GS_BASE = 184;
export const OFFSET_SELECTORS = 192; // es cs ss ds fs gs, 4 bytes each
export const OFFSET_MXCSR = 216;
export const OFFSET_FPU_CONTROL = 220;
export const OFFSET_FPU_STATUS = 224; // without TOP
export const OFFSET_FPU_TOP = 228;
export const OFFSET_FPU_TAG = 232; // abridged: bit i set = physical register i in use
export const OFFSET_FPU_OPCODE = 236;
export const OFFSET_FPU_IP = 240;
export const OFFSET_FPU_DP = 248;
export const OFFSET_VECTOR = 256; // 16 x 32: ymm, xmm in the low half
export const VECTOR_STRIDE = 32;
export const OFFSET_FPU_REGISTERS = 768; // 8 x 16, physical order, 80 bits used
export const OFFSET_FAULT_ADDRESS = 896;
export const OFFSET_ERROR_CODE = 904;
export const OFFSET_FUEL = 912;
export const OFFSET_DEPTH = 916;
export const OFFSET_INDIRECT = 920; // which indirect jump left compiled code last
export const OFFSET_REGION = 924; // which region used up the fuel
export const OFFSET_EXACT_FLOAT = 928; // not 0: compiled code obeys and keeps MXCSR, see Core.wantExactFloat
export const OFFSET_COLD_DEPTH = 932; // calls open where cold code stopped
export const OFFSET_COLD_EDGE = 936; // the edge to be linked to the record for rip, or 0
export const OFFSET_COLD_SITE = 940; // record of the indirect jump that missed, or 0 for a return
export const OFFSET_SEGMENT_BASES = 944; // es cs ss ds, 4 bytes each
// What 32-bit code may do with es cs ss ds fs gs: the offset of the last byte, 8 bytes each, -1 when there is none; a bit n when n is not to be
// written to.
export const OFFSET_SEGMENT_LIMITS = 960;
export const OFFSET_READ_ONLY = 1008;
export const OFFSET_SCRATCH = 1024; // 1 KiB for operands of helper calls
export const STATE_SIZE = 2048;

export const CF = 1 << 0;
export const PF = 1 << 2;
export const AF = 1 << 4;
export const ZF = 1 << 6;
export const SF = 1 << 7;
export const TF = 1 << 8;
export const IF = 1 << 9;
export const DF = 1 << 10;
export const OF = 1 << 11;
export const IOPL = 3 << 12;
export const NT = 1 << 14;
export const RF = 1 << 16;
export const AC = 1 << 18;
export const ID = 1 << 21;
export const ARITHMETIC_FLAGS = CF | PF | AF | ZF | SF | OF;
