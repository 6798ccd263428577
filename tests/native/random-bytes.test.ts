// Random bytes as guest code end in traps. A longer run: npm run fuzz:bytes
import { expect, test } from "vitest";
import { randomFor } from "./case-generator.js";
import { ENGINE_NAMES } from "./emulated-driver.js";
import { anyBytes, BytesRunner } from "./random-bytes.js";

const SEED = 1;
const COUNT = 400;
const STATE = 4;

test.each(ENGINE_NAMES)("%s", (engine) => {
  const runner = new BytesRunner(engine);
  const wrong: string[] = [];
  for (let n = 0; n < COUNT; n++) {
    const code = anyBytes(SEED, n);
    const what = runner.run(n, code, randomFor(SEED, n, STATE));
    if (what) wrong.push(`${n}: ${Buffer.from(code).toString("hex")}: ${what}`);
  }
  expect(wrong).toEqual([]);
  expect(runner.damage(false)).toBeUndefined();
});
