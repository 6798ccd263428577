// Makes a differing case smaller: fewer instructions, then a plainer state, as long as something still differs.

import type { Bench } from "./campaign.js";
import { type Part, type Program, programOf } from "./case-generator.js";
import { CASE, encodeCase } from "./case-record.js";
import { Comparer } from "./compare.js";
import { type CpuCase, initialXsave } from "./cpu-case.js";
import type { EngineName } from "./emulated-driver.js";

export interface Reduced {
  readonly program: Program;
  readonly test: CpuCase;
  readonly what: readonly string[];
}

export class Reducer {
  readonly #bench: Bench;
  readonly #engine: EngineName;

  /** `bench` must have the one engine. */
  constructor(bench: Bench, engine: EngineName) {
    this.#bench = bench;
    this.#engine = engine;
  }

  async reduce(program: Program, test: CpuCase, what: readonly string[]): Promise<Reduced> {
    let best: Reduced = { program, test, what };
    for (let smaller = true; smaller; ) {
      smaller = false;
      for (let n = best.program.parts.length - 1; n >= 0 && best.program.parts.length > 1; n--) {
        const parts = best.program.parts.filter((_, which) => which !== n);
        const tried = await this.#try(withParts(best.program, parts), best.test);
        if (!tried) continue;
        best = tried;
        smaller = true;
      }
    }
    for (const plainer of plainerStates(best.test)) best = (await this.#try(best.program, plainer(best.test))) ?? best;
    return best;
  }

  async #try(program: Program, state: CpuCase): Promise<Reduced | undefined> {
    if (program.undefinedFlags.includes(-1)) return undefined;
    const test = { ...state, code: program.code };
    encodeCase(test, this.#bench.cases, 0);
    this.#bench.cases.view.setUint32(CASE.quick, Number(program.quick), true);
    let what: readonly string[] = [];
    await this.#bench.run(1, (engine, expected, actual) => {
      if (engine === this.#engine && this.#bench.suits(engine, 0))
        what = new Comparer(program, engine).compare(this.#bench.cases, expected, actual, 0);
    });
    return what.length > 0 ? { program, test, what } : undefined;
  }
}

const withParts = (program: Program, parts: readonly Part[]): Program =>
  programOf(program.mode, program.id, parts[0].row, parts);

/** Each makes one thing of a state plain. */
function plainerStates(test: CpuCase): ((test: CpuCase) => CpuCase)[] {
  const registers = test.gpr.map((_, register) => (state: CpuCase) => ({
    ...state,
    gpr: state.gpr.map((value, n) => (n === register ? 0n : value)),
  }));
  const part = (start: number, end: number) => (state: CpuCase) => {
    const xsave = state.xsave.slice();
    xsave.set(initialXsave().subarray(start, end), start);
    return { ...state, xsave };
  };
  const vectors = Array.from({ length: 16 }, (_, n) => [
    part(160 + n * 16, 176 + n * 16),
    part(576 + n * 16, 592 + n * 16),
  ]);
  const memory = Array.from({ length: test.data.length / 8 }, (_, n) => (state: CpuCase) => {
    const data = state.data.slice();
    data.fill(0, n * 8, n * 8 + 8);
    return { ...state, data };
  });
  return [(state) => ({ ...state, rflags: 0 }), part(0, 160), ...registers, ...vectors.flat(), ...memory];
}

/** A case in words: what is not zero of it. */
export function describe(test: CpuCase): string[] {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes.slice().reverse()).toString("hex");
  const out = [`rflags 0x${test.rflags.toString(16)}`];
  test.gpr.forEach((value, n) => {
    if (value !== 0n) out.push(`r${n} 0x${value.toString(16)}`);
  });
  const image = test.xsave;
  const word = (at: number) => (image[at] | (image[at + 1] << 8)).toString(16);
  if (word(0) !== "37f" || image[4] !== 0)
    out.push(`x87 control ${word(0)} status ${word(2)} tag ${image[4].toString(16)}`);
  for (let n = 0; n < 8; n++) {
    const bytes = image.slice(32 + n * 16, 42 + n * 16);
    if (bytes.some(Boolean)) out.push(`st${n} ${hex(bytes)}`);
  }
  for (let n = 0; n < 16; n++) {
    const [high, low] = [image.slice(576 + n * 16, 592 + n * 16), image.slice(160 + n * 16, 176 + n * 16)];
    if (high.some(Boolean) || low.some(Boolean)) out.push(`ymm${n} ${hex(high)}_${hex(low)}`);
  }
  for (let at = 0; at < test.data.length; at += 8) {
    const bytes = test.data.slice(at, at + 8);
    if (bytes.some(Boolean)) out.push(`window+${at} ${hex(bytes)}`);
  }
  return out;
}
