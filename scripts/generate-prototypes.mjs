/**
 * Writes src/ltrace/prototypes/*.conf from the C headers of this machine and the annotations in scripts/prototypes/*.txt.
 * Run by hand: `node scripts/generate-prototypes.mjs`. Needs gcc, nm, dpkg and the -dev packages of the libraries.
 */

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { parameterCount, readAnnotations, renamed } from "./prototypes/annotations.mjs";
import { declarationsOf, exportsOf } from "./prototypes/headers.mjs";
import { Lenses, Unsayable } from "./prototypes/lenses.mjs";
import { imports, libraries } from "./prototypes/libraries.mjs";

const HERE = new URL("./prototypes/", import.meta.url).pathname;
const OUT = new URL("../src/ltrace/prototypes/", import.meta.url).pathname;

/** A type that ltrace does not have: its functions go into a file that only tsltrace reads. */
const OWN_TYPE = /\bldouble\b/;

/** What a name is without the prefixes and suffixes of the C library's second names for the same function. */
function plainNames(name) {
  const plain = [
    name.replace(/^_+/, ""),
    name.replace(/^_IO_/, ""),
    name.replace(/(?<!f)64$/, ""),
    name.replace(/^__(.*)_finite$/, "$1"),
    name.replace(/^_+(.*)64$/, "$1"),
    // Functions of _Float64, _Float32x, _Float32 and _Float64x.
    name.replace(/f(64|32x)$/, ""),
    name.replace(/f32$/, "f"),
    name.replace(/f64x$/, "l"),
  ];
  return plain.filter((each) => each !== name);
}

/** A prototype by hand of the same function under its plain name. */
function annotatedTwin(name, type, annotations) {
  const twin = plainNames(name).find((each) => annotations.prototypes.has(each));
  if (twin === undefined || annotations.prototypes.has(name) || annotations.same.has(name)) return undefined;
  const prototype = annotations.prototypes.get(twin);
  const isAlike = type.variadic || [undefined, type.parameters.length].includes(parameterCount(prototype));
  return isAlike ? renamed(prototype, name) : undefined;
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
      made.set(name, annotatedTwin(name, type, annotations) ?? lenses.prototype(name, type));
    } catch (error) {
      if (!(error instanceof Unsayable)) throw error;
      unsayable.push(`${name} (${error.message})`);
    }
  };
  for (const { name, type } of functions.values()) if (exported.has(name)) make(name, type);
  for (const [name, prototype] of annotations.prototypes) {
    const declared = functions.get(name)?.type;
    const count = parameterCount(prototype);
    if (declared && !declared.variadic && count !== undefined && count !== declared.parameters.length)
      console.warn(`${library.title}: ${name} has ${declared.parameters.length} parameters in C, not ${count}`);
    made.set(name, prototype);
  }
  for (const name of exported) {
    const twin = plainNames(name).find((each) => made.has(each));
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

const shared = readAnnotations(`${HERE}types.txt`);
/** What each file says: type aliases and prototypes. */
const files = new Map();
const longDoubles = new Map();

function addFile(file, title, made, typedefs) {
  const prototypes = [];
  for (const [name, prototype] of [...made].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (OWN_TYPE.test(prototype)) longDoubles.set(name, prototype);
    else prototypes.push(prototype);
  }
  files.set(file, { title, lines: [...typedefsFor(prototypes, typedefs), "", ...prototypes] });
  console.log(`${file}.conf: ${prototypes.length} functions`);
}

function addLibrary(library) {
  const annotations = readAnnotations(`${HERE}${library.notes}`, shared);
  const { made, unsayable, missing } = prototypesOf(library, annotations);
  if (library.file) addFile(library.file, library.title, made, annotations.typedefs);
  for (const [file, object] of Object.entries(library.files ?? {})) {
    const exported = exportsOf([object]);
    addFile(
      file,
      library.title,
      [...made].filter(([name]) => exported.has(name)),
      annotations.typedefs,
    );
  }
  if (process.argv.includes("--missing"))
    console.log(`  cannot be said: ${unsayable.join(" ")}\n  exported, not declared: ${missing.join(" ")}`);
}

function addLongDoubles() {
  const lines = [...longDoubles].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, prototype]) => prototype);
  const note = "; The type ldouble is tsltrace's own.";
  files.set("long-double", {
    title: "functions of long double",
    lines: [note, ...typedefsFor(lines, shared.typedefs), "", ...lines],
  });
  console.log(`long-double.conf: ${lines.length} functions`);
}

function addImports() {
  for (const [file, others] of Object.entries(imports)) {
    const lines = others.map((other) => `import "${other}";`);
    const known = files.get(file);
    files.set(file, { title: known?.title ?? file, lines: known ? [...lines, ...known.lines] : lines });
  }
}

for (const library of libraries) addLibrary(library);
addLongDoubles();
addImports();
rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
for (const [file, { title, lines }] of files) {
  const head = `; Prototypes of ${title}, for tsltrace. Made by scripts/generate-prototypes.mjs; see ltrace.conf(5).`;
  writeFileSync(`${OUT}${file}.conf`, `${[head, "", ...lines].join("\n")}\n`);
}
