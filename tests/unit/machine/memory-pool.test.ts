import { expect, test } from "vitest";
import { EXECUTE, GuestMemory, READ, WRITE } from "../../../src/machine/guest-memory.js";
import { MemoryPool } from "../../../src/machine/memory-pool.js";
import { PAGE_SIZE, SLOT_COUNT, STATE } from "../../../src/machine/state-layout.js";

test("an address space that is given back is empty when it is taken again", () => {
  const pool = new MemoryPool();
  const memory = pool.take();
  memory.map(0x400, READ | WRITE);
  memory.map(0x400 + SLOT_COUNT, READ | EXECUTE); // displaced
  memory.pageBytes(0x400).fill(1);
  memory.pageBytes(0x400 + SLOT_COUNT).fill(2);
  const slot = memory.slotOf(0x400 + SLOT_COUNT);
  memory.watchCode(0x400);
  memory.i32[STATE >>> 2] = 5;
  const told: string[] = [];
  memory.onCodeChange = () => told.push("page");
  memory.onClear = () => told.push("all");
  pool.give(memory);
  expect(told).toEqual(["all"]);
  const again = pool.take();
  expect(again).toBe(memory);
  expect(pool.made).toBe(1);
  expect(again.pageCount).toBe(0);
  expect(again.slotOf(0x400)).toBe(-1);
  expect(again.slotOf(0x400 + SLOT_COUNT)).toBe(-1);
  expect(again.linear(0x400 * PAGE_SIZE, READ)).toBe(-1);
  expect(again.i32[STATE >>> 2]).toBe(0);
  for (const at of [0x400, slot])
    expect(again.u8.slice(at * PAGE_SIZE, (at + 1) * PAGE_SIZE).some((b) => b)).toBe(false);
  expect(pool.take()).not.toBe(memory);
});

test("the pool holds a bounded number of spaces", () => {
  const pool = new MemoryPool();
  const all = Array.from({ length: 66 }, () => pool.take());
  for (const memory of all) pool.give(memory);
  for (const _ of all) pool.take();
  expect(pool.made).toBe(68);
});

test("mapped pages are found in narrow and wide ranges, in order", () => {
  const memory = new GuestMemory();
  for (const page of [0x7ffff_ffff, 3, 1000, 511, 512]) memory.map(page, READ);
  expect(memory.mappedPages(0, 600)).toEqual([3, 511, 512]);
  expect(memory.mappedPages(4, 512)).toEqual([511]);
  expect(memory.mappedPages(0, 2 ** 35)).toEqual([3, 511, 512, 1000, 0x7ffff_ffff]);
  memory.unmap(512);
  expect(memory.mappedPages(500, 0x7ffff_ffff)).toEqual([511, 1000]);
});
