// Any bytes against the processor: every opcode of every map under random prefixes and operands. What is no instruction must be none here
// too. A longer run: TSSTRACE_FUZZ_PER_OPCODE=100 TSSTRACE_FUZZ_SEED=7 npx vitest run tests/native/encodings.test.ts
import { expect, test } from "vitest";
import type { Row } from "../../src/cpu/x86/instruction.js";
import { casesLike } from "./campaign.js";
import { testedRows } from "./case-generator.js";
import { differences, ESTIMATE, TRANSCENDENTAL, wentAstray } from "./compare.js";
import { type CodeMode, type CpuCase, type CpuOutcome, TRAP_TIMEOUT } from "./cpu-case.js";
import { runEmulated } from "./emulated-driver.js";
import { anyEncoding, encodingCase, MAPS, rowOf } from "./encoding-generator.js";
import { MAKERS_OPCODES, unexplained } from "./maker.js";
import { nativeUnavailable, runNative } from "./native-driver.js";
import { Random } from "./random.js";

const perOpcode = Number(process.env.TSSTRACE_FUZZ_PER_OPCODE ?? 2);
const seed = Number(process.env.TSSTRACE_FUZZ_SEED ?? 1);

/** Opcodes, by map, that are not tried, with the reason. */
type NotTried = readonly (readonly [number, string, string])[];
const NOT_TRIED: NotTried = [
  [0, "26 2E 36 3E 64-67 F0 F2 F3 0F C4 C5", "prefixes and ways into other maps"],
  [0, "62", "EVEX"],
  [0, "9D CA CB CF FF 8E", "single-stepping, and 32-bit code"],
  [0, "A0-A3", "any address: the harness's own is mapped"],
  [0, "CC CD F1", "end the case, or call the kernel"],
  [1, "01 A0 A1 A8 A9 B2 B4 B5", "the harness's segments, hypercalls"],
  [1, "05 07 34 35", "call the kernel"],
  [1, "31 33 A2", "the moment and the machine"],
  [1, "38 3A", "ways into other maps"],
];

/** Beside those, by mode. */
const NOT_TRIED_IN: Readonly<Record<CodeMode, NotTried>> = {
  64: [[0, "40-4F", "prefixes"]],
  32: [[0, "07 17 1F 9A EA", "segments and other modes' code"]],
};

/** Where the processor may have instructions that are newer than x86-64-v3: what is nothing here is not compared. */
const NEWER: readonly (readonly [number, string])[] = [
  [0, "C6 C7"],
  [1, "AE C7"],
  [2, "80-82 C8-CF F5 F6 F8 F9 FA FB FC D8 DC-DF"],
  [3, "CC CE CF F0"],
  [5, "41-4B 90-93 98 99"],
  [6, "49 4B 50-53 5C 5E 6C B0 B1 B4 B5 CB-CF D2 D3 DA DC-DF E0-EF"],
  [7, "30-33 44 CE CF DE"],
];

const inRange = (list: string, opcode: number) =>
  list.split(" ").some((part) => {
    const [from, to = from] = part.split("-").map((text) => Number.parseInt(text, 16));
    return opcode >= from && opcode <= to;
  });
const isTried = (mode: CodeMode, map: number, opcode: number) =>
  ![...NOT_TRIED, ...NOT_TRIED_IN[mode]].some(([of, list]) => of === map && inRange(list, opcode));
const isNewer = (map: number, opcode: number) =>
  [...NEWER, ...MAKERS_OPCODES].some(([of, list]) => of === map && inRange(list, opcode));

/** Beside those the rows' own cases leave out. */
const NOT_COMPARED =
  /^(maskmov.*|fn?stenv|fldenv|fn?save|frstor|xsave.*|xrstor|sldt|str|smsw|loop.*|fprem1?|rd(rand|tsc).*)$/;

interface Trial {
  readonly test: CpuCase;
  readonly row: Row | undefined;
  readonly undefinedFlags: number;
  readonly estimates: boolean;
}

function trials(mode: CodeMode, random: Random): Trial[] {
  const tested = new Set(testedRows(mode).map((row) => row.definition));
  const plain = casesLike("paddb", seed, MAPS.length * 256 * perOpcode, mode);
  return MAPS.flatMap((map) =>
    Array.from({ length: 256 * perOpcode }, (_, n): Trial | undefined => {
      const opcode = Math.floor(n / perOpcode);
      const bytes = anyEncoding(random, map, opcode, mode);
      const found = rowOf(Uint8Array.from(bytes), mode);
      if (!isTried(mode, map, opcode) || (!found && isNewer(map, opcode))) return undefined;
      if (found) {
        const { definition } = found.row;
        if (!tested.has(definition) || TRANSCENDENTAL.has(definition.name) || NOT_COMPARED.test(definition.name))
          return undefined;
      }
      const test = encodingCase(plain.pop() as CpuCase, found ? bytes.slice(0, found.length) : bytes, random);
      return {
        test,
        row: found?.row,
        undefinedFlags: found?.row.definition.undefinedMask ?? 0,
        estimates: ESTIMATE.test(found?.row.definition.name ?? ""),
      };
    }).filter((trial) => trial !== undefined),
  );
}

const isComparable = (outcome: CpuOutcome) => !wentAstray(outcome) && outcome.trap !== TRAP_TIMEOUT;

const why = nativeUnavailable();
const title = `any bytes of %s-bit code${why ? ` (skipped: ${why})` : ""}`;
test.skipIf(why).each([64, 32] as const)(title, { timeout: 3_600_000 }, async (mode) => {
  const all = trials(mode, new Random(seed));
  const expected = await runNative(all.map(({ test }) => test));
  const actual = runEmulated(
    "interpreter",
    all.map(({ test }) => test),
  );
  const wrong = all.flatMap(({ test, row, undefinedFlags, estimates }, n) => {
    if (!isComparable(expected[n])) return [];
    const found = differences(expected[n], actual[n], { undefinedFlags, estimates, impreciseAddress: true });
    const what = row ? unexplained(found, [{ row, bytes: [...test.code] }], expected[n], actual[n], mode) : found;
    return what.length === 0 ? [] : [`${Buffer.from(test.code).toString("hex")} ${what.join("; ")}`];
  });
  expect(wrong).toEqual([]);
});
