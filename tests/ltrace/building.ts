// The programs of tests/ltrace/programs, built in the ways that lead calls to libraries.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT_ROOT } from "../tool.js";

export const PROGRAMS = join(PROJECT_ROOT, "tests/ltrace/programs");

export const WAYS: Readonly<Record<string, readonly string[]>> = {
  "bound lazily": ["gcc", "-Wl,-z,lazy"],
  "as gcc does by itself": ["gcc"],
  "at fixed addresses": ["gcc", "-no-pie"],
  "bound at the start": ["gcc", "-Wl,-z,now"],
  "with IBT, bound at the start": ["gcc", "-fcf-protection", "-Wl,-z,now", "-Wl,-z,ibtplt"],
  "with IBT, bound lazily": ["gcc", "-fcf-protection", "-Wl,-z,lazy", "-Wl,-z,ibtplt"],
  "without a PLT": ["gcc", "-fno-plt"],
  "without a PLT, optimized": ["gcc", "-fno-plt", "-O2"],
  "optimized and stripped": ["gcc", "-O2", "-s"],
  static: ["gcc", "-static"],
  "static and position-independent": ["gcc", "-static-pie"],
  musl: ["musl-gcc"],
  "musl, static": ["musl-gcc", "-static"],
};

/** Why there is no such compiler, or undefined. */
export function compilerMissing(command: string): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") return "programs are built on Linux x86-64";
  try {
    execFileSync(command, ["--version"], { stdio: "pipe" });
    return undefined;
  } catch {
    return `no ${command}`;
  }
}

/** Path of the program, whose base name is `name`. The builtins of compilers would make calls disappear. */
export function build(name: string, source: string, [command, ...options]: readonly string[]): string {
  const path = join(PROGRAMS, source);
  const hash = createHash("sha256")
    .update(readFileSync(path))
    .update([command, ...options].join())
    .digest("hex");
  const directory = join(tmpdir(), "tsstrace-tests", `ltrace-${hash.slice(0, 12)}`);
  const binary = join(directory, name);
  if (existsSync(binary)) return binary;
  mkdirSync(directory, { recursive: true });
  const unfinished = `${binary}.${process.pid}`;
  execFileSync(command as string, ["-fno-builtin", "-w", "-I", PROGRAMS, path, "-o", unfinished, ...options]);
  renameSync(unfinished, binary);
  return binary;
}
