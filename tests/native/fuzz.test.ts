// Every row of the opcode tables against the processor this runs on, for each engine. A longer run: npm run fuzz:cpu, or
// TSSTRACE_FUZZ_PER_ROW=1000 TSSTRACE_FUZZ_SEED=7 TSSTRACE_FUZZ_ONLY=shl TSSTRACE_FUZZ_ENGINES=jit npx vitest run tests/native/fuzz.test.ts
import { expect, test } from "vitest";
import { runCampaign } from "./campaign.js";
import { testedRows } from "./case-generator.js";
import { ENGINE_NAMES, type EngineName } from "./emulated-driver.js";
import { nativeUnavailable } from "./native-driver.js";

const setting = (name: string, otherwise: string) => process.env[`TSSTRACE_FUZZ_${name}`] ?? otherwise;
const perRow = Number(setting("PER_ROW", "2"));
const seed = Number(setting("SEED", "1"));
const only = setting("ONLY", "");
const sequences = Number(setting("SEQUENCES", "20"));
const engines = setting("ENGINES", ENGINE_NAMES.join()).split(",") as EngineName[];
const why = nativeUnavailable();

test.skipIf(why).each([64, 32] as const)(
  `every opcode row of %s-bit code does what this processor does${why ? ` (skipped: ${why})` : ""}`,
  { timeout: 3_600_000 },
  async (mode) => {
    const rows = testedRows(mode).filter(({ definition }) => only === "" || definition.name === only).length;
    const { differences, cases } = await runCampaign({
      mode,
      seed,
      engines,
      cases: rows * perRow,
      // Half of what is run is different code, up to twenty states for each.
      states: Math.max(1, Math.min(20, Math.floor(perRow / 10))),
      sequences,
      only: ({ definition }) => only === "" || definition.name === only,
    });
    expect(cases).toBeGreaterThan(0);
    const shown = differences.map(({ program, engine, test, what }) => {
      const code = Buffer.from(test.code).toString("hex");
      return `${program.row.definition.name} [${program.row.text}] ${engine} ${program.id} ${code} ${what.join("; ")}`;
    });
    expect(shown).toEqual([]);
  },
);
