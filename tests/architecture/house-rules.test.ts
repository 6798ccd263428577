// Rules a reader of the sources may rely on: every file opens by saying what it is, and names are Linux's, not vague ones.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readSource, SOURCE_ROOT, sourceFiles } from "./imports.js";

const LINE_LIMIT = 450;
/** About 300 lines are the aim. Tables may be long; so may one function that is a table in disguise. A file says so in its opening comment. */
const SAYS_TABLE = /\btables?\b|\bgenerated\b/i;

test("every file opens with a comment", () => {
  expect(sourceFiles().filter((file) => !/^(\/\/|\/\*)/.test(readSource(file)))).toEqual([]);
});

test("files are kebab-case nouns", () => {
  const vague = /(^|\/)(utils?|helpers?|types|manager|misc|common)\.ts$/;
  expect(sourceFiles().filter((file) => vague.test(file) || !/^[a-z0-9/.-]+$/.test(file))).toEqual([]);
});

test("files stay short, tables excepted", () => {
  const long = sourceFiles().filter((file) => {
    const text = readSource(file);
    return text.split("\n").length > LINE_LIMIT && !SAYS_TABLE.test(text.slice(0, 400));
  });
  expect(long).toEqual([]);
});

test("no file is left with a note to its author", () => {
  expect(sourceFiles().filter((file) => /\b(TODO|FIXME|XXX|HACK)\b/.test(readSource(file)))).toEqual([]);
});

test("the lock file names no registry", () => {
  const lock = readFileSync(join(SOURCE_ROOT, "../package-lock.json"), "utf8");
  expect(lock).not.toMatch(/"resolved"|https?:\/\/registry/);
});
