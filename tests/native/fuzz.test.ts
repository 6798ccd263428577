// Every row of the opcode tables against the processor this runs on, for each engine. A longer run:
// TSSTRACE_FUZZ_PER_ROW=1000 TSSTRACE_FUZZ_SEED=7 TSSTRACE_FUZZ_ONLY=shl TSSTRACE_FUZZ_ENGINES=jit npx vitest run tests/native/fuzz.test.ts
import { expect, test } from "vitest";
import { compareRows } from "./compare.js";
import type { EngineName } from "./emulated-driver.js";
import { intelUnavailable } from "./native-driver.js";

const setting = (name: string, otherwise: string) => process.env[`TSSTRACE_FUZZ_${name}`] ?? otherwise;
const perRow = Number(setting("PER_ROW", "2"));
const seed = Number(setting("SEED", "1"));
const only = setting("ONLY", "");
const engines = setting("ENGINES", "interpreter,cold,jit,quick").split(",") as EngineName[];
const why = intelUnavailable();

test.skipIf(why)(
  `every opcode row does what this processor does${why ? ` (skipped: ${why})` : ""}`,
  { timeout: 3_600_000 },
  async () => {
    const { mismatches, cases } = await compareRows(seed, perRow, engines, (name) => only === "" || name === only);
    expect(cases).toBeGreaterThan(0);
    expect(mismatches.map((m) => `${m.name} [${m.row}] ${m.engine} ${m.code} ${m.what.join("; ")}`)).toEqual([]);
  },
);
