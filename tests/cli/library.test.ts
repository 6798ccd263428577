// The library's events and who takes them: quickly, slowly, not to the end, or not at all.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EventQueue } from "../../src/library/event-queue.js";
import { type TraceEvent, trace } from "../../src/library/index.js";
import { program, word } from "../elf-program.js";

const CALLS = 20_000;
/** mov ebx, CALLS; then getpid() and dec ebx until it is 0; exit_group(7). */
const CALLER = [
  ...[0xbb, ...word(CALLS), 0xb8, ...word(39), 0x0f, 0x05, 0xff, 0xcb, 0x75, 0xf5],
  ...[0xbf, ...word(7), 0xb8, ...word(231), 0x0f, 0x05],
];
const PAUSE = 400; // milliseconds
const BEYOND_THE_QUEUE = 6000;

let directory: string;
let file: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "tsstrace-library-"));
  file = join(directory, "caller");
  writeFileSync(file, program(CALLER), { mode: 0o755 });
});
afterAll(() => rmSync(directory, { recursive: true }));

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
const isCall = (event: TraceEvent): boolean => event.type === "call" && event.name === "getpid";
const timeOf = (event: TraceEvent): number => (event.type === "path" ? 0 : event.time);

test("a program waits for who takes its events slowly, and loses none", async () => {
  const run = trace(file);
  const times: number[] = [];
  for await (const event of run) {
    if (isCall(event)) times.push(timeOf(event));
    if (times.length === 100) await pause(PAUSE);
  }
  expect(times).toHaveLength(CALLS);
  // Calls beyond those that may wait in the queue are not made before the pause is over.
  expect(times[BEYOND_THE_QUEUE] - times[99]).toBeGreaterThan((PAUSE / 1000) * 0.9);
  expect((await run.result).status).toBe(7);
});

test("the queue is full at its bound, and open again when half of it is taken", async () => {
  const queue = new EventQueue();
  let woken = 0;
  queue.wakeMachine = () => woken++;
  const event = { type: "path", pid: 1, call: "getpid", number: 39, traced: true, steps: [] } as const;
  let count = 0;
  for (; !queue.isFull && count < 100_000; count++) queue.push(event);
  expect(count).toBe(4096);
  const events = queue.take();
  for (let taken = 0; taken < count / 2; taken++) {
    expect([queue.isFull, woken]).toEqual([true, 0]);
    await events.next();
  }
  expect([queue.isFull, woken]).toEqual([false, 1]);
});

test("it goes on when nobody takes the rest", async () => {
  const run = trace(file);
  for await (const event of run) if (isCall(event)) break;
  expect((await run.result).status).toBe(7);
});

test("events are kept for who waits for the end first", async () => {
  const run = trace(file);
  expect((await run.result).status).toBe(7);
  let count = 0;
  for await (const event of run) if (isCall(event)) count++;
  expect(count).toBe(CALLS);
});

test("there is no such program", () => {
  expect(() => trace(join(directory, "none"))).toThrow(/none: No such file or directory$/);
});
