// Runs cases on the processor this test runs on: builds run-cases.c once, feeds it batches of records, takes back the outcomes.
import { type ChildProcessByStdio, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { CASE_SIZE, decodeOutcome, encodeCase, normalizeOutcome, OUTCOME_SIZE, Records } from "./case-record.js";
import type { CpuCase, CpuOutcome } from "./cpu-case.js";

/** Cases in one batch: at most MAX_BATCH of run-cases.c. */
export const BATCH = 2048;

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

/** The real processor, behind a process that lives until `close`. */
export class NativeProcessor {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  #target: Uint8Array | undefined;
  #filled = 0;
  #done: () => void = () => {};
  #failed: (error: Error) => void = () => {};

  constructor() {
    this.#child = spawn(runnerPath(), { stdio: ["pipe", "pipe", "inherit"] });
    this.#child.stdout.on("data", (chunk: Buffer) => this.#take(chunk));
    this.#child.stdin.on("error", () => {}); // told by the exit status
    this.#child.on("close", (status, signal) => {
      if (this.#target) this.#failed(new Error(`run-cases ended with ${status ?? signal}`));
    });
  }

  /** Runs the first `count` cases; their outcomes, normalised, are in `outcomes` when it is done. One call at a time. */
  async run(cases: Records, count: number, outcomes: Records): Promise<void> {
    if (count === 0) return;
    const head = new Uint8Array(4);
    new DataView(head.buffer).setUint32(0, count, true);
    await new Promise<void>((resolve, reject) => {
      this.#target = outcomes.bytes.subarray(0, count * OUTCOME_SIZE);
      this.#filled = 0;
      this.#done = resolve;
      this.#failed = reject;
      this.#child.stdin.write(head);
      this.#child.stdin.write(cases.bytes.subarray(0, count * CASE_SIZE));
    });
    for (let at = 0; at < count * OUTCOME_SIZE; at += OUTCOME_SIZE) normalizeOutcome(outcomes, at);
  }

  #take(chunk: Buffer): void {
    const target = this.#target as Uint8Array;
    target.set(chunk, this.#filled);
    this.#filled += chunk.length;
    if (this.#filled < target.length) return;
    this.#target = undefined;
    this.#done();
  }

  close(): void {
    this.#child.stdin.end();
  }
}

/** Runs every case on the real processor, in order. */
export async function runNative(tests: readonly CpuCase[]): Promise<CpuOutcome[]> {
  const processor = new NativeProcessor();
  const cases = new Records(CASE_SIZE, BATCH);
  const outcomes = new Records(OUTCOME_SIZE, BATCH);
  const results: CpuOutcome[] = [];
  try {
    for (let start = 0; start < tests.length; start += BATCH) {
      const batch = tests.slice(start, start + BATCH);
      batch.forEach((test, index) => {
        encodeCase(test, cases, index * CASE_SIZE);
      });
      await processor.run(cases, batch.length, outcomes);
      batch.forEach((_, index) => {
        results.push(decodeOutcome(outcomes, index * OUTCOME_SIZE));
      });
    }
  } finally {
    processor.close();
  }
  return results;
}

let builtRunner: string | undefined;

function runnerPath(): string {
  if (builtRunner) return builtRunner;
  const source = sourceFile("run-cases.c");
  const hash = createHash("sha256").update(readFileSync(source)).digest("hex").slice(0, 16);
  const directory = join(tmpdir(), "tsstrace-tests");
  const binary = join(directory, `run-cases-${hash}`);
  if (!existsSync(binary)) {
    mkdirSync(directory, { recursive: true });
    const fresh = `${binary}.${process.pid}`;
    // Linked where no edge value points.
    const options = ["-O2", "-static", "-no-pie", "-fno-stack-protector", "-Wl,-Ttext-segment=0x35a5a000"];
    execFileSync("gcc", [...options, "-o", fresh, source], { stdio: "pipe" });
    renameSync(fresh, binary); // another worker may build at the same time
  }
  builtRunner = binary;
  return binary;
}

/** A file beside this one, also when this is the compiled copy under build/. */
function sourceFile(name: string): string {
  const here = fileURLToPath(new URL(name, import.meta.url));
  return here.replace(`${sep}build${sep}tests${sep}`, `${sep}tests${sep}`);
}
