// npm run fuzz:bytes -- [--cases N] [--seed N] [--engines a,b] [--from N]
// Random bytes as guest code, millions of them. A worker runs them; this thread sees to it that it gets on.
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { randomFor } from "./case-generator.js";
import { ENGINE_NAMES, type EngineName } from "./emulated-driver.js";
import { anyBytes, BytesRunner } from "./random-bytes.js";

interface Task {
  readonly seed: number;
  readonly from: number;
  readonly cases: number;
  readonly engine: EngineName;
  /** The number of the bytes being run. */
  readonly at: Int32Array;
}

const STATE = 4;
const TABLES_EVERY = 20_000;
/** Seconds in which a run of a few thousand jumps must end. */
const PATIENCE = 20;
const hex = (seed: number, number: number) => Buffer.from(anyBytes(seed, number)).toString("hex");

function work({ seed, from, cases, engine, at }: Task): void {
  const runner = new BytesRunner(engine);
  const tell = (text: string) => parentPort?.postMessage(text);
  for (let n = from; n < from + cases; n++) {
    at[0] = n;
    const what = runner.run(n, anyBytes(seed, n), randomFor(seed, n, STATE));
    if (what) tell(`${engine} ${n}: ${hex(seed, n)}: ${what}`);
    if (n % TABLES_EVERY !== 0) continue;
    const damage = runner.damage(false);
    if (damage) return tell(`${engine}, up to ${n}: ${damage}`);
  }
  const damage = runner.damage(true);
  if (damage) tell(`${engine}: ${damage}`);
}

/** How many were wrong. */
function watch(task: Task): Promise<number> {
  const worker = new Worker(new URL(import.meta.url), { workerData: task });
  let wrong = 0;
  let seen = -1;
  return new Promise((resolve) => {
    const look = setInterval(() => {
      if (task.at[0] === seen) {
        process.stdout.write(`${task.engine} ${seen}: ${hex(task.seed, seen)}: does not end\n`);
        wrong++;
        worker.terminate();
      }
      seen = task.at[0];
    }, PATIENCE * 1000);
    worker.on("message", (text: string) => {
      wrong++;
      process.stdout.write(`${text}\n`);
    });
    worker.on("error", (error) => {
      wrong++;
      process.stdout.write(`${task.engine} ${task.at[0]}: ${error.stack}\n`);
    });
    worker.on("exit", () => {
      clearInterval(look);
      resolve(wrong);
    });
  });
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      cases: { type: "string", default: "1000000" },
      seed: { type: "string", default: "1" },
      engines: { type: "string", default: ENGINE_NAMES.join() },
      from: { type: "string", default: "0" },
    },
  });
  let wrong = 0;
  for (const engine of values.engines.split(",") as EngineName[]) {
    const started = performance.now();
    const at = new Int32Array(new SharedArrayBuffer(4));
    const cases = Number(values.cases);
    const found = await watch({ seed: Number(values.seed), from: Number(values.from), cases, engine, at });
    const seconds = (performance.now() - started) / 1000;
    process.stdout.write(`${engine}: ${cases} byte strings, ${found} wrong, ${seconds.toFixed(0)} s\n`);
    wrong += found;
  }
  return wrong;
}

if (isMainThread) process.exitCode = (await main()) > 0 ? 1 : 0;
else work(workerData as Task);
