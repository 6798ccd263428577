// A campaign: programs from the opcode table, many states for each, run by the processor and by every engine, compared.
import type { Row } from "../../src/cpu/x86/instruction.js";
import { makeProgram, type Program, randomFor, testedRows } from "./case-generator.js";
import { CASE_SIZE, decodeCase, OUTCOME_SIZE, Records } from "./case-record.js";
import { Comparer } from "./compare.js";
import type { CodeMode, CpuCase } from "./cpu-case.js";
import { EmulatedDriver, type EngineName } from "./emulated-driver.js";
import { BATCH, NativeProcessor } from "./native-driver.js";
import { StateMaker } from "./state-generator.js";

const STATES = 2;

export interface CampaignOptions {
  /** Of the code. */
  readonly mode: CodeMode;
  readonly seed: number;
  readonly engines: readonly EngineName[];
  /** Cases in all, over all accepted rows. */
  readonly cases: number;
  /** States tried with each program, at most. */
  readonly states: number;
  /** Of a hundred programs, how many are sequences. */
  readonly sequences: number;
  readonly only?: (row: Row) => boolean;
}

export interface Difference {
  readonly program: Program;
  readonly state: number;
  readonly engine: EngineName;
  readonly what: readonly string[];
  readonly test: CpuCase;
}

export interface Campaign {
  /** Cases run with each engine. */
  cases: number;
  programs: number;
  /** How often each row was run. */
  readonly coverage: Map<Row, number>;
  readonly differing: Map<Row, number>;
  /** The first of each row and engine. */
  readonly differences: Difference[];
}

/** The states of a program, from `index` on. */
export function fillStates(
  program: Program,
  seed: number,
  number: number,
  cases: Records,
  index: number,
  count: number,
) {
  const states = new StateMaker(randomFor(seed, number, STATES));
  for (let n = 0; n < count; n++) states.fill(cases, index + n, program.code, program, program.pins);
}

/** States for code of a test's own, as the row called `name` would be tried with. */
export function casesLike(name: string, seed: number, count: number, mode: CodeMode = 64): CpuCase[] {
  const number = testedRows(mode).findIndex(({ definition }) => definition.name === name);
  const cases = new Records(CASE_SIZE, count);
  fillStates(makeProgram(mode, seed, number, false), seed, number, cases, 0, count);
  return Array.from({ length: count }, (_, n) => decodeCase(cases, n * CASE_SIZE));
}

/** Runs batches of cases on the processor and on the engines. */
export class Bench {
  readonly native = new NativeProcessor();
  readonly cases = new Records(CASE_SIZE, BATCH);
  readonly expected = new Records(OUTCOME_SIZE, BATCH);
  readonly #actual = new Records(OUTCOME_SIZE, BATCH);
  readonly #drivers: readonly (readonly [EngineName, EmulatedDriver])[];

  constructor(engines: readonly EngineName[]) {
    this.#drivers = engines.map((engine) => [engine, new EmulatedDriver(engine)]);
  }

  /** Runs the first `count` cases; `compare` is called for each engine. */
  async run(count: number, compare: (engine: EngineName, expected: Records, actual: Records) => void): Promise<void> {
    await this.native.run(this.cases, count, this.expected);
    for (const [engine, driver] of this.#drivers) {
      driver.run(this.cases, count, this.#actual);
      compare(engine, this.expected, this.#actual);
    }
  }

  /** Whether the engine is there for the case at `index`. */
  suits(engine: EngineName, index: number): boolean {
    return this.#drivers.some(([name, driver]) => name === engine && driver.suits(this.cases, index));
  }

  close(): void {
    this.native.close();
  }
}

interface Group {
  readonly program: Program;
  readonly start: number;
  readonly count: number;
}

export async function runCampaign(
  options: CampaignOptions,
  progress: (c: Campaign) => void = () => {},
): Promise<Campaign> {
  const { mode, seed, states } = options;
  const rows = testedRows(mode);
  const campaign: Campaign = { cases: 0, programs: 0, coverage: new Map(), differing: new Map(), differences: [] };
  const bench = new Bench(options.engines);
  const seen = new Set<string>();
  let groups: Group[] = [];
  let filled = 0;
  const note = (engine: EngineName, expected: Records, actual: Records) => {
    for (const { program, start, count } of groups) {
      const comparer = new Comparer(program, engine);
      for (let n = 0; n < count; n++) {
        if (!bench.suits(engine, start + n)) continue;
        const what = comparer.compare(bench.cases, expected, actual, start + n);
        if (what.length === 0) continue;
        const key = `${program.row.definition.name} ${engine} ${program.parts.length > 1}`;
        campaign.differing.set(program.row, (campaign.differing.get(program.row) ?? 0) + 1);
        if (seen.has(key)) continue;
        seen.add(key);
        const test = decodeCase(bench.cases, (start + n) * CASE_SIZE);
        campaign.differences.push({ program, state: n, engine, what, test });
      }
    }
  };
  try {
    const accepted = rows.map((_, n) => n).filter((n) => options.only?.(rows[n]) ?? true);
    for (let round = 0; accepted.length > 0 && campaign.cases < options.cases; round++) {
      for (const place of accepted) {
        const number = round * rows.length + place;
        // Which programs are sequences must not depend on what else is run.
        const program = makeProgram(mode, seed, number, randomFor(seed, number, -1).below(100) < options.sequences);
        if (filled + states > BATCH) {
          await bench.run(filled, note);
          progress(campaign);
          groups = [];
          filled = 0;
        }
        fillStates(program, seed, number, bench.cases, filled, states);
        groups.push({ program, start: filled, count: states });
        filled += states;
        campaign.cases += states;
        campaign.programs++;
        for (const { row } of program.parts) campaign.coverage.set(row, (campaign.coverage.get(row) ?? 0) + states);
        if (campaign.cases >= options.cases) break;
      }
    }
    await bench.run(filled, note);
  } finally {
    bench.close();
  }
  return campaign;
}
