// Addressing forms for an operand in memory: the bytes, and what registers must hold for it to lie in the data window.
import { DATA_BASE, DATA_WINDOW, DEFAULT_DATA_OFFSET, FS_BASE, FS_BASE_32, GS_BASE, GS_BASE_32 } from "./cpu-case.js";
import type { Random } from "./random.js";
import type { StateMaker } from "./state-generator.js";

const RSP = 4;
const FS = 0x64;
const GS = 0x65;

export interface Addressing {
  readonly prefixes: readonly number[];
  /** ModRM with `reg` 0, SIB, displacement. */
  readonly bytes: readonly number[];
  /** REX.X and REX.B. */
  readonly rex: number;
  /** The displacement is RIP-relative, to this address. */
  readonly ripTarget?: number;
  readonly pin?: (s: StateMaker) => void;
}

export const little = (value: number, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, n) =>
    n < 4 ? (value >> (8 * n)) & 0xff : Math.floor(value / 2 ** (8 * n)) & 0xff,
  );

/** An address fixed in the code: where the window usually lies. */
export const fixedTarget = (random: Random): number =>
  DATA_BASE + DEFAULT_DATA_OFFSET + (random.below(DATA_WINDOW - 32) & (random.chance(0.5) ? ~15 : ~0));

/** `taken`: registers that hold addresses or counts of instructions before; those this one needs are added. */
export function addressing(random: Random, taken: Set<number>): Addressing {
  const free = Array.from({ length: 16 }, (_, register) => register).filter((n) => n !== RSP && !taken.has(n));
  const choice = random.below(100);
  const segment = random.chance(0.12) ? random.pick([FS, GS, FS, GS, 0x26, 0x2e, 0x36, 0x3e]) : 0;
  const short = segment !== GS && random.chance(0.08);
  const prefixes = [...(segment ? [segment] : []), ...(short ? [0x67] : [])];
  if (random.chance(0.5)) prefixes.reverse();
  const segmentBase = segment === FS ? FS_BASE : segment === GS ? GS_BASE : 0;
  if (segment !== GS && (choice < 14 || free.length < 2)) {
    const target = fixedTarget(random) - segmentBase;
    if (choice < 10) return { prefixes, bytes: [5, 0, 0, 0, 0], rex: 0, ripTarget: target };
    return { prefixes, bytes: [4, 0x25, ...little(target, 4)], rex: 0 };
  }
  if ((segmentBase === 0 && choice < 20) || free.length < 2) {
    const displacement = random.below(64) - 16;
    return { prefixes, bytes: [0x44, 0x24, ...little(displacement, 1)], rex: 0 };
  }
  const index = choice < 50 ? random.pick(free) : -1;
  const scale = random.below(4);
  const withBase = index < 0 || choice >= 26 || segment === GS;
  const base = withBase ? random.pick(free.filter((n) => n !== index)) : -1;
  const form = base < 0 ? 0 : random.pick((base & 7) === 5 ? [1, 2] : [0, 1, 2]);
  const fixed = base < 0 ? fixedTarget(random) - segmentBase : 0;
  const displacement = form === 1 ? random.below(256) - 128 : form === 2 ? random.below(1 << 16) - (1 << 15) : 0;
  const bytes: number[] = [];
  if (index < 0 && (base & 7) !== 4 && random.chance(0.9)) bytes.push((form << 6) | (base & 7));
  else {
    const indexField = index < 0 ? 4 : index & 7;
    bytes.push((form << 6) | 4, ((index < 0 ? 0 : scale) << 6) | (indexField << 3) | (base < 0 ? 5 : base & 7));
  }
  if (base < 0) bytes.push(...little(fixed, 4));
  else if (form > 0) bytes.push(...little(displacement, form === 1 ? 1 : 4));
  if (index >= 0) taken.add(index);
  if (base >= 0) taken.add(base);
  const set = (s: StateMaker, register: number, value: number) =>
    short ? s.setLow(register, value) : s.setNumber(register, value);
  return {
    prefixes,
    bytes,
    rex: (base >= 8 ? 1 : 0) | (index >= 8 ? 2 : 0),
    pin: (s) => {
      const step = s.random.below(64) - 32;
      // Without a base the fixed displacement lies in the window already.
      if (index >= 0) set(s, index, base < 0 ? step >> 3 : step);
      if (base >= 0) set(s, base, s.window() - segmentBase - displacement - (index < 0 ? 0 : step * 2 ** scale));
    },
  };
}

