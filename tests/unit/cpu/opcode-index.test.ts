import { expect, test } from "vitest";
import "../../../src/cpu/x86/instructions/all.js";
import { opcodeIndexOf, ordinalsIn } from "../../../src/cpu/x86/opcode-index.js";
import { ordinalsByPlace } from "../../../src/cpu/x86/opcode-table.js";

test("the index that a build keeps has for each opcode the instructions with rows there", () => {
  const places = ordinalsByPlace();
  const index = opcodeIndexOf(places);
  expect(places.map((_, place) => ordinalsIn(index, places.length, place))).toEqual(places);
  expect(JSON.stringify(index)).toHaveLength(index.length + 2); // nothing in it needs a backslash
});
