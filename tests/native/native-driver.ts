// Runs cases on the processor this test runs on: builds run-cases.c once, feeds it batches, decodes what comes back.
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type CpuCase,
  type CpuOutcome,
  DATA_WINDOW,
  DEFAULT_CODE_OFFSET,
  DEFAULT_DATA_OFFSET,
  MAX_CODE,
  NO_STRAY,
  normalizeXsave,
  XSAVE_SIZE,
} from "./cpu-case.js";

// struct test_case and struct outcome of run-cases.c.
const CASE_SIZE = 1312;
const CASE = { length: 0, codeOffset: 4, dataOffset: 8, rflags: 12, gpr: 16, code: 144, data: 208, xsave: 464 };
const OUTCOME_SIZE = 1264;
const OUTCOME = { gpr: 0, rip: 128, rflags: 136, cr2: 144, trap: 152, error: 156, stray: 160, data: 176, xsave: 432 };
const BATCH = 2048;

/** Why cases cannot run natively here, or undefined when they can. */
export function nativeUnavailable(): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") return "the processor is not x86-64 under Linux";
  try {
    runnerPath();
    return undefined;
  } catch (error) {
    return `gcc does not build tests/native/run-cases.c: ${error instanceof Error ? error.message.split("\n")[0] : error}`;
  }
}

/**
 * Why cases in the corners where processors of different makers differ cannot be compared, or undefined: the emulated
 * processor is an Intel one.
 */
export function intelUnavailable(): string | undefined {
  const unavailable = nativeUnavailable();
  if (unavailable) return unavailable;
  return /GenuineIntel/.test(readFileSync("/proc/cpuinfo", "utf8")) ? undefined : "the processor is not an Intel one";
}

/** Runs every case on the real processor, in order. */
export async function runNative(cases: readonly CpuCase[]): Promise<CpuOutcome[]> {
  const child = spawn(runnerPath(), { stdio: ["pipe", "pipe", "inherit"] });
  const outcomes: CpuOutcome[] = [];
  const received = receive(child.stdout, (record) => outcomes.push(decodeOutcome(record)));
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  child.stdin.on("error", () => {}); // told by the exit status
  for (let start = 0; start < cases.length; start += BATCH) {
    if (!child.stdin.write(encodeBatch(cases.slice(start, start + BATCH)))) await drained(child.stdin, ended);
  }
  child.stdin.end();
  await received;
  const status = await ended;
  if (status !== 0 || outcomes.length !== cases.length)
    throw new Error(`run-cases ended with ${status ?? child.signalCode} after ${outcomes.length} of ${cases.length}`);
  return outcomes;
}

let builtRunner: string | undefined;

function runnerPath(): string {
  if (builtRunner) return builtRunner;
  const source = fileURLToPath(new URL("run-cases.c", import.meta.url));
  const hash = createHash("sha256").update(readFileSync(source)).digest("hex").slice(0, 16);
  const directory = join(tmpdir(), "tsstrace-tests");
  const binary = join(directory, `run-cases-${hash}`);
  if (!existsSync(binary)) {
    mkdirSync(directory, { recursive: true });
    const fresh = `${binary}.${process.pid}`;
    execFileSync("gcc", ["-O2", "-static", "-no-pie", "-o", fresh, source], { stdio: "pipe" });
    renameSync(fresh, binary); // another worker may build at the same time
  }
  builtRunner = binary;
  return binary;
}

function encodeBatch(cases: readonly CpuCase[]): Uint8Array {
  const bytes = new Uint8Array(4 + cases.length * CASE_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, cases.length, true);
  cases.forEach((test, index) => {
    encodeCase(test, bytes, view, 4 + index * CASE_SIZE);
  });
  return bytes;
}

function encodeCase(test: CpuCase, bytes: Uint8Array, view: DataView, at: number): void {
  if (test.code.length > MAX_CODE) throw new RangeError(`${test.code.length} bytes of code`);
  if (test.data.length !== DATA_WINDOW || test.xsave.length !== XSAVE_SIZE || test.gpr.length !== 16)
    throw new RangeError("a case's data, xsave or gpr has the wrong length");
  view.setUint32(at + CASE.length, test.code.length, true);
  view.setUint32(at + CASE.codeOffset, test.codeOffset ?? DEFAULT_CODE_OFFSET, true);
  view.setUint32(at + CASE.dataOffset, test.dataOffset ?? DEFAULT_DATA_OFFSET, true);
  view.setUint32(at + CASE.rflags, test.rflags, true);
  test.gpr.forEach((value, index) => {
    view.setBigUint64(at + CASE.gpr + index * 8, value, true);
  });
  bytes.set(test.code, at + CASE.code);
  bytes.set(test.data, at + CASE.data);
  bytes.set(test.xsave, at + CASE.xsave);
}

function decodeOutcome(record: Uint8Array): CpuOutcome {
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  const first = view.getInt32(OUTCOME.stray, true);
  return {
    gpr: Array.from({ length: 16 }, (_, index) => view.getBigUint64(OUTCOME.gpr + index * 8, true)),
    rip: view.getBigUint64(OUTCOME.rip, true),
    rflags: Number(view.getBigUint64(OUTCOME.rflags, true)),
    cr2: view.getBigUint64(OUTCOME.cr2, true),
    trap: view.getUint32(OUTCOME.trap, true),
    error: view.getUint32(OUTCOME.error, true),
    stray:
      first < 0
        ? NO_STRAY
        : {
            first,
            last: view.getInt32(OUTCOME.stray + 4, true),
            hash: view.getUint32(OUTCOME.stray + 8, true),
          },
    data: record.slice(OUTCOME.data, OUTCOME.data + DATA_WINDOW),
    xsave: normalizeXsave(record.slice(OUTCOME.xsave, OUTCOME.xsave + XSAVE_SIZE)),
  };
}

/** Cuts the stream into outcome records, whatever chunks it comes in. */
async function receive(stream: AsyncIterable<Buffer>, take: (record: Uint8Array) => void): Promise<void> {
  const record = new Uint8Array(OUTCOME_SIZE);
  let filled = 0;
  for await (const chunk of stream) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + OUTCOME_SIZE - filled);
      record.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < OUTCOME_SIZE) continue;
      take(record);
      filled = 0;
    }
  }
}

async function drained(stream: NodeJS.WritableStream, ended: Promise<unknown>): Promise<void> {
  await Promise.race([new Promise<void>((resolve) => stream.once("drain", resolve)), ended]);
}
