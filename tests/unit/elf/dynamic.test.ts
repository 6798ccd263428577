import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { findImportUses, readDynamic } from "../../../src/elf/dynamic.js";
import { ElfImage } from "../../../src/elf/elf-image.js";
import { SeededRandom } from "../../../src/lib/random.js";
import { build, compilerMissing } from "../../ltrace/building.js";

const missing = compilerMissing("gcc");

const open = (bytes: Uint8Array): ElfImage | undefined =>
  ElfImage.open({
    size: bytes.length,
    read: (offset, length) =>
      offset >= 0 && offset + length <= bytes.length ? bytes.subarray(offset, offset + length) : undefined,
  });

describe.skipIf(missing)(`what a file says to the dynamic linker${missing ? ` (skipped: ${missing})` : ""}`, () => {
  test.each([
    ["bound lazily", ["gcc", "-Wl,-z,lazy"], ["jump"]],
    ["with IBT", ["gcc", "-fcf-protection", "-Wl,-z,ibtplt"], ["jump"]],
    ["without a PLT", ["gcc", "-fno-plt"], ["call"]],
  ])("imports and where they are used: %s", (_, command, kinds) => {
    const image = open(readFileSync(build("calls", "calls.c", command))) as ElfImage;
    const dynamic = readDynamic(image);
    const names = new Set(dynamic?.imports.map(({ symbol }) => symbol));
    for (const name of ["strlen", "printf", "qsort", "strtok"]) expect(names).toContain(name);
    const uses = findImportUses(image, dynamic?.imports ?? []);
    const ofSort = uses.filter(({ slot }) => slot.symbol === "qsort");
    expect(new Set(ofSort.map(({ kind }) => kind))).toEqual(new Set(kinds));
  });

  test("a library's name", () => {
    const library = build("libnamed.so", "plugin.c", ["gcc", "-shared", "-fPIC", "-Wl,-soname,libname.so.3"]);
    expect(readDynamic(open(readFileSync(library)) as ElfImage)?.soname).toBe("libname.so.3");
  });

  test("damaged files say less, and nothing breaks", () => {
    const whole = readFileSync(build("calls", "calls.c", ["gcc"]));
    const random = new SeededRandom(7);
    const bytes = new Uint8Array(4);
    const below = (limit: number): number => {
      random.fill(bytes);
      return new DataView(bytes.buffer).getUint32(0) % limit;
    };
    let understood = 0;
    for (let round = 0; round < 2000; round++) {
      const damaged = Uint8Array.from(whole);
      for (let n = 0; n < 1 + (round % 8); n++) damaged[below(round % 2 ? 1024 : damaged.length)] = below(256);
      const image = open(round % 5 === 0 ? damaged.subarray(0, below(damaged.length)) : damaged);
      if (image === undefined) continue;
      const dynamic = readDynamic(image);
      image.functionSymbols();
      if (dynamic !== undefined && findImportUses(image, dynamic.imports).length > 0) understood++;
    }
    expect(understood).toBeGreaterThan(500);
  });
});
