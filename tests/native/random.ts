// Reproducible random operands: a failing case can be had again from its seed.
import { SeededRandom } from "../../src/lib/random.js";

export class Random extends SeededRandom {
  bits64(): bigint {
    return (BigInt(this.next()) << 32n) | BigInt(this.next());
  }

  chance(probability: number): boolean {
    return this.next() < probability * 0x1_0000_0000;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)];
  }
}
