// What is said to values that make no sense: strace's own words.
import { describe, expect, test } from "vitest";
import { normalise } from "../../src/cli/getopt.js";
import { parse } from "../../src/cli/parse.js";
import { straceOptions } from "../../src/cli/settings.js";
import { allCalls, knownCalls, type StraceOptions } from "../../src/session/trace-program.js";

function settings(line: string, warnings: string[] = []): StraceOptions {
  const parsed = parse(normalise(line.split(" ")).options);
  return straceOptions(parsed, "strace", allCalls, (message) => warnings.push(message));
}

const traced = (line: string): string[] => {
  const { trace } = settings(line);
  return knownCalls()
    .filter(trace)
    .map(({ name }) => name);
};

test.each([
  ["-e trace=foo", "invalid system call 'foo'"],
  ["-e trace=%foo", "invalid system call '%foo'"],
  ["-e trace=/(", "regcomp: (: Unmatched ( or \\("],
  ["-e trace=9999", "invalid system call '9999'"],
  ["-e foo=bar", "invalid system call 'foo=bar'"],
  ["-e trace=!read,foo", "invalid system call 'foo'"],
  ["-e trace=read,none", "invalid system call 'none'"],
  ["-e trace=read@65", "incorrect personality designator '65' in qualification 'read@65'"],
  ["-e signal=foo", "invalid signal 'foo'"],
  ["-e status=foo", "invalid status 'foo'"],
  ["-e read=x", "invalid descriptor 'x'"],
  ["-e quiet=x", "invalid quiet 'x'"],
  ["-e inject=all:x", "invalid inject argument 'all:x'"],
  ["-s -1", "invalid -s argument: '-1'"],
  ["-a x", "invalid -a argument: 'x'"],
  ["-O x", "invalid -O argument: 'x'"],
  ["-S x", "invalid sortby: 'x'"],
  ["-U x", "unknown column name: 'x'"],
  ["-U name,name", "call summary column has been provided more than once: 'name' (-U option residual: 'name')"],
  ["-X x", "invalid -X argument: 'x'"],
  ["-c -C", "-c/--summary-only and -C/--summary are mutually exclusive"],
  ["-c -ff", "(-c/--summary-only or -C/--summary) and -ff/--output-separately are mutually exclusive"],
  ["-w", "-w/--summary-wall-clock must be given with (-c/--summary-only or -C/--summary)"],
  ["--syscall-times=x", "invalid --syscall-times argument: 'x'"],
  ["-k --stack-trace-frame-limit=0", "invalid --stack-trace-frame-limit argument: '0'"],
  ["-k --stack-trace-frame-limit=1073741824", "invalid --stack-trace-frame-limit argument: '1073741824'"],
  ["--stack-trace=x", "invalid --stack-trace argument: 'x'"],
  [
    "-kk",
    "Stack traces with source line information (-kk/--stack-trace=source option) are not supported by this build of strace",
  ],
])("%s is refused", (line, message) => {
  expect(() => settings(line)).toThrow(message);
});

describe("sets of calls", () => {
  test.each([
    ["-e trace=read", ["read"]],
    ["-eread,write", ["read", "write"]],
    ["-e trace=read -e trace=openat", ["openat"]],
    ["-e trace=?foo,read", ["read"]],
    ["-e trace=0,3", ["read", "close"]],
    ["-e trace=read@32", []],
    ["-e trace=none", []],
    ["-e trace=%statfs", ["statfs"]],
    ["-e trace=/^exit", ["exit", "exit_group"]],
  ])("%s", (line, names) => {
    expect(traced(line).sort()).toEqual([...names].sort());
  });

  test("! takes the rest", () => {
    const names = traced("-e trace=!read");
    expect(names).toHaveLength(knownCalls().length - 1);
    expect(names).not.toContain("read");
  });
});

test("what has no effect is said", () => {
  const warnings: string[] = [];
  settings("-S name", warnings);
  expect(warnings).toEqual(["-S/--summary-sort-by has no effect without (-c/--summary-only or -C/--summary)"]);
});

test("stack traces have a limit, and warnings where they mean nothing", () => {
  const warnings: string[] = [];
  expect(settings("-s 9").stackFrames).toBeUndefined();
  expect(settings("-k").stackFrames).toBe(256);
  expect(settings("--stack-trace=symbol --stack-trace-frame-limit=3").stackFrames).toBe(3);
  expect(settings("-k -c", warnings).stackFrames).toBeUndefined();
  expect(settings("--stack-trace-frame-limit=3", warnings).stackFrames).toBeUndefined();
  expect(warnings).toEqual([
    "-k/--stack-trace has no effect with -c/--summary-only",
    "--stack-trace-frame-limit has no effect without -k/--stack-trace",
  ]);
});
