// The C programs of tests/programs, compiled once for all tests: static, against glibc, with and without what x86-64-v3 adds, and against musl.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { PROJECT_ROOT } from "../tool.js";

const SOURCES = join(PROJECT_ROOT, "tests/programs");

/** How a program is compiled; the name tells the tests apart. */
export const COMPILERS = {
  glibc: ["gcc", "-static", "-O2"],
  // The kernel's headers are glibc's neighbours: musl has none of its own.
  musl: ["musl-gcc", "-static", "-O2", "-idirafter", "/usr/include", "-idirafter", "/usr/include/x86_64-linux-gnu"],
  "x86-64-v3": ["gcc", "-static", "-O3", "-march=x86-64-v3"],
  m32: ["gcc", "-m32", "-static", "-O2"],
  "m32-dynamic": ["gcc", "-m32", "-O2"],
} as const;

/** Programs that are about the registers or instructions of 64-bit code. */
const FOR_64_BITS = new Set([
  "bits",
  "faults",
  "file-directories",
  "file-waiting", // these call by numbers that mean something else there
  "floating-environment",
  "generated-code",
  "hot-faults",
  "int80-calls",
  "int80-registers",
  "makers",
  "signal-calls",
  "process-calls",
  "time-calls",
  "settings-calls",
  "memory-calls",
  "user-dispatch",
  "ptrace-calls",
  "exec-calls",
  "socket-calls",
  "ipc-calls",
  "raw-sockets",
  "signal-driven",
  "core-dumps",
  "landlock",
  "rare-calls",
  "time-namespaces",
  "numbers-in-namespaces",
  "order-of-checks",
  "ptrace",
  "refusals",
  "stacks",
  "splice", // calls of its own with 64-bit offsets
  "stepping",
  "sysv-shared-memory", // whose structures those of 32 bits overflow
  "vectors",
  "wide",
  "x87-exceptions",
]);

/** Programs about calls and structures that musl's headers do not have. */
const FOR_GLIBC = new Set([
  "core-dumps",
  "exec-calls",
  "ipc-calls",
  "landlock",
  "memory-calls",
  "numbers-in-namespaces",
  "ptrace-calls",
  "rare-calls",
  "raw-sockets",
  "settings-calls",
  "signal-driven",
  "socket-calls",
  "time-calls",
  "time-namespaces",
]);

const FOR_32_BITS = new Set(["segments", "syscall-compat", "vsyscall"]);

/** Options of tsstrace that its programs need. */
export const MACHINE: Readonly<Record<keyof typeof COMPILERS, readonly string[]>> = {
  glibc: [],
  musl: [],
  "x86-64-v3": ["--cpu", "x86-64-v3"],
  m32: [],
  "m32-dynamic": [],
};

export type Compiler = keyof typeof COMPILERS;

export function programNames(compiler: Compiler = "glibc"): string[] {
  const isNarrow = COMPILERS[compiler].includes("-m32" as never);
  return readdirSync(SOURCES)
    .filter((file) => file.endsWith(".c"))
    .map((file) => basename(file, ".c"))
    .filter((name) => !(isNarrow ? FOR_64_BITS : FOR_32_BITS).has(name))
    .filter((name) => compiler !== "musl" || !FOR_GLIBC.has(name))
    .sort();
}

/** Why programs cannot be compiled and run here, or undefined. */
export function compilerMissing(compiler: Compiler): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") return "the oracle is native Linux x86-64";
  if (compiler === "x86-64-v3" && !/ avx2 .* bmi2 /.test(readFileSync("/proc/cpuinfo", "latin1")))
    return "the processor is no x86-64-v3";
  try {
    const [command, ...options] = COMPILERS[compiler];
    execFileSync(command, [...options, "-x", "c", "-o", "/dev/null", "-"], { input: "int main() {}", stdio: "pipe" });
    return undefined;
  } catch {
    return `no ${COMPILERS[compiler].slice(0, 2).join(" ")} that compiles`;
  }
}

/** Path of the compiled program; its base name is the program's. */
export function compile(name: string, compiler: Compiler): string {
  return compileWith(name, compiler, COMPILERS[compiler]);
}

/** The same with any compiler and options, which `label` stands for. */
export function compileWith(name: string, label: string, [command, ...options]: readonly string[]): string {
  const source = join(SOURCES, `${name}.c`);
  const sum = createHash("sha256").update(readFileSync(source)).update(options.join());
  for (const file of readdirSync(SOURCES)) if (file.endsWith(".h")) sum.update(readFileSync(join(SOURCES, file)));
  const hash = sum.digest("hex").slice(0, 12);
  const directory = join(tmpdir(), "tsstrace-tests", `${label}-${hash}`);
  const binary = join(directory, name);
  if (existsSync(binary)) return binary;
  mkdirSync(directory, { recursive: true });
  const fresh = `${binary}.${process.pid}`;
  execFileSync(command as string, [...options, "-w", "-o", fresh, source, "-lm", "-lpthread"], { stdio: "pipe" });
  renameSync(fresh, binary);
  return binary;
}
