// The three-way comparison: the real processor says what is right, each engine must agree.
import { OF } from "../../src/machine/state-layout.js";
import { makeCase, type RowCase, testedRows } from "./case-generator.js";
import type { CpuOutcome } from "./cpu-case.js";
import { differences, EmulatedDriver, type EngineName } from "./emulated-driver.js";
import { runNative } from "./native-driver.js";
import { Random } from "./random.js";

export interface Mismatch {
  readonly name: string;
  readonly row: string;
  readonly engine: EngineName;
  readonly code: string;
  readonly what: readonly string[];
  readonly test: RowCase;
}

export interface Comparison {
  readonly cases: number;
  readonly mismatches: readonly Mismatch[];
}

/** Compared with the processor to within their error in transcendental.test.ts. */
export const TRANSCENDENTAL = new Set(["f2xm1", "fyl2x", "fyl2xp1", "fpatan", "fptan", "fsin", "fcos", "fsincos"]);

/** F2XM1 and FYL2XP1 are defined near 0 only: for f2xm1 to 1, for fyl2xp1 to 1 - sqrt(1/2). */
function isOutsideDomain(test: RowCase): boolean {
  const { name } = test.row.definition;
  const view = new DataView(test.xsave.buffer, test.xsave.byteOffset);
  const exponent = view.getUint16(40, true) & 0x7fff;
  if (name === "f2xm1") return exponent > 0x3ffe && view.getBigUint64(32, true) << 1n !== 0n;
  return name === "fyl2xp1" && exponent > 0x3ffc;
}

/** A jump that happened to land in the harness's own code, linked at 4 MiB. */
export const wentAstray = (outcome: CpuOutcome) => outcome.rip >= 0x40_0000n && outcome.rip < 0x80_0000n;

/** The manual does not say which of their bytes a fault names. */
const IMPRECISE = new Set([
  "maskmovdqu",
  "fnstenv",
  "fldenv",
  "fnsave",
  "frstor",
  "fxsave",
  "fxrstor",
  "xsave",
  "xsaveopt",
  "xsavec",
  "xrstor",
]);

/** OF is defined for shifts and rotates by the constant 1. */
function undefinedFlags(test: RowCase): number {
  const { definition, operands } = test.row;
  return operands[operands.length - 1]?.where === "one" ? definition.undefinedMask & ~OF : definition.undefinedMask;
}

/** `perRow` cases for every row that `only` accepts. */
export async function compareRows(
  seed: number,
  perRow: number,
  engines: readonly EngineName[],
  only: (name: string) => boolean = () => true,
): Promise<Comparison> {
  const random = new Random(seed);
  const rows = testedRows.filter((row) => only(row.definition.name));
  const tests = rows.flatMap((row) => Array.from({ length: perRow }, () => makeCase(row, random)));
  const expected = await runNative(tests);
  const mismatches: Mismatch[] = [];
  for (const engine of engines) {
    const driver = new EmulatedDriver(engine);
    tests.forEach((test, n) => {
      const { name, float } = test.row.definition;
      if (isOutsideDomain(test) || wentAstray(expected[n]) || !driver.suits(test, float === true)) return;
      const what = differences(expected[n], driver.run(test), {
        undefinedFlags: undefinedFlags(test),
        impreciseAddress: IMPRECISE.has(name),
        floatFlags: engine === "quick",
        approximate: TRANSCENDENTAL.has(name),
      });
      if (what.length === 0) return;
      const code = Buffer.from(test.code).toString("hex");
      mismatches.push({ name: test.row.definition.name, row: test.row.text, engine, code, what, test });
    });
  }
  return { cases: tests.length, mismatches };
}
