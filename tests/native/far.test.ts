// Segment registers, descriptors and far transfers with Linux's own selectors, against the processor. FS, GS and SS are not loaded: the
// harness needs them.
import { expect, test } from "vitest";
import { casesLike } from "./campaign.js";
import { differences } from "./compare.js";
import { CODE_BASE, type CpuCase, DATA_BASE, DEFAULT_CODE_OFFSET, DEFAULT_DATA_OFFSET } from "./cpu-case.js";
import { runEmulated } from "./emulated-driver.js";
import { instructionsOf } from "./encoding-generator.js";
import { unexplained } from "./maker.js";
import { nativeUnavailable, runNative } from "./native-driver.js";
import { Random } from "./random.js";

const SELECTORS = [0, 1, 3, 0x10, 0x18, 0x20, 0x23, 0x28, 0x2b, 0x2a, 0x30, 0x33, 0x40, 0x78, 0x7b, 0x80, 0x37, 0xffff];
const SEED = 5;
const CODE = 0x33;
const STACK = DATA_BASE + DEFAULT_DATA_OFFSET + 64;
const TARGET = CODE_BASE + 0x800;

const word32 = (value: number) => [0, 8, 16, 24].map((shift) => (value >> shift) & 0xff);
const moveEcx = (value: number) => [0xb9, ...word32(value)];
/** push imm32 */
const push = (value: number) => [0x68, ...word32(value)];
const RETF = [0x48, 0xcb];
const IRET = [0x48, 0xcf];
/** jmp or call far [rbx], with what it needs stored there first */
const throughMemory = (selector: number, digit: number, rex: readonly number[]) => [
  ...[0x48, 0xc7, 0x03, ...word32(TARGET)],
  ...[0x66, 0xc7, 0x43, rex.length > 0 ? 8 : 4, selector & 0xff, selector >> 8],
  ...rex,
  ...[0xff, (digit << 3) | 3],
];

function codes(random: Random): number[][] {
  const flags = random.below(0x1000) & 0xcd5;
  const out = SELECTORS.flatMap((selector) => [
    [...moveEcx(selector), 0x0f, 0x02, 0xc1], // lar eax, cx
    // The limit of 0x78 is the number of the processor.
    ...(selector >> 2 === 0x78 >> 2 ? [] : [[...moveEcx(selector), 0x48, 0x0f, 0x03, 0xc1]]), // lsl rax, cx
    [...moveEcx(selector), 0x0f, 0x00, 0xe1], // verr cx
    [...moveEcx(selector), 0x0f, 0x00, 0xe9], // verw cx
    [...moveEcx(selector), 0x8e, 0xc1, 0x8c, 0xc0], // mov es, ecx; mov eax, es
    [...moveEcx(selector), 0x8e, 0xd9, 0x48, 0x8c, 0xd8], // mov ds, ecx; mov rax, ds
  ]);
  for (const selector of [CODE, 0x30, 0x2b, 0, 0x10]) {
    out.push([...push(selector), ...push(TARGET), ...RETF]);
    out.push([...push(selector), ...push(TARGET), 0x48, 0xca, 0x10, 0]);
    out.push([...push(0x2b), ...push(STACK), ...push(flags), ...push(selector), ...push(TARGET), ...IRET]);
    for (const rex of [[], [0x48]]) for (const digit of [3, 5]) out.push(throughMemory(selector, digit, rex));
  }
  out.push([...push(0x33), ...push(STACK), ...push(flags), ...push(CODE), ...push(TARGET), ...IRET]);
  return out;
}

const why = nativeUnavailable();
test.skipIf(why)("segments and far transfers", { timeout: 120_000 }, async () => {
  const random = new Random(SEED);
  const sequences = codes(random);
  const states = casesLike("nop", SEED, sequences.length);
  const tests: CpuCase[] = sequences.map((code, n) => {
    const made = states[n];
    const gpr = made.gpr.map((value, register) =>
      register === 4 ? BigInt(STACK + 64) : register === 3 ? BigInt(STACK - 32) : value,
    );
    return {
      ...made,
      gpr,
      code: Uint8Array.from(code),
      codeOffset: DEFAULT_CODE_OFFSET,
      dataOffset: DEFAULT_DATA_OFFSET,
    };
  });
  const expected = await runNative(tests);
  for (const engine of ["interpreter", "cold", "jit"] as const) {
    const actual = runEmulated(engine, tests);
    const wrong = tests.flatMap((one, n) => {
      const found = differences(expected[n], actual[n], {});
      const what = unexplained(found, instructionsOf(one.code), expected[n], actual[n]);
      return what.length === 0 ? [] : [`${Buffer.from(one.code).toString("hex")} ${what.join("; ")}`];
    });
    expect(wrong).toEqual([]);
  }
});
