// npm run fuzz:cpu -- [--cases N] [--seed N] [--only NAME|FAMILY] [--engines a,b] [--states N] [--sequences PERCENT] [--program ID] [--mode 64|32]
// The long comparison with the real processor. Ends with a table by family, and 1 when anything differed or was not run.
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Row } from "../../src/cpu/x86/instruction.js";
import { allRows } from "../../src/cpu/x86/opcode-table.js";
import { Bench, type Campaign, type Difference, fillStates, runCampaign } from "./campaign.js";
import { isLeftOut, makeProgram } from "./case-generator.js";
import { CASE_SIZE, decodeCase } from "./case-record.js";
import { Comparer } from "./compare.js";
import { CODE_BASE, type CodeMode, DEFAULT_CODE_OFFSET } from "./cpu-case.js";
import { ENGINE_NAMES, type EngineName } from "./emulated-driver.js";
import { familyOf } from "./family.js";
import { explained } from "./maker.js";
import { nativeUnavailable } from "./native-driver.js";
import { describe, Reducer } from "./reduce.js";

const { values } = parseArgs({
  options: {
    cases: { type: "string", default: "5000000" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
    engines: { type: "string", default: ENGINE_NAMES.join() },
    states: { type: "string", default: "50" },
    sequences: { type: "string", default: "40" },
    mode: { type: "string", default: "64" },
    /** Repeats one program, as a difference names it. */
    program: { type: "string" },
  },
});
const engines = values.engines.split(",").map((name) => {
  if (!ENGINE_NAMES.includes(name as EngineName))
    throw new Error(`engines are ${ENGINE_NAMES.join(", ")}; not ${name}`);
  return name as EngineName;
});
const states = Number(values.states);
if (values.mode !== "64" && values.mode !== "32") throw new Error(`the modes are 64 and 32, not ${values.mode}`);
const mode: CodeMode = values.mode === "64" ? 64 : 32;
const SHOWN = 60;
const say = (text: string) => process.stdout.write(`${text}\n`);

function disassembly(code: Uint8Array): string {
  const file = join(tmpdir(), `tsstrace-fuzz-${process.pid}.bin`);
  writeFileSync(file, code);
  try {
    const start = `0x${(CODE_BASE + DEFAULT_CODE_OFFSET).toString(16)}`;
    const options = [
      "-D",
      "-b",
      "binary",
      "-m",
      mode === 64 ? "i386:x86-64" : "i386",
      "-M",
      "intel",
      `--adjust-vma=${start}`,
    ];
    const text = execFileSync("objdump", [...options, file], { encoding: "utf8" });
    return text.slice(text.indexOf("<.data>:") + 9).trimEnd();
  } catch {
    return "    (no objdump)";
  } finally {
    rmSync(file, { force: true });
  }
}

async function show({ program, engine, state, test, what }: Difference): Promise<void> {
  const bench = new Bench([engine]);
  const reduced = await new Reducer(bench, engine).reduce(program, test, what);
  bench.close();
  say(`\n${program.row.definition.name} [${program.row.text}], ${engine}, state ${state}: ${what.join("; ")}`);
  const smaller = reduced.program.parts.length < program.parts.length ? " (reduced)" : "";
  say(`  ${Buffer.from(reduced.test.code).toString("hex")}${smaller}\n${disassembly(reduced.test.code)}`);
  say(`  before: ${describe(reduced.test).join(", ")}`);
  if (reduced.what.join() !== what.join()) say(`  reduced: ${reduced.what.join("; ")}`);
  say(`  again: npm run fuzz:cpu -- --mode ${mode} --states ${states} --engines ${engine} --program ${program.id}`);
}

async function repeat(id: string): Promise<number> {
  const [, seed, kind, number] = /^(\d+):([sq])(\d+)$/.exec(id) ?? [];
  if (number === undefined) throw new Error(`a program's name is like 1:s23, not ${id}`);
  const program = makeProgram(mode, Number(seed), Number(number), kind === "q");
  say(`${program.row.definition.name} [${program.row.text}]\n${disassembly(program.code)}`);
  const bench = new Bench(engines);
  fillStates(program, Number(seed), Number(number), bench.cases, 0, states);
  const found: Difference[] = [];
  await bench.run(states, (engine, expected, actual) => {
    const comparer = new Comparer(program, engine);
    for (let state = 0; state < states; state++) {
      if (!bench.suits(engine, state)) continue;
      const what = comparer.compare(bench.cases, expected, actual, state);
      const test = decodeCase(bench.cases, state * CASE_SIZE);
      if (what.length > 0) found.push({ program, state, engine, what, test });
    }
  });
  bench.close();
  for (const difference of found) await show(difference);
  say(`\n${found.length} of ${states * engines.length} cases differ`);
  return found.length;
}

function accepts(row: Row): boolean {
  const { only } = values;
  return only === undefined || row.definition.name === only || familyOf(row) === only;
}

/** Rows without a case; says what was run. */
function report(campaign: Campaign, seconds: number): number {
  const families = new Map<string, { rows: number; cases: number; differing: number }>();
  const missing: Row[] = [];
  for (const row of allRows(mode === 64).filter(accepts)) {
    const family = families.get(familyOf(row)) ?? { rows: 0, cases: 0, differing: 0 };
    families.set(familyOf(row), family);
    family.rows++;
    family.cases += campaign.coverage.get(row) ?? 0;
    family.differing += campaign.differing.get(row) ?? 0;
    if (!campaign.coverage.has(row)) missing.push(row);
  }
  say(`\n${"family".padEnd(24)}${"rows".padStart(8)}${"cases".padStart(12)}${"differ".padStart(10)}`);
  for (const [family, { rows, cases, differing }] of [...families].sort(([one], [other]) => one.localeCompare(other)))
    say(
      `${family.padEnd(24)}${String(rows).padStart(8)}${String(cases).padStart(12)}${String(differing).padStart(10)}`,
    );
  const rate = Math.round((campaign.cases * engines.length) / seconds);
  say(
    `\n${campaign.cases} cases of ${campaign.programs} programs with each of ${engines.join(", ")}: ` +
      `${seconds.toFixed(0)} s, ${rate} a second. A case of a sequence counts for each of its rows.`,
  );
  for (const [why, count] of explained) say(`a maker's own: ${why}: ${count} differences`);
  const unexplained = missing.filter((row) => !isLeftOut(row));
  for (const row of missing)
    say(`not run: ${row.definition.name} [${row.text}]${isLeftOut(row) ? `: ${isLeftOut(row)}` : ""}`);
  say(`${missing.length - unexplained.length} rows are not run for a reason, ${unexplained.length} without one.`);
  return unexplained.length;
}

async function main(): Promise<number> {
  const why = nativeUnavailable();
  if (why) throw new Error(`nothing to compare with: ${why}`);
  if (values.program !== undefined) return repeat(values.program);
  const started = performance.now();
  let told = started;
  const campaign = await runCampaign(
    {
      mode,
      seed: Number(values.seed),
      engines,
      cases: Number(values.cases),
      states,
      sequences: Number(values.sequences),
      only: accepts,
    },
    ({ cases, differing }) => {
      if (performance.now() - told < 10_000) return;
      told = performance.now();
      const count = [...differing.values()].reduce((sum, each) => sum + each, 0);
      process.stderr.write(`${cases} cases, ${count} differ, ${((told - started) / 1000).toFixed(0)} s\n`);
    },
  );
  const seconds = (performance.now() - started) / 1000;
  for (const difference of campaign.differences.slice(0, SHOWN)) await show(difference);
  const hidden = campaign.differences.length - SHOWN;
  if (hidden > 0) say(`\n${hidden} more kinds of difference are not shown.`);
  return report(campaign, seconds) + campaign.differences.length;
}

process.exitCode = (await main()) > 0 ? 1 : 0;
