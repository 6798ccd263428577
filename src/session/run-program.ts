// Puts a machine, a kernel and a tracer together for one run of one program.
import type { TracerHooks } from "../abi/tracee.js";
import { MachineServer, type ReadOptions } from "../control/machine-server.js";
import { createProcessor } from "../cpu/processor.js";
import { MODELS } from "../cpu/x86/cpuid.js";
import { isVendor, VENDORS } from "../cpu/x86/vendor.js";
import { obeyBranchHints } from "../host/engine-flags.js";
import { NodeHost } from "../host/node-host.js";
import type { User } from "../host/users.js";
import type { BudgetLimits } from "../kernel/budget.js";
import type { KernelConfig } from "../kernel/entry/boot.js";
import type { PathObserver } from "../kernel/entry/cpu.js";
import { Kernel } from "../kernel/kernel.js";
import { forwardHostSignals } from "../kernel/signal/host-signals.js";
import { spawnFirst } from "../kernel/task/first-task.js";
import { schedule } from "../kernel/task/scheduler.js";
import { UserError } from "../lib/errors.js";
import { syscalls } from "../syscalls/table.js";
import { openKeptCode } from "./kept-code.js";

export type { KernelConfig };

export interface RunOptions {
  /** Path of the program inside the guest's root. */
  program: string;
  argv: string[];
  /** "NAME=value" strings, or an object of them. */
  env: Record<string, string> | string[];
  /** Guest directory; the host's own when undefined. */
  cwd?: string;
  /** Who runs it: -u. */
  user?: User | undefined;
  /** Host directory that becomes the guest's "/". */
  root?: string;
  /** Host directories whose changes are real. */
  rw?: string[];
  /** Changes in memory become the host's at the end. */
  commit?: boolean;
  /** Internet sockets reach the host's network; otherwise the machine has only lo. */
  hostNetwork?: boolean;
  deterministic?: boolean;
  seed?: number;
  /** Seed of address-space randomisation; off when undefined. */
  aslr?: number | undefined;
  hooks?: TracerHooks;
  /** Trace children too: strace -f. */
  follow?: boolean;
  /** Others may find the machine, look at it and attach to its processes: how their options are read. */
  readOptions?: ReadOptions;
  /** Gets what is to be called when tasks that a tracer holds may go on. */
  onWaker?: (wake: () => void) => void;
  /** Watches every step of the entry path. */
  pathObserver?: PathObserver;
  onInvalidOpcode?: (rip: number, bytes: Uint8Array) => void;
  /** What the machine may use of the host: processes and threads, bytes of memory, files made in memory. */
  limits?: Partial<BudgetLimits>;
  /** How the kernel is configured, where that is not as distributions have it. */
  kernelConfig?: Partial<KernelConfig>;
  /** What was made of the program's code is kept for its next run, and used if it was: unless false. */
  keep?: boolean;
  /** Model the processor reports: x86-64 or x86-64-v2. */
  cpu?: string;
  /** Whose processor it is: intel or amd. */
  cpuVendor?: string;
}

export interface RunResult {
  kind: "exited" | "killed";
  /** Exit status, or the signal. */
  status: number;
  core?: boolean;
  /** Files of the host's tree changed in memory only. */
  filesChanged: number;
  /** What --commit could not do, a line for each; undefined without it. */
  commitFailures?: string[];
  /** Set when the program never started: errno of the first execve. */
  execErrno?: number;
}

export async function runProgram(options: RunOptions): Promise<RunResult> {
  const server = options.readOptions && new MachineServer(!options.deterministic);
  try {
    return await runMachine(options, server);
  } finally {
    await server?.close();
  }
}

async function runMachine(options: RunOptions, server: MachineServer | undefined): Promise<RunResult> {
  const host = new NodeHost();
  // The vDSO's clock is the time stamp counter: it counts nanoseconds of the kernel's monotonic clock.
  let kernel: Kernel | undefined;
  const timestamp = (): bigint => BigInt(Math.floor(kernel?.clock.monotonic() ?? 0));
  if (options.cpu !== undefined && !MODELS.includes(options.cpu))
    throw new UserError(`there is no processor '${options.cpu}': ${MODELS.join(", ")}`);
  const vendor = options.cpuVendor ?? "intel";
  if (!isVendor(vendor)) throw new UserError(`there is no maker of processors '${vendor}': ${VENDORS.join(", ")}`);
  const entropy = (bytes: Uint8Array) => kernel?.random(bytes);
  const processor = createProcessor({
    timestamp,
    entropy,
    beforeCompiling: obeyBranchHints,
    vendor,
    ...(options.cpu === undefined ? {} : { model: options.cpu }),
  });
  kernel = new Kernel({
    host,
    processor,
    declarations: syscalls,
    hooks: options.hooks,
    onInvalidOpcode: options.onInvalidOpcode,
    root: hostPath(options.root ?? "/"),
    writable: (options.rw ?? []).map(hostPath),
    usesHostNetwork: options.hostNetwork ?? false,
    deterministic: options.deterministic ?? false,
    seed: options.seed ?? 0,
    aslr: options.aslr,
    followsForks: options.follow ?? false,
    firstPid: server?.firstPid,
    limits: options.limits,
    config: options.kernelConfig,
    hwcap: processor.hwcap,
    hwcap2: processor.hwcap2,
  });
  options.onWaker?.(() => kernel?.wake());
  if (options.pathObserver) kernel.cpu.watch(options.pathObserver);
  // Randomised addresses are found again by nobody.
  const keepCode = options.keep !== false && options.aslr === undefined ? openKeptCode(processor, kernel) : undefined;
  const { task, execErrno } = spawnFirst(kernel, {
    program: bytes(options.program),
    argv: options.argv.map(bytes),
    envp: environment(options.env).map(bytes),
    cwd: options.cwd === undefined ? undefined : bytes(options.cwd),
    user: options.user,
  });
  if (options.readOptions) server?.start({ kernel, declarations: syscalls, readOptions: options.readOptions });
  const stopForwarding = forwardHostSignals(kernel, task);
  try {
    await schedule(kernel);
  } finally {
    stopForwarding();
  }
  keepCode?.();
  const filesChanged = kernel.filesChanged;
  const committed = options.commit ? { commitFailures: kernel.commit() } : {};
  const result = { filesChanged, ...committed, ...(execErrno === undefined ? {} : { execErrno }) };
  const status = task.exitStatus;
  if ((status & 0x7f) === 0) return { kind: "exited", status: (status >> 8) & 0xff, ...result };
  return { kind: "killed", status: status & 0x7f, core: (status & 0x80) !== 0, ...result };
}

/** The kernel's strings have one character per byte. */
function bytes(text: string): string {
  return Buffer.from(text).toString("latin1");
}

function hostPath(path: string): string {
  const absolute = bytes(path.startsWith("/") ? path : `${process.cwd()}/${path}`);
  const parts: string[] = [];
  for (const part of absolute.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

export function environment(env: Record<string, string> | string[]): string[] {
  return Array.isArray(env) ? env : Object.entries(env).map(([name, value]) => `${name}=${value}`);
}
