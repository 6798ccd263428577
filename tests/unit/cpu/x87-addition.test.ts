import { expect, test } from "vitest";
import { createProcessor, type ProcessorOptions } from "../../../src/cpu/processor.js";
import { GuestMemory } from "../../../src/machine/guest-memory.js";
import { TRAP_SYSCALL } from "../../../src/machine/processor.js";

// fld tbyte [rbx]; fld tbyte [rbx+16]; faddp; fstp tbyte [rbx+32]; syscall
const ADDITION = [0xdb, 0x2b, 0xdb, 0x6b, 0x10, 0xde, 0xc1, 0xdb, 0x7b, 0x20, 0x0f, 0x05];
const DATA = 0x500000;
const BIAS = 16383;

/** The sum of 2^distance and a number from 1 to 2, as the ten bytes of it. */
function sum(options: ProcessorOptions, distance: number, mantissa: bigint): string {
  const cpu = createProcessor({ ...options, memory: new GuestMemory() });
  cpu.memory.map(0x400, 5);
  cpu.memory.map(0x500, 3);
  cpu.memory.pageBytes(0x400).set(ADDITION);
  const bytes = cpu.memory.pageBytes(0x500);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setBigUint64(0, 1n << 63n, true);
  view.setUint16(8, BIAS + distance, true);
  view.setBigUint64(16, mantissa, true);
  view.setUint16(24, BIAS, true);
  cpu.registers.rip = 0x400000;
  cpu.registers.setAddress(3, DATA);
  expect(cpu.run(1000)).toBe(TRAP_SYSCALL);
  return Buffer.from(bytes.subarray(32, 42)).toString("hex");
}

test.each([0x8000000000000000n, 0x8000000000000001n, 0xffffffffffffffffn])(
  "numbers of any distance are added on every engine as the interpreter adds them: mantissa %s",
  (mantissa) => {
    for (const distance of [0, 1, 2, 31, 62, 63, 64, 65, 66, 126, 127, 128, 129, 200]) {
      const exact = sum({ interpret: true }, distance, mantissa);
      expect([distance, sum({ hot: Infinity }, distance, mantissa)]).toEqual([distance, exact]);
      expect([distance, sum({ hot: 0 }, distance, mantissa)]).toEqual([distance, exact]);
    }
  },
);
