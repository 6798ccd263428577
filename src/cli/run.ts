// Runs the program the command line names, traced or not.

import { UserError } from "../lib/errors.js";
import { findExecutable } from "../session/find-executable.js";
import type { RunOptions, RunResult } from "../session/run-program.js";
import type { StraceOptions } from "../session/trace-program.js";
import { findUser, isRoot } from "../session/users.js";
import { dieOf } from "./die.js";
import { UsageError } from "./getopt.js";
import { kernelConfig } from "./kernel-config.js";
import { type Parsed, plainOptions } from "./parsed.js";

const STDERR = 2;
/** Less holds no program. */
const SMALLEST_MEMORY = 1024 ** 2;

export async function runCommand(
  name: string,
  words: readonly string[],
  program: readonly string[],
  say: (message: string) => void,
): Promise<number> {
  const saved = words.find((word) => /^--(record|expect|diff)(=|$)/.test(word));
  if (saved !== undefined) return withSavedTraces(words, program, say);
  const parsed = plainOptions(words) ?? (await import("./parse.js")).parse(words);
  const untraced = parsed.count("run") > 0;
  const session = await import("../session/trace-program.js");
  const { straceOptions } = await import("./settings.js");
  const { formsOf, wantsProgress } = await import("./forms.js");
  const options = straceOptions(parsed, name, session.allCalls, say);
  const { format, path } = formsOf(parsed);
  options.paths = withResolved(options, session.realPath, parsed.last("root"), say);
  refuse(parsed, say);
  const tips = parsed.last("tips");
  const tip = tips === undefined ? undefined : (await import("./tips.js")).tipText(tips);
  if (parsed.count("attach") > 0) {
    const { addresses, runAttach } = await import("./attach.js");
    const wanted = addresses(parsed);
    if (program.length > 0) throw new UsageError("-p PID and PROG are mutually exclusive");
    if (untraced) throw new UsageError("--run cannot be combined with -p/--attach");
    return runAttach(name, words, wanted, parsed, options);
  }
  if (program.length === 0) throw new UsageError("must have PROG [ARGS] or -p PID");
  const run = { ...(await runOptions(parsed, program, say)), readOptions: readOptions(parsed.last("root")) };
  let result: RunResult;
  const target = {
    output: parsed.last("output"),
    append: parsed.count("output-append-mode") > 0,
    ...(path && { path }),
    progress: wantsProgress(parsed, options),
  };
  if (untraced && path) result = await session.watchPaths(run, options, target);
  else if (!untraced && format) result = await session.writeEvents(run, options, target, format);
  else if (untraced) {
    const { runProgram } = await import("../session/run-program.js");
    result = await runProgram(run);
  } else {
    if (target.append && target.output === undefined) say("-A/--output-append-mode has no effect without -o/--output");
    result = await session.traceProgram(run, options, target);
  }
  if (result.execErrno !== undefined && untraced) {
    const { errnoMessage } = await import("../abi/errno.js");
    say(`exec: ${errnoMessage(result.execErrno)}`);
    return 1;
  }
  const failures = result.commitFailures;
  for (const failure of failures ?? []) say(`cannot commit ${failure}`);
  if (failures && failures.length > 0) return 1;
  if (failures === undefined && result.filesChanged > 0 && session.isTerminal(STDERR)) {
    const files = result.filesChanged === 1 ? "1 file was" : `${result.filesChanged} files were`;
    say(`${files} changed in memory only; --rw DIR keeps changes below DIR, --commit all`);
  }
  if (tip !== undefined) process.stderr.write(tip);
  if (result.kind === "exited") return result.status;
  await dieOf(result.status);
  return 128 + result.status;
}

/** How command lines of others become tracers in a machine whose root directory is `root`. */
export function readOptions(root: string | undefined): NonNullable<RunOptions["readOptions"]> {
  return async (words, name, tool) => {
    if (tool === "ltrace") {
      const { attachSettings } = await import("./ltrace.js");
      return attachSettings(words, name);
    }
    const { parse } = await import("./parse.js");
    const { straceOptions } = await import("./settings.js");
    const { formsOf } = await import("./forms.js");
    const session = await import("../session/trace-program.js");
    const parsed = parse(words);
    const options = straceOptions(parsed, name, session.allCalls, () => {});
    options.paths = withResolved(options, session.realPath, root, () => {});
    return { options, ...formsOf(parsed) };
  };
}

