// What is read of an ELF file for stack traces: the functions of a real one, and no exception for a damaged one.
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { evaluate } from "../../../src/elf/dwarf-expression.js";
import { ElfImage, type FileBytes } from "../../../src/elf/elf-image.js";

function fileOf(bytes: Uint8Array): FileBytes {
  return {
    size: bytes.length,
    read: (offset, length) =>
      length >= 0 && offset >= 0 && offset + length <= bytes.length ? bytes.slice(offset, offset + length) : undefined,
  };
}

const PROGRAM = "/bin/sh";
const missing = !existsSync(PROGRAM);
const original = missing ? new Uint8Array(0) : new Uint8Array(readFileSync(PROGRAM));

function look(bytes: Uint8Array): number {
  const image = ElfImage.open(fileOf(bytes));
  if (image === undefined) return 0;
  let rows = 0;
  for (let address = 0x1000; address < 0x20000; address += 0x193) {
    if (image.frames?.row(address) !== undefined) rows++;
    image.functions.find(address);
  }
  void image.buildId;
  void image.debugLink;
  return rows;
}

test.skipIf(missing)("a shell has rules for its functions", () => {
  expect(look(original)).toBeGreaterThan(10);
});

test.skipIf(missing)("damaged files are read without an exception", () => {
  let seed = 1;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  for (let round = 0; round < 150; round++) {
    const bytes = original.slice(0, round % 3 === 0 ? random(original.length) : original.length);
    for (let i = 0; i < 20; i++) bytes[random(i % 2 === 0 ? Math.min(1024, bytes.length) : bytes.length)] = random(256);
    // The tables at the end, and what the call frame information is made of.
    for (let i = 0; i < 400; i++) bytes[bytes.length - 1 - random(bytes.length / 2)] = random(256);
    look(bytes);
  }
});

test("an expression is a stack machine with an end", () => {
  const context = {
    register: (number: number) => (number === 7 ? 0x1000n : undefined),
    memory: (address: bigint) => address * 2n,
  };
  const run = (...code: number[]) => evaluate(Uint8Array.from(code), context);
  expect(run(0x77, 0x08)).toBe(0x1008n); // breg7 8
  expect(run(0x77, 0x08, 0x06)).toBe(0x2010n); // deref
  expect(run(0x35, 0x33, 0x1c)).toBe(2n); // 5 - 3
  expect(run(0x31, 0x32, 0x16)).toBe(1n); // swap
  expect(run(0x31, 0x32, 0x33, 0x17)).toBe(2n); // rot
  expect(run(0x09, 0xff)).toBe(0xffff_ffff_ffff_ffffn); // const1s -1
  expect(run(0x30, 0x1b)).toBeUndefined();
  expect(run(0x76, 0)).toBeUndefined();
  expect(run(0x2f, 0xfd, 0xff)).toBeUndefined(); // a loop
  expect(run(0x0e, 1, 2)).toBeUndefined();
});
