// The interrupt descriptor table: which vectors have a gate, and who may call it with `int n`. arch/x86/kernel/traps.c: trap_init
import * as vector from "../../machine/processor.js";

export interface Gate {
  readonly handler: string;
  /** Highest privilege level that may use it with `int n`. */
  readonly dpl: number;
}

export const IA32_SYSCALL_VECTOR = 0x80;

export class Idt {
  readonly #gates = new Map<number, Gate>();

  set(number: number, handler: string, dpl: number): void {
    this.#gates.set(number, { handler, dpl });
  }

  gate(number: number): Gate | undefined {
    return this.#gates.get(number);
  }

  /** By vector. */
  get gates(): IterableIterator<[number, Gate]> {
    return this.#gates.entries();
  }

  /** May user code reach this vector with `int n`? Otherwise it gets #GP. */
  allowsUser(number: number): boolean {
    return (this.#gates.get(number)?.dpl ?? 0) === 3;
  }
}

/** `ia32` as CONFIG_IA32_EMULATION: without it vector 0x80 has no gate. */
export function trapInit(idt: Idt, ia32: boolean): void {
  idt.set(vector.DIVIDE_ERROR, "divide_error", 0);
  idt.set(vector.DEBUG, "debug", 0);
  idt.set(vector.BREAKPOINT, "int3", 3);
  idt.set(vector.OVERFLOW, "overflow", 3);
  idt.set(vector.BOUND_RANGE, "bounds", 0);
  idt.set(vector.INVALID_OPCODE, "invalid_op", 0);
  idt.set(vector.SEGMENT_NOT_PRESENT, "segment_not_present", 0);
  idt.set(vector.STACK_FAULT, "stack_segment", 0);
  idt.set(vector.GENERAL_PROTECTION, "general_protection", 0);
  idt.set(vector.PAGE_FAULT, "page_fault", 0);
  idt.set(vector.X87_FLOATING_POINT, "coprocessor_error", 0);
  idt.set(vector.ALIGNMENT_CHECK, "alignment_check", 0);
  idt.set(vector.SIMD_FLOATING_POINT, "simd_coprocessor_error", 0);
  if (ia32) idt.set(IA32_SYSCALL_VECTOR, "entry_INT80_compat", 3);
}
