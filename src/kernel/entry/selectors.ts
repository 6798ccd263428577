// Segment selectors of Linux on x86-64. arch/x86/include/asm/segment.h
export const KERNEL_CS = 0x10;
export const KERNEL_DS = 0x18;
export const USER32_CS = 0x23;
export const USER_DS = 0x2b;
export const USER_CS = 0x33;
/** GDT_ENTRY_INVALID_SEG: what SYSENTER_CS holds when 32-bit system calls are refused. */
export const INVALID_CS = 0;
/** CPL and RPL: the low two bits. */
export const RPL_MASK = 3;

// Index in the processor's selector file.
export const SEGMENT_ES = 0;
export const SEGMENT_CS = 1;
export const SEGMENT_SS = 2;
export const SEGMENT_DS = 3;
export const SEGMENT_FS = 4;
export const SEGMENT_GS = 5;
