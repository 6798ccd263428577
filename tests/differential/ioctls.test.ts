// The arguments of ioctls are told as a real strace tells them: of every command that has a name, and of what `ioctls.txt` asks for in detail.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findOracleStrace } from "../oracle-strace.js";
import { PROJECT_ROOT, type ProgramRun, runTraced, TSSTRACE } from "../tool.js";
import { compile, compilerMissing } from "./compiled.js";

const oracle = findOracleStrace();
const missing = compilerMissing("glibc") ?? ("missing" in oracle ? oracle.missing : undefined);

/** Of these the arguments are not told yet. */
const LEFT =
  /VIDIOC_(?!STREAM|[GS]_CROP|CROPCAP|REQBUFS|EXPBUF|[GS]_FBUF|ENUMSTD|[GS]_TUNER)|KD[GS]KBS?ENT|KDSKBDIACR|KDFONTOP|EVIOCSFF|SECCOMP_IOCTL_NOTIF_RECV|FIDEDUPERANGE/;

const details = readFileSync(join(PROJECT_ROOT, "tests/differential/ioctls.txt"), "latin1");
/** Commands of the table that have names, by number. */
const table = readFileSync(join(PROJECT_ROOT, "src/abi/constants/ioctl-commands.ts"), "latin1");
const commands = [...table.matchAll(/^([0-9a-f]+) ([A-Z].*)$/gm)].filter(([, , name]) => !LEFT.test(name as string));
const everyCommand = commands.map(([, number]) => `*0x${number}\n`).join("");

const SUCCESS = ["-e", "inject=ioctl:retval=0"];
const FORMS: readonly (readonly string[])[] = [[], ["-v"], ["-X", "raw"], ["-X", "verbose", "-v"]];

const named = (options: readonly string[]) => [` ${options.join(" ")}`.trimEnd(), options] as const;

describe.skipIf(missing)(`ioctls${missing ? ` (skipped: ${missing})` : ""}`, () => {
  const compare = async (stdin: string, options: readonly string[]): Promise<void> => {
    if ("missing" in oracle) return;
    const run: ProgramRun = {
      program: compile("ioctl-requests", "glibc"),
      args: [],
      stdin,
      env: { LANG: "C", PATH: "/usr/bin:/bin" },
    };
    const wanted = await runTraced(oracle.command, [...options, "-e", "trace=ioctl"], run);
    const seen = await runTraced(TSSTRACE, [...options, "-e", "trace=ioctl"], run);
    const lines = wanted.trace.split("\n");
    const differing = seen.trace.split("\n").filter((line, i) => line !== lines[i]);
    expect(differing.slice(0, 10)).toEqual([]);
    expect(seen.trace).toBe(wanted.trace);
  };

  test.each(FORMS.map(named))("every command, refused%s", (_, options) => compare(everyCommand, options));
  test.each([...FORMS, ...FORMS.map((form) => [...SUCCESS, ...form])].map(named))("in detail%s", (_, options) =>
    compare(details, options),
  );
});
