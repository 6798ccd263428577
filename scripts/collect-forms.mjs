// Adds the instruction forms that programs use to scripts/common-forms.txt: node scripts/collect-forms.mjs PROGRAM [ARGUMENT...]
// A line is an instruction as an example of its form, who may see its flags, the lazy operation known before it (cpu/cold/form.ts), and 32 when it is
// of 32-bit code.
import { readFileSync, writeFileSync } from "node:fs";
import { main } from "../dist/cli/main.js";
import { Forms } from "../dist/cpu/cold/forms.js";
import { prebuilt } from "../dist/cpu/cold/prebuilt.js";
import { GuestMemory } from "../dist/machine/guest-memory.js";

const path = new URL("common-forms.txt", import.meta.url);
const lines = new Set(readFileSync(path, "latin1").split("\n").filter(Boolean));
const seen = new Set();

let memory;
const map = GuestMemory.prototype.map;
GuestMemory.prototype.map = function (...page) {
  memory = this;
  return map.apply(this, page);
};

const find = Forms.prototype.of;
Forms.prototype.of = function of(i, visibility, flags) {
  const form = find.call(this, i, visibility, flags);
  const at = i.rip >>> 0; // the page's home
  const example = Buffer.from(memory.u8.slice(at, at + i.length)).toString("hex");
  if (form && form.handler >= prebuilt.parts.at(-1).end && !seen.has(form))
    lines.add(`${example} ${visibility} ${flags}${i.mode === 0 ? "" : " 32"}`);
  seen.add(form);
  return form;
};

process.on("exit", () => {
  writeFileSync(path, `${[...lines].join("\n")}\n`);
});
await main("tsstrace", ["-o", "/dev/null", ...process.argv.slice(2)]);