/** --record, --expect, --diff. */
async function withSavedTraces(
  words: readonly string[],
  program: readonly string[],
  say: (message: string) => void,
): Promise<number> {
  const golden = await import("./golden.js");
  const parsed = (await import("./parse.js")).parse(words);
  const session = await import("../session/trace-program.js");
  const { straceOptions } = await import("./settings.js");
  if (parsed.count("diff") > 0) return golden.diffFiles(program);
  const run: Parameters<typeof golden.record>[3] = async (options, its) => {
    const settings = (await import("./parse.js")).parse(options);
    const tracer = { ...straceOptions(settings, "strace", session.allCalls, say), toFile: true };
    tracer.paths = withResolved(tracer, session.realPath, settings.last("root"), say);
    tracer.style.renaming = session.renamingOf(golden.placesHere(options));
    let text = "";
    const target = { output: undefined, append: false, collect: (piece: string) => void (text += piece) };
    const result = await session.traceProgram(
      await runOptions(settings, its, say, golden.FIXED_ENVIRONMENT),
      tracer,
      target,
    );
    return { text, status: result.kind === "exited" ? result.status : 128 + result.status };
  };
  const file = parsed.last("record");
  if (file !== undefined) return golden.record(file, words, program, run);
  return golden.expectTrace(parsed.last("expect") ?? "", parsed.count("update") > 0, program, run);
}

/** The paths of -P, each with the one it leads to: descriptors are known by that. */
function withResolved(
  options: StraceOptions,
  realPath: (path: string, root: string | undefined) => string | undefined,
  root: string | undefined,
  say: (message: string) => void,
): string[] {
  return options.paths.flatMap((path) => {
    const resolved = realPath(path, root);
    if (resolved === undefined || resolved === path) return [path];
    if (!options.quiet.has("path-resolution")) say(`Requested path "${path}" resolved into "${resolved}"`);
    return [path, resolved];
  });
}

/** What strace has and this does not: said rather than ignored. */
function refuse(parsed: Parsed, say: (message: string) => void): void {
  if (parsed.count("json") > 0) say("--json has no effect without --syscalls or --ps");
  if (parsed.count("debug") > 0) say("-d/--debug has no effect here");
  if (parsed.count("seccomp-bpf") > 0 && parsed.count("follow-forks") === 0) {
    say("--seccomp-bpf cannot be used without -f/--follow-forks, disabling");
  }
  const daemon = parsed.last("daemonize");
  if (daemon !== undefined && !["", "grandchild", "pgroup", "pgrp", "session"].includes(daemon)) {
    throw new UsageError(`invalid --daemonize argument: '${daemon}'`);
  }
  if (parsed.count("kill-on-exit") > 0 && parsed.count("attach") > 0) {
    throw new UserError("--kill-on-exit and -p/--attach are mutually exclusive options");
  }
  const call = parsed.last("detach-on");
  if (call !== undefined && call !== "execve") throw new UserError(`Syscall '${call}' for -b isn't supported`);
  const interruptible = parsed.last("interruptible");
  const kinds = ["1", "2", "3", "4", "anywhere", "waiting", "never", "never_tstp"];
  if (interruptible !== undefined && !kinds.includes(interruptible)) {
    throw new UsageError(`invalid -I argument: '${interruptible}'`);
  }
}