const EBP = 5;

/** As `addressing`, in 32-bit code: with 32-bit addresses, or relative to FS with 16-bit ones. */
export function addressing32(random: Random, taken: Set<number>): Addressing {
  const free = Array.from({ length: 8 }, (_, register) => register).filter((n) => n !== RSP && !taken.has(n));
  if (random.chance(0.1)) return addressing16(random, free, taken);
  const segment = random.chance(0.16) ? random.pick([FS, GS, FS, GS, 0x26, 0x2e, 0x36, 0x3e]) : 0;
  const prefixes = segment ? [segment] : [];
  const segmentBase = segment === FS ? FS_BASE_32 : segment === GS ? GS_BASE_32 : 0;
  const choice = random.below(100);
  if (choice < 14 || free.length < 2) {
    const target = little((fixedTarget(random) - segmentBase) | 0, 4);
    return { prefixes, bytes: choice < 8 ? [5, ...target] : [4, 0x25, ...target], rex: 0 };
  }
  if (segmentBase === 0 && choice < 20)
    return { prefixes, bytes: [0x44, 0x24, ...little(random.below(64) - 16, 1)], rex: 0 };
  const index = choice < 50 ? random.pick(free) : -1;
  const base = index < 0 || choice >= 26 ? random.pick(free.filter((n) => n !== index)) : -1;
  const form = base < 0 ? 0 : random.pick(base === EBP ? [1, 2] : [0, 1, 2]);
  const displacement =
    base < 0
      ? (fixedTarget(random) - segmentBase) | 0
      : form === 1
        ? random.below(256) - 128
        : form === 2
          ? random.next()
          : 0;
  const scale = random.below(4);
  const bytes =
    index < 0 && random.chance(0.9)
      ? [(form << 6) | base]
      : [(form << 6) | 4, (scale << 6) | ((index < 0 ? 4 : index) << 3) | (base < 0 ? EBP : base)];
  if (base < 0) bytes.push(...little(displacement, 4));
  else if (form > 0) bytes.push(...little(displacement, form === 1 ? 1 : 4));
  if (index >= 0) taken.add(index);
  if (base >= 0) taken.add(base);
  return {
    prefixes,
    bytes,
    rex: 0,
    pin: (s) => {
      const step =
        base < 0 ? (s.random.below(64) - 32) >> 3 : random.chance(0.3) ? s.random.next() : s.random.below(64) - 32;
      if (index >= 0) s.setLow(index, step);
      if (base >= 0) s.setLow(base, s.window() - segmentBase - displacement - (index < 0 ? 0 : step * 2 ** scale));
    },
  };
}

/** By ModRM.rm. */
const BASES_16 = [3, 3, EBP, EBP, -1, -1, EBP, 3];
const INDICES_16 = [6, 7, 6, 7, 6, 7, -1, -1];

function addressing16(random: Random, free: readonly number[], taken: Set<number>): Addressing {
  const prefixes = random.chance(0.5) ? [FS, 0x67] : [0x67, FS];
  const usable = [0, 1, 2, 3, 4, 5, 6, 7].filter((rm) =>
    [BASES_16[rm], INDICES_16[rm]].every((register) => register < 0 || free.includes(register)),
  );
  const rm = usable.length > 0 ? random.pick(usable) : 6;
  const form = rm === 6 ? random.pick(usable.includes(6) ? [0, 1, 2] : [0]) : random.below(3);
  if (rm === 6 && form === 0) return { prefixes, bytes: [6, ...little(fixedTarget(random) - FS_BASE_32, 2)], rex: 0 };
  const [base, index] = [BASES_16[rm], INDICES_16[rm]];
  const displacement = form === 0 ? 0 : form === 1 ? random.below(256) - 128 : random.below(0x10000) - 0x8000;
  for (const register of [base, index]) if (register >= 0) taken.add(register);
  return {
    prefixes,
    bytes: [(form << 6) | rm, ...(form === 0 ? [] : little(displacement, form))],
    rex: 0,
    pin: (s) => {
      const rest = s.window() - FS_BASE_32 - displacement;
      const step = base >= 0 && index >= 0 ? s.random.below(0x10000) : 0;
      if (base >= 0) s.setLow16(base, rest - step);
      if (index >= 0) s.setLow16(index, base >= 0 ? step : rest);
    },
  };
}
