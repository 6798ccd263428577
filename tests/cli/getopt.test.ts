// getopt's grammar: what strace's own command line accepts must come out as the same options.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { normalise } from "../../src/cli/getopt.js";
import { optionTable } from "../../src/cli/option-table.js";
import { parse } from "../../src/cli/parse.js";
import { plainOptions } from "../../src/cli/parsed.js";
import { VERSION } from "../../src/cli/version.js";

test.each([
  ["-etrace=open -s100 -ofile ls", ["--expression=trace=open", "--string-limit=100", "--output=file"], ["ls"]],
  ["-fyo out ls -l", ["--follow-forks", "--expression=decode-fds=path", "--output=out"], ["ls", "-l"]],
  [
    "-ff -tt -xx ls",
    [
      "--follow-forks",
      "--follow-forks",
      "--absolute-timestamps=time",
      "--absolute-timestamps=time,us",
      "--strings-in-hex=non-ascii",
      "--strings-in-hex=all",
    ],
    ["ls"],
  ],
  [
    "-ttttt a",
    ["time", "time,us", "unix,us", "unix,us", "unix,us"].map((format) => `--absolute-timestamps=${format}`),
    ["a"],
  ],
  ["--trace=read --foll ls", ["--expression=trace=read", "--follow-forks"], ["ls"]],
  ["--trace read ls", ["--expression=trace=read"], ["ls"]],
  ["--syscall-times ls", ["--syscall-times="], ["ls"]],
  ["-vz -Z x", ["--expression=abbrev=none", "--expression=status=successful", "--expression=status=failed"], ["x"]],
  ["-qqq x", ["attach,personality", "attach,personality,exit", "all"].map((set) => `--expression=quiet=${set}`), ["x"]],
  ["-- -x", [], ["-x"]],
  ["prog -f", [], ["prog", "-f"]],
])("%s", (line, options, rest) => {
  expect(normalise(line.split(" "))).toEqual({ options, rest });
});

test.each([
  ["-Q", "invalid option -- 'Q'"],
  ["-fQ", "invalid option -- 'Q'"],
  ["-T5", "invalid option -- '5'"],
  ["-E", "option requires an argument -- 'E'"],
  ["--env", "option '--env' requires an argument"],
  ["--follow-forks=x", "option '--follow-forks' doesn't allow an argument"],
  ["--foo", "unrecognized option '--foo'"],
  ["--col=x", "option '--col=x' is ambiguous; possibilities: '--columns' '--color'"],
])("%s is refused", (line, message) => {
  expect(() => normalise(line.split(" "))).toThrow(message);
});

test("the version is the package's", () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  expect(VERSION).toBe(version);
});

test.each([
  [[]],
  [["--run"]],
  [["--follow-forks", "--follow-forks", "--deterministic", "--no-cache"]],
  [["--output=a=b", "--output=", "--output=c", "--run"]],
  [["--output=-x"]],
])("%j is read alike with and without yargs", (words) => {
  const plain = plainOptions(words);
  const read = parse(words);
  for (const { name } of optionTable) {
    expect([name, plain?.count(name), plain?.last(name)]).toEqual([name, read.count(name), read.last(name)]);
    expect(plain?.all(name)).toEqual(read.all(name));
  }
});

test("what has values to be read is left to yargs", () => {
  expect(plainOptions(["--run", "--string-limit=5"])).toBe(undefined);
});
