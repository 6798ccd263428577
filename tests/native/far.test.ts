// Segment registers, descriptors and far transfers with Linux's own selectors and TLS entries, within a mode and from one to the other, against the
// processor. 64-bit code does not load FS, GS and SS: the harness needs them.
import { expect, test } from "vitest";
import { casesLike } from "./campaign.js";
import { differences } from "./compare.js";
import {
  CODE_BASE,
  type CpuCase,
  DATA_BASE,
  DEFAULT_CODE_OFFSET,
  DEFAULT_DATA_OFFSET,
  FS_BASE_32,
  FS_SELECTOR_32,
  GS_BASE_32,
  GS_SELECTOR_32,
} from "./cpu-case.js";
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
  for (const selector of [CODE, 0x30, 0x23, 0x20, 0x22, 0x2b, 0, 0x10, 0x63]) {
    out.push([...push(selector), ...push(TARGET), ...RETF]);
    out.push([...push(selector), ...push(TARGET), 0x48, 0xca, 0x10, 0]);
    out.push([...push(0x2b), ...push(STACK), ...push(flags), ...push(selector), ...push(TARGET), ...IRET]);
    for (const rex of [[], [0x48]]) for (const digit of [3, 5]) out.push(throughMemory(selector, digit, rex));
  }
  out.push([...push(0x33), ...push(STACK), ...push(flags), ...push(CODE), ...push(TARGET), ...IRET]);
  return out;
}

const SELECTORS_32 = [...SELECTORS, 0x60, FS_SELECTOR_32, GS_SELECTOR_32, 0x73, 7];
const WINDOW = DATA_BASE + DEFAULT_DATA_OFFSET;
/** mov [esp + at], imm32 */
const store = (at: number, value: number) => [0xc7, 0x44, 0x24, at, ...word32(value)];
/** Loads of a segment register from cx: es, ss, ds, fs, gs. */
const LOADS = [0, 2, 3, 4, 5].map((segment) => [0x8e, 0xc1 | (segment << 3)]);
/** What shows where a segment begins: rbx points to the window, edx is that less the base of 0x63, esi the base of 0x6b. */
const USES = [
  [0x8b, 0x03], // mov eax, [ebx]
  [0x8b, 0x02], // mov eax, [edx]
  [0x64, 0x8b, 0x02], // mov eax, fs:[edx]
  [0x65, 0x89, 0x06], // mov gs:[esi], eax
  [0x26, 0x89, 0x02], // mov es:[edx], eax
  [0x36, 0x01, 0x02], // add ss:[edx], eax
  [0x3e, 0x01, 0x55, 0x08], // add ds:[ebp + 8], edx
  [0x01, 0x55, 0x08], // add [ebp + 8], edx
  [0x50, 0x59], // push eax; pop ecx
  [0x89, 0xd7, 0xab], // mov edi, edx; stosd
  [0x89, 0xd6, 0x89, 0xdf, 0xb1, 5, 0xf3, 0xa4], // mov esi, edx; mov edi, ebx; mov cl, 5; rep movsb
  [0x89, 0xde, 0x89, 0xd7, 0xb1, 3, 0xf3, 0xa5], // mov esi, ebx; mov edi, edx; mov cl, 3; rep movsd
  [0xdd, 0x02, 0xdd, 0x1b], // fld qword [edx]; fstp qword [ebx]
  [0x89, 0xd3, 0xd7], // mov ebx, edx; xlat
  [0xa1, ...word32(WINDOW - FS_BASE_32)], // mov eax, [moffs]
  [0x0f, 0xab, 0x02], // bts [edx], eax
];

function codes32(random: Random): number[][] {
  const flags = random.below(0x1000) & 0xcd5;
  const out = SELECTORS_32.flatMap((selector) => [
    [...moveEcx(selector), 0x0f, 0x02, 0xc1], // lar eax, cx
    ...(selector >> 2 === 0x78 >> 2 ? [] : [[...moveEcx(selector), 0x0f, 0x03, 0xc1]]), // lsl eax, cx
    [...moveEcx(selector), 0x0f, 0x00, 0xe1], // verr cx
    [...moveEcx(selector), 0x0f, 0x00, 0xe9], // verw cx
    ...LOADS.flatMap((load) => USES.map((use) => [...moveEcx(selector), ...load, ...use])),
    [...push(selector), 0x07, 0x8c, 0xc0], // pop es; mov eax, es
    [...push(selector), 0x1f, 0x06], // pop ds; push es
    [...store(0, 1), ...store(4, selector), 0xc4, 0x0c, 0x24], // les ecx, [esp]
    [...store(0, 2), ...store(4, selector), 0xc5, 0x0c, 0x24, 0x8c, 0xd8], // lds ecx, [esp]; mov eax, ds
    [...store(0, 3), ...store(4, selector), 0x0f, 0xb4, 0x0c, 0x24, 0x64, 0x8b, 0x02], // lfs ecx, [esp]; mov eax, fs:[edx]
  ]);
  const far = (selector: number) => [selector & 0xff, selector >> 8];
  for (const selector of [0x23, 0x20, 0x22, CODE, 0x30, 0x2b, 0, 0x10, 0x63, 7]) {
    for (const opcode of [0xea, 0x9a]) {
      out.push([opcode, ...word32(TARGET), ...far(selector)]);
      out.push([0x66, opcode, 0x12, 0x34, ...far(selector)]);
    }
    for (const digit of [3, 5]) {
      out.push([...store(0, TARGET), ...store(4, selector), 0xff, (digit << 3) | 4, 0x24]);
      out.push([...store(0, (selector << 16) | 0x1234), 0x66, 0xff, (digit << 3) | 4, 0x24]);
    }
    out.push([...push(selector), ...push(TARGET), 0xcb]);
    out.push([...push(selector), ...push(TARGET), 0xca, 0x10, 0]);
    out.push([...push((selector << 16) | 0x1234), 0x66, 0xcb]);
    out.push([...push(flags), ...push(selector), ...push(TARGET), 0xcf]);
    out.push([0x66, ...push(flags).slice(0, 3), ...push((selector << 16) | 0x1234), 0x66, 0xcf]);
  }
  return out;
}

const why = nativeUnavailable();
test.skipIf(why).each([64, 32] as const)(
  "segments and far transfers of %s-bit code",
  { timeout: 120_000 },
  async (mode) => {
    const random = new Random(SEED);
    const sequences = (mode === 64 ? codes : codes32)(random);
    const states = casesLike("nop", SEED, sequences.length, mode);
    const tests: CpuCase[] = sequences.map((code, n) => {
      const made = states[n];
      const gpr = made.gpr.map((value, register) => {
        const own = [
          undefined,
          undefined,
          WINDOW - FS_BASE_32,
          STACK - 32,
          STACK + 64,
          WINDOW - FS_BASE_32 + 16,
          WINDOW - GS_BASE_32,
        ][register];
        return own !== undefined && (mode === 32 || register === 3 || register === 4) ? BigInt(own >>> 0) : value;
      });
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
        const what = unexplained(found, instructionsOf(one.code, mode), expected[n], actual[n], mode);
        return what.length === 0 ? [] : [`${Buffer.from(one.code).toString("hex")} ${what.join("; ")}`];
      });
      expect(wrong).toEqual([]);
    }
  },
);
