// XSAVE, XSAVEOPT, XSAVEC and XRSTOR in sequences on one area, against the processor: which components are written, in which format, what the
// header says, and what is loaded or initialised from it.
import { expect, test } from "vitest";
import { casesLike } from "./campaign.js";
import { differences } from "./compare.js";
import { CODE_BASE, type CpuCase, DATA_BASE, DEFAULT_DATA_OFFSET } from "./cpu-case.js";
import { runEmulated } from "./emulated-driver.js";
import { instructionsOf } from "./encoding-generator.js";
import { unexplained } from "./maker.js";
import { nativeUnavailable, runNative } from "./native-driver.js";
import { Random } from "./random.js";

const SEED = 11;
const CASES = 400;
const AREA = DATA_BASE + 0x40;
const HEADER = 512;

const disp32 = (value: number) => [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, (value >> 24) & 0xff];
/** mov qword [rbx + at], 0 */
const clear = (at: number) => [0x48, 0xc7, 0x83, ...disp32(at), 0, 0, 0, 0];
/** mov byte [rbx + at], value */
const poke = (at: number, value: number) => [0xc6, 0x83, ...disp32(at), value];
const moveEax = (value: number) => [0xb8, ...disp32(value)];
const VZEROALL = [0xc5, 0xfc, 0x77];
const VZEROUPPER = [0xc5, 0xf8, 0x77];

function sequence(random: Random): number[] {
  const wide = random.chance(0.5) ? [0x48] : [];
  const saved = random.below(8);
  const save = random.pick([
    [0x0f, 0xae, 0x23],
    [0x0f, 0xae, 0x33],
    [0x0f, 0xc7, 0x23],
  ]);
  const code = [...clear(HEADER), ...clear(HEADER + 8), ...clear(HEADER + 16), ...moveEax(saved), ...wide, ...save];
  code.push(...random.pick([VZEROALL, VZEROUPPER, []]));
  // Sometimes a header that says other components, or a reserved bit.
  if (random.chance(0.4)) code.push(...poke(HEADER + random.pick([0, 0, 0, 8, 16]), random.below(9)));
  code.push(...moveEax(random.below(8)), ...wide, 0x0f, 0xae, 0x2b);
  return code;
}

const why = nativeUnavailable();
test.skipIf(why)("areas written and read back", { timeout: 120_000 }, async () => {
  const random = new Random(SEED);
  const tests: CpuCase[] = casesLike("xsave", SEED, CASES).map((made) => {
    const gpr = made.gpr.map((value, register) => (register === 3 ? BigInt(AREA) : register === 2 ? 0n : value));
    return { ...made, gpr, code: Uint8Array.from(sequence(random)), dataOffset: DEFAULT_DATA_OFFSET };
  });
  const expected = await runNative(tests);
  for (const engine of ["interpreter", "jit"] as const) {
    const actual = runEmulated(engine, tests);
    const wrong = tests.flatMap((one, n) => {
      const found = differences(expected[n], actual[n], {});
      const what = unexplained(found, instructionsOf(one.code), expected[n], actual[n]);
      return what.length === 0 ? [] : [`${Buffer.from(one.code).toString("hex")} ${what.join("; ")}`];
    });
    expect(wrong).toEqual([]);
  }
  expect(expected.filter(({ rip }) => rip < BigInt(CODE_BASE)).length).toBe(0);
});
