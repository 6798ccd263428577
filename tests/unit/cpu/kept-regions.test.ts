// Compiled code that an earlier processor made: it does what this one's would, is taken only for the same bytes, and damage to it is no harm.
import { describe, expect, test } from "vitest";
import type { KeptImage } from "../../../src/cpu/kept-programs.js";
import { createProcessor, type EmulatedProcessor, type ProcessorOptions } from "../../../src/cpu/processor.js";
import { PROGRAM, slicesOf } from "./winding-program.js";

const FUEL = 50;
const HOT = 40;
const RUNNING = {};

function keeping(image: Uint8Array | undefined, options: ProcessorOptions = { hot: HOT }): EmulatedProcessor {
  const cpu = createProcessor(options);
  cpu.libraries.regions.useImages({ running: () => RUNNING, open: () => ({ key: "program", image }) });
  return cpu;
}

const compiled = (cpu: EmulatedProcessor): number => cpu.libraries.regions.compiled;

/** What a first run leaves. */
function imageOf(code = PROGRAM, image?: Uint8Array, options?: ProcessorOptions): Uint8Array {
  const cpu = keeping(image, options);
  slicesOf(cpu, FUEL, code);
  expect(compiled(cpu)).toBeGreaterThan(0);
  const images: KeptImage[] = cpu.libraries.regions.images();
  expect(images.map(({ key }) => key)).toEqual(["program"]);
  return images[0].image;
}

const cold = (code = PROGRAM) => slicesOf(createProcessor({ hot: Infinity }), FUEL, code);

test("a later run has the code sooner, and ends its slices in the same places", () => {
  const image = imageOf();
  // So hot nothing gets: what there is was kept.
  const later = keeping(image, { hot: 1_000_000 });
  expect(slicesOf(later, FUEL)).toEqual(cold());
  expect(compiled(later)).toBeGreaterThan(2);
  expect(later.libraries.regions.images()).toEqual([]);
  expect(slicesOf(later, FUEL)).toEqual(cold());
});

test("code that was learnt later joins what there was", () => {
  const first = imageOf(PROGRAM, undefined, { hot: 200 });
  const second = imageOf(PROGRAM, first, { hot: 31 });
  expect(second.length).toBeGreaterThan(first.length);
  expect(slicesOf(keeping(second), FUEL)).toEqual(cold());
});

test("other bytes at the same addresses are not taken for it", () => {
  const add = PROGRAM.indexOf(Buffer.from("4883c303", "hex"));
  const other = Buffer.from(PROGRAM);
  other[add + 3] = 4;
  const cpu = keeping(imageOf());
  expect(slicesOf(cpu, FUEL, other)).toEqual(cold(other));
  expect(slicesOf(cpu, FUEL)).toEqual(cold());
});

test("microcode is found again", () => {
  // mov ecx,20000; l: push rcx; std; lea rdi,[rsp-8]; mov ecx,3; rep stosb; cld; xor eax,eax; cpuid; add esi,ebx; pop rcx; dec ecx; jnz l; syscall
  const code = Buffer.from("b9204e000051fd488d7c24f8b903000000f3aafc31c00fa201de59ffc975e60f05", "hex");
  const later = keeping(imageOf(code), { hot: 1_000_000 });
  expect(slicesOf(later, FUEL, code)).toEqual(cold(code));
  expect(compiled(later)).toBeGreaterThan(0);
});

describe("damage", () => {
  const image = imageOf();
  const expected = cold();

  test("cut off anywhere", () => {
    for (let length = 0; length < image.length; length += 997)
      expect(slicesOf(keeping(image.slice(0, length)), FUEL)).toEqual(expected);
  });

  test("a byte is wrong anywhere", () => {
    for (let at = 0; at < image.length; at += 613) {
      const damaged = image.slice();
      damaged[at] ^= 0x11;
      expect(slicesOf(keeping(damaged), FUEL)).toEqual(expected);
    }
  });

  test("an image of another program", () => {
    const cpu = createProcessor({ hot: 1_000_000 });
    cpu.libraries.regions.useImages({ running: () => RUNNING, open: () => ({ key: "another", image }) });
    expect(slicesOf(cpu, FUEL)).toEqual(expected);
    expect(compiled(cpu)).toBe(0);
  });
});
