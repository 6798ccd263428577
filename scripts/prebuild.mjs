// Puts the handlers of common instruction forms into dist/cpu/cold/prebuilt.js.
import { readFileSync, writeFileSync } from "node:fs";
import { prebuild } from "../dist/cpu/cold/prebuild.js";

const examples = readFileSync(new URL("common-forms.txt", import.meta.url), "latin1");
const target = new URL("../dist/cpu/cold/prebuilt.js", import.meta.url);
writeFileSync(target, `export const prebuilt = ${JSON.stringify(prebuild(examples))};\n`);
