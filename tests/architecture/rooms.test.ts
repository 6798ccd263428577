// The walls of the house: rooms.json says which room may import which, and which room may use which package.
import { expect, test } from "vitest";
import { importsIn, importsOf, roomOf, sourceFiles } from "./imports.js";
import map from "./rooms.json" with { type: "json" };

const rooms: Record<string, string[]> = map.rooms;
const packages: Record<string, string[]> = map.packages;

/** `allowed` names rooms, or single modules of a room that are its public interface. */
function mayImport(room: string, target: string): boolean {
  const allowed = rooms[room] ?? [];
  return roomOf(target) === room || allowed.some((entry) => target === entry || target.startsWith(`${entry}/`));
}

test("every file lives in a known room", () => {
  expect(sourceFiles().filter((file) => !file.includes("/") || !(roomOf(file) in rooms))).toEqual([]);
});

test("no import crosses a wall", () => {
  const crossing = sourceFiles()
    .flatMap(importsOf)
    .filter(({ file, target, isPackage }) => !isPackage && !mayImport(roomOf(file), target))
    .map(({ file, target }) => `${file} -> ${target}`);
  expect(crossing).toEqual([]);
});

test("packages and Node's modules are used only where they belong", () => {
  const misused = sourceFiles()
    .flatMap(importsOf)
    .filter(({ file, target, isPackage }) => isPackage && !(packages[target] ?? []).includes(roomOf(file)))
    .map(({ file, target }) => `${file} -> ${target}`);
  expect(misused).toEqual([]);
});

test("the scanner sees every form of import", () => {
  const text = [
    'import "./a.js";',
    'import type { B } from "../lib/b.js";',
    "import {",
    "  C,",
    '} from "node:fs";',
    'export * from "./d.js";',
    'const e = await import("../cpu/e.js");',
  ].join("\n");
  expect(importsIn("abi/x.ts", text).map(({ target }) => target)).toEqual([
    "abi/a",
    "lib/b",
    "node:fs",
    "abi/d",
    "cpu/e",
  ]);
});
