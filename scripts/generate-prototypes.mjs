/**
 * Writes src/ltrace/prototypes/*.conf from the C headers of this machine and the annotations in scripts/prototypes/*.txt.
 * Run by hand: `node scripts/generate-prototypes.mjs`. Needs gcc, nm, dpkg and the -dev packages of the libraries.
 */

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { parameterCount, readAnnotations, renamed } from "./prototypes/annotations.mjs";
import { readDeclarations } from "./prototypes/c-declarations.mjs";
import { Lenses, Unsayable } from "./prototypes/lenses.mjs";
import { imports, libraries } from "./prototypes/libraries.mjs";

const HERE = new URL("./prototypes/", import.meta.url).pathname;
const OUT = new URL("../src/ltrace/prototypes/", import.meta.url).pathname;

function preprocess(header, before, options) {
  const source = [...before, header].map((each) => `#include <${each}>\n`).join("");
  const run = spawnSync("gcc", ["-E", "-D_GNU_SOURCE", "-D_LARGEFILE64_SOURCE", ...options, "-"], {
    input: source,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  return run.status === 0 ? run.stdout : undefined;
}

function headersOf(library) {
  if (!library.package) return library.headers;
  const files = execFileSync("dpkg", ["-L", library.package], { encoding: "utf8" }).split("\n");
  const names = files
    .filter((file) => file.endsWith(".h"))
    .map((file) => file.replace(/^\/usr\/include\/(x86_64-linux-gnu\/)?/, ""));
  return names.filter((name) => library.headers.test(name));
}

/** Names of functions that shared objects export, older versions included. */
function exportsOf(paths) {
  if (paths.length === 0) return new Set();
  const lines = execFileSync("nm", ["-D", "--defined-only", ...paths], { encoding: "utf8" }).split("\n");
  const names = lines.map((line) => /^\S+ [TWi] ([^@]+)/.exec(line)?.[1]).filter(Boolean);
  return new Set(names);
}

/** Every function that the headers declare, the first declaration of each. */
function declarationsOf(library) {
  const functions = new Map();
  const typedefs = new Map();
  const own = library.own ?? /./;
  for (const header of headersOf(library)) {
    for (const options of [[], ["-O2", "-D_FORTIFY_SOURCE=2"]]) {
      const text = preprocess(header, library.before ?? [], options);
      if (text === undefined) continue;
      const read = readDeclarations(text);
      for (const [name, type] of read.typedefs) typedefs.set(name, type);
      for (const each of read.functions)
        if (!functions.has(each.name) && own.test(each.file)) functions.set(each.name, each);
    }
  }
  return { functions, typedefs };
}

/** Exported names that differ from a declared one by a prefix or a suffix only. */
function declaredTwin(name, functions) {
  const candidates = [
    name.replace(/^_+/, ""),
    name.replace(/^_IO_/, ""),
    name.replace(/64$/, ""),
    name.replace(/^__(.*)_finite$/, "$1"),
    name.replace(/^_+(.*)64$/, "$1"),
  ];
  return candidates.find((candidate) => candidate !== name && functions.has(candidate));
}

function prototypesOf(library, annotations) {
  const { functions, typedefs } = declarationsOf(library);
  const exported = exportsOf(library.objects);
  const lenses = new Lenses(typedefs, annotations.values, new Set(annotations.typedefs.keys()));
  const made = new Map();
  const unsayable = [];
  const make = (name, type) => {
    if (annotations.dropped.has(name) || made.has(name)) return;
    try {
      made.set(name, annotations.prototypes.get(name) ?? lenses.prototype(name, type));
    } catch (error) {
      if (!(error instanceof Unsayable)) throw error;
      unsayable.push(`${name} (${error.message})`);
    }
  };
  for (const { name, type } of functions.values()) if (exported.has(name)) make(name, type);
  for (const [name, prototype] of annotations.prototypes) {
    const declared = functions.get(name)?.type;
    const count = parameterCount(prototype);
    if (declared && !declared.variadic && count !== undefined && count !== lenses.sayable(declared.parameters).length)
      console.warn(
        `${library.title}: ${name} has ${lenses.sayable(declared.parameters).length} parameters in C, not ${count}`,
      );
    made.set(name, prototype);
  }
  for (const name of exported) {
    const twin = declaredTwin(name, made);
    if (twin && !made.has(name) && !annotations.same.has(name) && !annotations.dropped.has(name))
      made.set(name, renamed(made.get(twin), name));
  }
  for (const [name, other] of annotations.same) {
    if (made.has(other)) made.set(name, renamed(made.get(other), name));
    else console.warn(`${library.title}: ${name} is to be the same as ${other}, which there is not`);
  }
  const missing = [...exported].filter((name) => !made.has(name) && !name.startsWith("_"));
  return { made, unsayable, missing };
}

/** Typedefs that the prototypes need, each after those it needs itself. */
function typedefsFor(prototypes, typedefs) {
  const needed = new Set();
  const need = (text) => {
    for (const [word] of text.matchAll(/\w+/g)) {
      if (needed.has(word) || !typedefs.has(word)) continue;
      const lens = typedefs.get(word);
      if (lens.startsWith("struct;")) needed.add(word);
      need(lens);
      needed.delete(word);
      needed.add(word);
    }
  };
  for (const prototype of prototypes) need(prototype.replace(/(\w+)\(/, "("));
  return [...needed].map((name) => `typedef ${name} = ${typedefs.get(name)};`);
}

function headOf(title) {
  return `; Prototypes of ${title}, for tsltrace. Made by scripts/generate-prototypes.mjs; see ltrace.conf(5).`;
}

mkdirSync(OUT, { recursive: true });
const shared = readAnnotations(`${HERE}types.txt`);
for (const library of libraries) {
  const path = `${HERE}${library.notes}`;
  const annotations = existsSync(path)
    ? readAnnotations(path, shared)
    : { ...shared, prototypes: new Map(), same: new Map() };
  const { made, unsayable, missing } = prototypesOf(library, annotations);
  for (const [file, wanted] of Object.entries(library.files)) {
    const chosen = Array.isArray(wanted) ? exportsOf(wanted) : { has: (name) => wanted.test(name) };
    const names = [...made.keys()].filter((name) => chosen.has(name)).sort();
    const prototypes = names.map((name) => made.get(name));
    writeFileSync(
      `${OUT}${file}.conf`,
      [headOf(library.title), "", ...typedefsFor(prototypes, annotations.typedefs), "", ...prototypes, ""].join("\n"),
    );
    console.log(`${file}.conf: ${names.length} functions`);
  }
  if (process.argv.includes("--missing"))
    console.log(`  cannot be said: ${unsayable.join(" ")}\n  exported, not declared: ${missing.join(" ")}`);
}
for (const [file, others] of Object.entries(imports)) {
  const lines = others.map((other) => `import "${other}";`);
  writeFileSync(`${OUT}${file}.conf`, [headOf("musl"), "", ...lines, ""].join("\n"));
}
