// A program with every kind of jump, and what a processor has after each time slice of it.
import { expect } from "vitest";
import type { EmulatedProcessor } from "../../../src/cpu/processor.js";
import { EXECUTE, GuestMemory, READ, WRITE } from "../../../src/machine/guest-memory.js";
import { TRAP_FUEL, TRAP_SYSCALL } from "../../../src/machine/processor.js";

const PAGE = 0x400;
export const CODE = PAGE * 4096;
const STACK = 0x600;
const RSP = 4;

/**
 * A hundred and twenty rounds of:
 *   nine calls in turn of two functions through a register, counted by LOOP; a recursive Fibonacci function of 6; an indirect jump; REP STOSB
 *   of 40 bytes; a jump back to PUSH and RET in place of a jump; an indirect jump that goes back and on in turn.
 */
export const PROGRAM = Buffer.from(
  "4531e4b909000000488d056f000000f6c1017507488d0568000000ffd0e2e9bf06000000e85f000000488d3506000000ffe60f0b56c3488dbc24" +
    "00feffffb928000000f3aa488d3502000000ebe6b906000000488d15f9ffffff488d050d000000f6c101480f44d0ffc97807ffe241ffc5ebe041" +
    "ffc44183fc7875870f054883c303c3486bdb05c383ff02721457ffcfe8f3ffffff5f83ef02e8eaffffff83c301c3",
  "hex",
);

/** Runs `code` to its system call. Gives where each slice of so much fuel ended, and what the registers were then. */
export function slicesOf(cpu: EmulatedProcessor, fuel: number, code: Uint8Array = PROGRAM): string[] {
  const memory = new GuestMemory();
  memory.map(PAGE, READ | EXECUTE);
  memory.pageBytes(PAGE).set(code);
  memory.map(STACK, READ | WRITE);
  cpu.memory = memory;
  const { registers } = cpu;
  registers.rip = CODE;
  registers.set(RSP, STACK * 4096 + 4000, 0);
  const ends: string[] = [];
  for (;;) {
    const trap = cpu.run(fuel);
    const state = Array.from({ length: 16 }, (_, register) => registers.low(register).toString(16));
    ends.push(`${registers.rip.toString(16)} ${state} ${(cpu.rflags & 0xcd5).toString(16)}`);
    if (trap === TRAP_SYSCALL) return ends;
    expect(trap).toBe(TRAP_FUEL);
  }
}
