// The contract between the processor and the kernel. The kernel calls `run` and gets a trap; neither side imports the other.
import type { GuestMemory } from "./guest-memory.js";
import type { Registers } from "./registers.js";

// Exceptions 0..31 come back as their vector.
export const DIVIDE_ERROR = 0;
export const DEBUG = 1;
export const BREAKPOINT = 3;
export const OVERFLOW = 4;
export const BOUND_RANGE = 5;
export const INVALID_OPCODE = 6;
export const SEGMENT_NOT_PRESENT = 11;
export const STACK_FAULT = 12;
export const GENERAL_PROTECTION = 13;
export const PAGE_FAULT = 14;
export const X87_FLOATING_POINT = 16;
export const ALIGNMENT_CHECK = 17;
export const SIMD_FLOATING_POINT = 19;
/** `syscall` was executed: rip is still the instruction's own, `instructionLength` says how long it is. */
export const TRAP_SYSCALL = 0x100;
/** `sysenter` was executed in compatibility mode: rip and `instructionLength` as for TRAP_SYSCALL. */
export const TRAP_SYSENTER = 0x102;
/** The time slice is used up. */
export const TRAP_FUEL = 0x101;
/** rip has come to an address that `watch` was told of; nothing of the instruction there is done. `resume` does it. */
export const TRAP_WATCH = 0x103;
/** `syscall` was executed in compatibility mode, by a processor that has it there: rip and `instructionLength` as for TRAP_SYSCALL. */
export const TRAP_SYSCALL_COMPAT = 0x104;
/** `int n`: TRAP_INT + n; rip and `instructionLength` as for TRAP_SYSCALL. */
export const TRAP_INT = 0x200;

/** DR6: the trap comes from single-stepping. SDM vol. 3, 17.2.3. */
export const DR6_SINGLE_STEP = 0x4000;

// Page-fault error code bits. SDM vol. 3, 4.7.
export const PF_PRESENT = 1;
export const PF_WRITE = 2;
export const PF_USER = 4;
export const PF_INSTRUCTION = 16;

/** Bytes of the image `saveExtended` writes: an XSAVE area in standard form (legacy 512, header 64, AVX 256). */
export const EXTENDED_STATE_SIZE = 832;

/** The GDT's entries that belong to the task: Linux's GDT_ENTRY_TLS_MIN and how many there are. */
export const GDT_TLS_FIRST = 12;
export const GDT_TLS_ENTRIES = 3;

/** Segment descriptors of a task in the processor's own form, two 32-bit words each. SDM vol. 3, 3.4.5. All zeros: none. */
export interface DescriptorTables {
  /** GDT_TLS_ENTRIES descriptors. */
  readonly tls: Int32Array;
  /** The LDT; empty when there is none. */
  readonly ldt: Int32Array;
}

/**
 * The mode is that of the code segment: `run` looks at selector 1 (CS) whenever it begins, and a program that changes CS itself has it there in the
 * next trap. With Linux's 0x33 code is 64-bit, with 0x23 (and 32-bit code segments of the LDT that begin at 0) it is in compatibility mode: rip,
 * the stack pointer and addresses are 32 bits then, and TRAP_INT + 0x80, TRAP_SYSENTER or TRAP_SYSCALL_COMPAT (by the processor's maker) and exceptions come as in
 * 64-bit mode. Execve of a 32-bit program: `reset`, then rip, rsp and the selectors CS 0x23, SS, DS and ES 0x2b. In compatibility mode data is reached through DS, ES and SS: with a null
 * selector in one of them an access is #GP.
 */
export interface Processor {
  /** The address space in use (CR3). Setting it keeps nothing of the old register file. */
  memory: GuestMemory;
  /**
   * Live registers; faults leave rip at the faulting instruction with nothing of it done (REP: whole iterations done). So do BREAKPOINT,
   * OVERFLOW and the DEBUG of `int1`, as TRAP_INT does; the DEBUG of a single step comes with DR6_SINGLE_STEP as error code and rip after the instruction.
   */
  readonly registers: Registers;
  /** All of rflags, as PUSHF would show it. Setting it sets DF, TF and AC too. */
  rflags: number;
  /** Those of the task that runs: to be set whenever another task is. What is written into a table counts from the next load of a selector on. */
  descriptors: DescriptorTables;
  /**
   * Loads es 0, ss 2, ds 3, fs 4 or gs 5 and its base as MOV does in user mode; false when that would fault, and nothing has changed then. For
   * what Linux does by loadsegment(): sigreturn, ptrace, set_thread_area of a segment in use. (`registers.setSelector` leaves the base alone.)
   */
  loadSegment(segment: number, selector: number): boolean;
  /** CPUID leaf 1 edx: what Linux passes to programs as AT_HWCAP. */
  readonly hwcap: number;
  /** AT_HWCAP2. */
  readonly hwcap2: number;
  /** Its maker, as CPUID spells it: "GenuineIntel" or "AuthenticAMD". */
  readonly vendorId: string;
  /** CPUID's family. */
  readonly family: number;
  /** Length in bytes of the instruction that caused TRAP_SYSCALL, TRAP_SYSENTER, TRAP_SYSCALL_COMPAT, TRAP_INT, BREAKPOINT, OVERFLOW or DEBUG. */
  readonly instructionLength: number;
  /**
   * Runs user code until something needs the kernel. `fuel` bounds the time slice in jumps back, indirect jumps and calls, and returns, so that it
   * ends at the same place in every run.
   */
  run(fuel: number): number;
  /** After TRAP_WATCH: the instruction is run, and what follows it with what is left of the time slice. */
  resume(): number;
  /** From now on rip does not pass this address, in whatever address space, without TRAP_WATCH. Counted: `unwatch` as often. */
  watch(address: number): void;
  unwatch(address: number): void;
  /** x87, MXCSR and vector registers out to / in from an XSAVE image of EXTENDED_STATE_SIZE bytes. */
  saveExtended(image: Uint8Array): void;
  restoreExtended(image: Uint8Array): void;
  /** Registers as after execve: general registers 0, x87 and SSE in their initial state, bases 0. */
  reset(): void;
}
