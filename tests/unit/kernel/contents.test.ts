// Files in memory: holes are holes, and what is moved or taken out leaves the rest where it belongs.
import { describe, expect, test } from "vitest";
import { Contents } from "../../../src/kernel/fs/tmpfs/contents.js";

const PAGE = 4096;

function filled(pages: number): Contents {
  const contents = new Contents();
  for (let page = 0; page < pages; page++) contents.writeAt(page * PAGE, new Uint8Array(PAGE).fill(page + 1));
  return contents;
}

function firstBytes(contents: Contents): number[] {
  const bytes = new Uint8Array(contents.size);
  contents.readAt(0, bytes);
  return Array.from({ length: contents.size / PAGE }, (_, page) => bytes[page * PAGE]);
}

describe("holes", () => {
  test("what was not written is one, over chunks too", () => {
    const contents = new Contents();
    contents.writeAt(300_000, Uint8Array.of(1));
    expect([contents.seek(0, true), contents.seek(0, false), contents.blocks]).toEqual([299_008, 0, 8]);
    expect(contents.seek(299_008, false)).toBe(300_001);
    contents.truncate(1_000_000);
    expect(contents.seek(300_001, true)).toBe(300_001);
    expect(contents.seek(303_104, true)).toBe(1_000_000);
  });

  test("punching gives whole pages back and zeros parts", () => {
    const contents = filled(4);
    contents.punch(100, 2 * PAGE + 100);
    expect(contents.blocks).toBe(24);
    expect([contents.seek(PAGE, true), contents.seek(0, false)]).toEqual([2 * PAGE, PAGE]);
    const bytes = new Uint8Array(200);
    contents.readAt(0, bytes);
    expect([bytes[99], bytes[100]]).toEqual([1, 0]);
  });

  test("room set aside is no data", () => {
    const contents = new Contents();
    contents.allocate(0, 10 * PAGE);
    contents.truncate(10 * PAGE);
    expect([contents.blocks, contents.seek(0, true)]).toEqual([80, 10 * PAGE]);
  });
});

describe("ranges", () => {
  test("taken out", () => {
    const contents = filled(20);
    contents.shift(PAGE, 17 * PAGE);
    expect(firstBytes(contents)).toEqual([1, 19, 20]);
  });

  test("put in", () => {
    const contents = filled(3);
    contents.shift(PAGE, -2 * PAGE);
    expect(firstBytes(contents)).toEqual([1, 0, 0, 2, 3]);
    expect(contents.seek(PAGE, true)).toBe(3 * PAGE);
  });
});
