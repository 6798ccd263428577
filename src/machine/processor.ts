// The contract between the processor and the kernel. The kernel calls `run` and gets a trap; neither side imports the other.
import type { GuestMemory } from "./guest-memory.js";
import type { Registers } from "./registers.js";

// Exceptions 0..31 come back as their vector.
export const DIVIDE_ERROR = 0;
export const DEBUG = 1;
export const BREAKPOINT = 3;
export const OVERFLOW = 4;
export const INVALID_OPCODE = 6;
export const STACK_FAULT = 12;
export const GENERAL_PROTECTION = 13;
export const PAGE_FAULT = 14;
export const X87_FLOATING_POINT = 16;
export const ALIGNMENT_CHECK = 17;
export const SIMD_FLOATING_POINT = 19;
/** `syscall` was executed: rip is still the instruction's own, `instructionLength` says how long it is. */
export const TRAP_SYSCALL = 0x100;
/** The time slice is used up. */
export const TRAP_FUEL = 0x101;
/** rip has come to an address that `watch` was told of; nothing of the instruction there is done. `resume` does it. */
export const TRAP_WATCH = 0x102;
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

export interface Processor {
  /** The address space in use (CR3). Setting it keeps nothing of the old register file. */
  memory: GuestMemory;
  /**
   * Live registers; faults leave rip at the faulting instruction with nothing of it done (REP: whole iterations done). So do BREAKPOINT and
   * the DEBUG of `int1`, as TRAP_INT does; the DEBUG of a single step comes with DR6_SINGLE_STEP as error code and rip after the instruction.
   */
  readonly registers: Registers;
  /** All of rflags, as PUSHF would show it. Setting it sets DF, TF and AC too. */
  rflags: number;
  /** CPUID leaf 1 edx: what Linux passes to programs as AT_HWCAP. */
  readonly hwcap: number;
  /** AT_HWCAP2. */
  readonly hwcap2: number;
  /** Length in bytes of the instruction that caused TRAP_SYSCALL, TRAP_INT, BREAKPOINT or DEBUG. */
  readonly instructionLength: number;
  /**
   * Runs user code until something needs the kernel. `fuel` bounds the time slice in back edges and calls taken,
   * so it is the same on every run.
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
