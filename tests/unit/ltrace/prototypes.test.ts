import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Lens } from "../../../src/ltrace/prototype/lens.js";
import { parseLine } from "../../../src/ltrace/prototype/parser.js";
import { Prototypes } from "../../../src/ltrace/prototype/prototypes.js";

const DIRECTORY = new URL("../../../src/ltrace/prototypes/", import.meta.url);
const files = readdirSync(DIRECTORY).map((path) => ({ path, text: readFileSync(new URL(path, DIRECTORY), "latin1") }));

describe("the tool's own prototypes", () => {
  test.each(files)("$path: every line can be read, and names a function once", ({ text }) => {
    const types = new Map<string, Lens>();
    const names = text.split("\n").flatMap((line) => parseLine(line, types)?.name ?? []);
    expect(new Set(names).size).toBe(names.length);
  });

  test("are found by name, whatever else contains it", () => {
    const prototypes = new Prototypes(files, [], () => {});
    expect(prototypes.find("open")?.name).toBe("open");
    expect(prototypes.find("read")?.returnsFrom).toBe(1);
    expect(prototypes.find("pen")).toBeUndefined();
    expect(prototypes.find("struct")).toBeUndefined();
  });
});

describe("the user's prototypes", () => {
  const complaints: string[] = [];
  const read = (text: string): Prototypes => {
    complaints.length = 0;
    return new Prototypes(files, [{ path: "mine", text }], (message) => complaints.push(message));
  };

  test("come before the tool's", () => {
    expect(read("int open(int, int, int, int, int);").find("open")?.arguments.length).toBe(5);
    expect(complaints).toEqual([]);
  });

  test.each([
    ["int f(", "mine:1: error: bad identifier"],
    ["int f(int", "mine:1: error: expected ')' before the end of the line"],
    ["int f(int)", "mine:1: error: expected ';' before the end of the line"],
    ["f(int);", "mine:1: error: unknown type around 'f(int);'"],
    ["int f(oct(double));", "mine:1: error: oct() is for integers"],
    ["int f(string(double));", "mine:1: error: string() is for a pointer to characters or an array of them"],
    ["int f(enum[double](A));", "mine:1: error: an enum is of integers"],
    ["int f(enum(A=x));", "mine:1: error: 'x' is no number"],
    ["typedef a = int;\ntypedef a = long;", "mine:2: error: Redefinition of typedef 'a'"],
    ["typedef a = struct;\ntypedef a = int;", "mine:2: error: 'a' was declared as a struct"],
    [`int f(${"array(".repeat(100)}`, "mine:1: error: types are nested too deep"],
  ])("%j is told of", (text, message) => {
    read(text);
    expect(complaints).toEqual([message]);
  });
});
