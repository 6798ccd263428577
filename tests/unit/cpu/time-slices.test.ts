// A time slice ends at the same instruction, with the same registers, whichever engines ran the code: what a program with threads does never
// depends on what was compiled, or on what was kept of an earlier run.
import { expect, test } from "vitest";
import { createProcessor, type ProcessorOptions } from "../../../src/cpu/processor.js";
import { slicesOf } from "./winding-program.js";

const ENGINES: Readonly<Record<string, ProcessorOptions>> = {
  "compiled at once": { hot: 0 },
  "compiled after some runs": { hot: 20 },
  "compiled after many runs": { hot: 150 },
  "the interpreter": { interpret: true },
};

for (const [engine, options] of Object.entries(ENGINES))
  test.each([1, 2, 7, 50, 333])(`${engine}: slices of %i end where those of cold code do`, (fuel) => {
    const cold = slicesOf(createProcessor({ hot: Infinity }), fuel);
    expect(cold.length).toBeGreaterThan(4);
    expect(slicesOf(createProcessor(options), fuel)).toEqual(cold);
  });
