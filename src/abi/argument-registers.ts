// Which registers hold which argument. With 64-bit registers argument n is in the nth; with 32-bit ones a 64-bit argument takes two.
import type { ArgumentType } from "./argument.js";

/** Reads register 0 to 5 of a call, by halves. The kernel looks at the low ones; a 64-bit program's tracer sees what is above. */
export interface ArgumentRegisters {
  argumentLow(index: number): number;
  argumentHigh(index: number): number;
}

export function fixedArguments(values: readonly number[]): ArgumentRegisters {
  return { argumentLow: (index) => (values[index] ?? 0) | 0, argumentHigh: () => 0 };
}

/** Where an i386 call has its arguments. */
export class NarrowArguments {
  readonly #types: readonly ArgumentType<unknown>[];
  /** Register of each argument's low half. */
  readonly registers: readonly number[];

  /** `types` in the order of the registers. */
  constructor(types: readonly ArgumentType<unknown>[]) {
    this.#types = types;
    const registers: number[] = [];
    let next = 0;
    for (const { narrow } of types) {
      registers.push(next);
      next += narrow === "pair" ? 2 : narrow === "held" ? 0 : 1;
    }
    this.registers = registers;
  }

  low(from: ArgumentRegisters, index: number): number {
    return this.#types[index]?.narrow === "held" ? 0 : from.argumentLow(this.registers[index] as number);
  }

  high(from: ArgumentRegisters, index: number): number {
    const register = this.registers[index] as number;
    switch (this.#types[index]?.narrow) {
      case "pair":
        return from.argumentLow(register + 1);
      case "signed":
        return from.argumentLow(register) >> 31;
      default:
        return from.argumentHigh(register);
    }
  }
}