/** What the options about the machine and the program's environment ask for. Throws a UserError when there is no such program. */
export async function runOptions(
  parsed: Parsed,
  words: readonly string[],
  say: (message: string) => void,
  variables: NodeJS.ProcessEnv = process.env,
): Promise<RunOptions> {
  const env = environment(parsed, variables);
  const root = parsed.last("root");
  const file = words[0] as string;
  const program = findExecutable(file, { env, ...(root === undefined ? {} : { root }) });
  if (typeof program === "number") {
    const { errnoMessage } = await import("../abi/errno.js");
    throw new UserError(
      file.includes("/") ? `Cannot stat '${file}': ${errnoMessage(program)}` : `Cannot find executable '${file}'`,
    );
  }
  const seed = parsed.last("seed");
  const aslr = parsed.last("aslr");
  const cpu = parsed.last("cpu");
  const cpuVendor = parsed.last("cpu-vendor");
  return {
    program,
    argv: [parsed.last("argv0") ?? file, ...words.slice(1)],
    env,
    ...(root === undefined ? {} : { root }),
    rw: [...parsed.all("rw")],
    commit: parsed.count("commit") > 0,
    hostNetwork: reachesHost(parsed.last("net")),
    deterministic: parsed.count("deterministic") > 0,
    keep: parsed.count("no-cache") === 0,
    ...(seed === undefined ? {} : { seed: integer(seed, "--seed") }),
    ...(aslr === undefined ? {} : { aslr: aslr === "" ? Date.now() >>> 0 : integer(aslr, "--aslr") }),
    ...(cpu === undefined ? {} : { cpu }),
    ...(cpuVendor === undefined ? {} : { cpuVendor }),
    limits: machineLimits(parsed),
    kernelConfig: kernelConfig(parsed.all("kernel-config")),
    user: userOf(parsed.last("user")),
    onInvalidOpcode: (rip, bytes) => {
      const text = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
      say(`invalid opcode at 0x${rip.toString(16)}: ${text}`);
    },
  };
}

/** USERNAME, or UID:GID. */
function userOf(name: string | undefined): RunOptions["user"] {
  if (name === undefined) return undefined;
  if (!isRoot()) throw new UserError("You must be root to use the -u option");
  if (name.includes(":")) {
    const [, uid, gid] = /^(\d+):(\d+)$/.exec(name) ?? [];
    if (uid === undefined) throw new UserError(`Invalid UID:GID pair '${name}'`);
    return { uid: Number(uid), gid: Number(gid), groups: [] };
  }
  const user = findUser(name);
  if (user === undefined) throw new UserError(`Cannot find user '${name}'`);
  return user;
}

function machineLimits(parsed: Parsed): NonNullable<RunOptions["limits"]> {
  const limits: { tasks?: number; memory?: number; files?: number } = {};
  const procs = parsed.last("max-procs");
  const memory = parsed.last("max-memory");
  const files = parsed.last("max-files");
  if (procs !== undefined) limits.tasks = positive(procs, "--max-procs");
  if (memory !== undefined) limits.memory = sizeOf(memory, "--max-memory");
  if (files !== undefined) limits.files = positive(files, "--max-files");
  return limits;
}

function positive(text: string, option: string): number {
  const value = integer(text, option);
  if (value < 1) throw new UsageError(`invalid ${option} argument: '${text}'`);
  return value;
}

const UNITS: Readonly<Record<string, number>> = { "": 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

function sizeOf(text: string, option: string): number {
  const match = /^(\d+)([KMG]?)$/i.exec(text);
  const size = match ? Number(match[1]) * UNITS[match[2].toUpperCase()] : 0;
  if (size < SMALLEST_MEMORY || !Number.isSafeInteger(size))
    throw new UsageError(`invalid ${option} argument: '${text}'`);
  return size;
}

/** --net: "host", or "none" as without it. */
function reachesHost(net: string | undefined): boolean {
  if (net !== undefined && net !== "host" && net !== "none") throw new UsageError(`invalid --net argument: '${net}'`);
  return net === "host";
}

function integer(text: string, option: string): number {
  const value = Number(text);
  if (text === "" || !Number.isSafeInteger(value)) throw new UsageError(`invalid ${option} argument: '${text}'`);
  return value;
}

/** The program's environment: `given` with -E applied in order. */
function environment(parsed: Parsed, given: NodeJS.ProcessEnv): string[] {
  const variables = new Map(Object.entries(given).map(([key, value]) => [key, value ?? ""]));
  for (const change of parsed.all("env")) {
    const equals = change.indexOf("=");
    if (equals < 0) variables.delete(change);
    else variables.set(change.slice(0, equals), change.slice(equals + 1));
  }
  return [...variables].map(([key, value]) => `${key}=${value}`);
}
