// Puts the handlers of common instruction forms into dist/handlers.bin, what tells of them into dist/cpu/cold/prebuilt.js, and into
// dist/cpu/x86/opcode-index.js which instructions an opcode has.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { prebuild } from "../dist/cpu/cold/prebuild.js";
import { opcodeIndexOf } from "../dist/cpu/x86/opcode-index.js";
import { ordinalsByPlace } from "../dist/cpu/x86/opcode-table.js";

/** In place of the module's own last statement. */
function writeIndex(index) {
  const at = new URL("../dist/cpu/x86/opcode-index.js", import.meta.url);
  const code = readFileSync(at, "utf8");
  const told = code.replace(
    /^export const opcodeIndex = .*$/m,
    () => `export const opcodeIndex = ${JSON.stringify(index)};`,
  );
  if (told === code) throw new Error("there is no place for the index of opcodes");
  writeFileSync(at, told);
}

const examples = readFileSync(new URL("common-forms.txt", import.meta.url), "latin1");
const target = new URL("../dist/cpu/cold/prebuilt.js", import.meta.url);

const HANDLERS = "handlers.bin";
const blobs = [];

/** Puts bytes behind those before them; gives JavaScript that reads them. */
function placed(bytes) {
  const at = blobs.reduce((sum, { length }) => sum + length, 0);
  blobs.push(bytes);
  return `() => packageBytes("${HANDLERS}", ${at}, ${bytes.length})`;
}

/** A module that exports what `prebuild` made. */
function moduleOf({ core, coreEnd, parts, forms, forms32 }) {
  const list = parts.map(({ first, end, code }) => `{ first: ${first}, end: ${end}, code: ${placed(code())} }`);
  return `import { packageBytes } from "../../host/package-files.js";
export const prebuilt = {
  core: ${placed(core())},
  coreEnd: ${coreEnd},
  parts: [${list.join(", ")}],
  forms: () => ${JSON.stringify(forms())},
  forms32: () => ${JSON.stringify(forms32())},
`;
}

/** What records of cold code may depend on: all that makes them, and the handlers they name. */
function buildOf(prebuilt) {
  const hash = createHash("sha256").update(prebuilt);
  for (const bytes of blobs) hash.update(bytes);
  for (const room of ["cpu", "machine", "wasm", "lib"]) {
    const at = new URL(`../dist/${room}/`, import.meta.url);
    const files = readdirSync(at, { recursive: true }).filter(
      (name) => name.endsWith(".js") && !name.endsWith("prebuilt.js"),
    );
    for (const name of files.sort()) hash.update(name).update(readFileSync(new URL(name, at)));
  }
  return hash.digest("hex").slice(0, 32);
}

writeIndex(opcodeIndexOf(ordinalsByPlace()));
const text = moduleOf(prebuild(examples));
writeFileSync(target, `${text}  build: "${buildOf(text)}",\n};\n`);
writeFileSync(new URL(`../dist/${HANDLERS}`, import.meta.url), Buffer.concat(blobs));
