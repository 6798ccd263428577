// SIGINT to the tool ends a guest soon, whatever it is doing.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DATA, DATA_SIZE, program, word } from "../elf-program.js";
import { TSSTRACE } from "../tool.js";

/** Milliseconds a program runs before the signal, and may run after it, on a busy machine. */
const BEFORE = 1000;
const AFTER = 10_000;

/** mov esi, DATA; mov edi, DATA; mov ecx, count; mov eax, 0x01020304; then the instruction; and all of it again. */
function forever(count: number, ...repeated: number[]): number[] {
  const body = [0xbe, ...word(DATA), 0xbf, ...word(DATA), 0xb9, ...word(count), 0xb8, ...word(0x01020304), ...repeated];
  return [...body, 0xeb, 256 - body.length - 2];
}

test.skipIf(process.platform === "win32").each([
  ["jmp to itself", [0xeb, 0xfe]],
  ["rep stosb", forever(DATA_SIZE, 0xf3, 0xaa)],
  ["rep stosd, each element by itself", forever(DATA_SIZE / 4, 0xf3, 0xab)],
  ["rep stosb that fills less than a go", forever(1 << 19, 0xf3, 0xaa)],
  ["rep lodsq", forever(DATA_SIZE / 8, 0xf3, 0x48, 0xad)],
  ["repe cmpsb", forever(DATA_SIZE, 0xf3, 0xa6)],
  ["addr32 rep movsw", forever(DATA_SIZE / 2, 0x67, 0xf3, 0x66, 0xa5)],
  ["getpid", [0xb8, 39, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7]],
])("%s", async (_, code) => {
  const directory = mkdtempSync(join(tmpdir(), "tsstrace-interrupt-"));
  const file = join(directory, "program");
  writeFileSync(file, program(code), { mode: 0o755 });
  try {
    const [node, ...args] = [...TSSTRACE, "-e", "trace=none", file];
    const child = spawn(node, args, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => (said += chunk));
    const ended = new Promise<string>((resolve) =>
      child.on("close", (status, signal) => resolve(signal ?? `${status}`)),
    );
    await new Promise((resolve) => setTimeout(resolve, BEFORE));
    child.kill("SIGINT");
    const last = setTimeout(() => child.kill("SIGKILL"), AFTER);
    const how = await ended;
    clearTimeout(last);
    expect([how, said]).toEqual(["SIGINT", expect.stringContaining("+++ killed by SIGINT +++")]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
