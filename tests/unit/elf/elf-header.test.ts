import { expect, test } from "vitest";
import { readElfHeader, readProgramHeaders } from "../../../src/elf/elf-header.js";
import { program, segment } from "../kernel/small-elf.js";

test("reads the header and its program headers", () => {
  const bytes = program([segment({ address: 0x400000n, flags: 6, fileSize: 0x10n, memorySize: 0x20n })]);
  const header = readElfHeader(bytes);
  expect(header).toMatchObject({ elfClass: 2, type: 2, machine: 62, programOffset: 64n, programCount: 1 });
  expect(readProgramHeaders(bytes.subarray(64), 1)).toEqual([
    { type: 1, flags: 6, offset: 0n, address: 0x400000n, fileSize: 0x10n, memorySize: 0x20n, align: 0x1000n },
  ]);
});

test("anything else is no ELF file", () => {
  expect(readElfHeader(new Uint8Array(64))).toBeUndefined();
  expect(readElfHeader(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46))).toBeUndefined();
});
