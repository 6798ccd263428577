import { expect, test } from "vitest";
import { compareRows } from "./compare.js";
import { nativeUnavailable } from "./native-driver.js";

const why = nativeUnavailable();
const perRow = Number(process.env.TSSTRACE_FUZZ_PER_ROW ?? 2);
const seed = Number(process.env.TSSTRACE_FUZZ_SEED ?? 1);
const only = process.env.TSSTRACE_FUZZ_ONLY;

test.skipIf(why)(
  `every opcode row does what this processor does${why ? ` (skipped: ${why})` : ""}`,
  { timeout: 600_000 },
  async () => {
    const engines = (process.env.TSSTRACE_FUZZ_ENGINES ?? "interpreter,jit").split(",") as ("interpreter" | "jit")[];
    const { mismatches, cases } = await compareRows(seed, perRow, engines, (name) => !only || name === only);
    const lines = mismatches.map((m) => `${m.name} [${m.row}] ${m.engine} ${m.code} ${m.what.join("; ")}`);
    if (process.env.TSSTRACE_FUZZ_VERBOSE) {
      const by = new Map<string, number>();
      for (const m of mismatches) by.set(`${m.engine} ${m.name}`, (by.get(`${m.engine} ${m.name}`) ?? 0) + 1);
      console.log(cases, "cases", mismatches.length, "mismatches", [...by].map(([k, v]) => `${k}:${v}`).join(" "));
      const seen = new Map<string, number>();
      for (const m of mismatches) {
        const n = seen.get(m.name) ?? 0;
        seen.set(m.name, n + 1);
        if (n < 2) console.log(lines[mismatches.indexOf(m)].slice(0, 600));
      }
    }
    expect(lines).toEqual([]);
  },
);
