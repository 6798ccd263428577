// The last step of the build: all of dist/ and its dependencies in one file, and beside it V8's code cache of that file, made by running
// a sample. Start-up is what it is for: three hundred modules take longer to load than a short program to run.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import v8 from "node:v8";
import { rolldown } from "rolldown";
import { parseAst } from "rolldown/parseAst";
import { minifySync } from "rolldown/utils";
import { withLateModules } from "./late-modules.mjs";

const self = fileURLToPath(import.meta.url);
const root = fileURLToPath(new URL("..", import.meta.url));

/** yargs imports Node's assert, which takes 3 ms to load: here it is loaded when something is asserted. */
const lateAssert = {
  name: "late-assert",
  resolveId: (id) => (id === "assert" ? "\0assert" : null),
  load: (id) =>
    id === "\0assert"
      ? ["strictEqual", "notStrictEqual"]
          .map((name) => `export const ${name} = (...a) => process.getBuiltinModule("assert").${name}(...a);`)
          .join("\n")
      : null,
};

/** Modules that do nothing but declare, most of which a program does not need: evaluation waits until something of them is used. */
const isLate = (path) => /^dist\/(abi|kernel|elf|control|strace|ltrace|cpu)\//.test(path);
/** The one that gathers what others declare. */
const gathers = (path) => path === "dist/cpu/x86/instructions/all.js";

/** Names in the directory that is listed for the code cache: so many that comparing them gets hot and is compiled. */
const NAMES = 400;

if (process.argv[2] === "--cache") await writeCache();
else {
  await writeBundle();
  // A process of its own, for what the sample and its trace have to say is not for the builder.
  const { status } = spawnSync(process.execPath, [self, "--cache"], { stdio: "ignore" });
  if (status !== 0) throw new Error(`making the code cache ended with ${status}`);
}

async function writeBundle() {
  const bundle = await rolldown({
    input: join(root, "dist/cli/main.js"),
    platform: "node",
    plugins: [lateAssert],
    logLevel: "silent",
  });
  const { output } = await bundle.generate({
    format: "cjs",
    codeSplitting: false,
    minify: false,
  });
  const { code: minified } = minifySync(
    "tsstrace.cjs",
    withLateModules(withLiteralNamespaces(output[0].code), isLate, gathers),
    {
      compress: true,
      mangle: { toplevel: true },
      codegen: { removeWhitespace: true, legalComments: "none" },
      sourceType: "commonjs",
    },
  );
  // One byte a character: V8 would keep a text with a single wider one at twice the size.
  const code = withoutPrivateNames(minified).replace(
    /[^\x00-\x7f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  const wrapped = `(function (exports, require, module, __filename, __dirname) {${code}\n})`;
  writeFileSync(join(root, "dist/tsstrace.cjs"), wrapped);
  // V8 tells a cache of other code by nothing but the length of the code.
  rmSync(join(root, "dist/tsstrace.cache"), { force: true });
}

/**
 * A module's namespace as one literal of getters. The bundler's own way defines one property after the other, which took 2 ms of every start.
 */
function withLiteralNamespaces(code) {
  const maker = /(__exportAll = )\(all, no_symbols\) => \{.*?return target;\n\}/s;
  if (!maker.test(code)) throw new Error("the bundler makes namespaces in a way of its own");
  const literal = code.replace(
    maker,
    '$1(target) => __defProp(target, Symbol.toStringTag, { value: "Module" })', // gives the target back
  );
  return literal.replace(/ __exportAll\(\{(.*?)\}\)/gs, (_, members) => {
    const getters = members.replace(/([\w$]+): \(\) => ([\w$]+)/g, "get $1() { return $2; }");
    return ` __exportAll({${getters}})`;
  });
}

/** Private names as properties with a number for their class: V8's interpreter, which runs most of a short program, finds them sooner. */
function withoutPrivateNames(code) {
  const tree = parseAst(code);
  const places = [];
  let classes = 0;
  const visit = (node, scopes) => {
    if (Array.isArray(node)) for (const each of node) visit(each, scopes);
    else if (node?.type === "PrivateIdentifier") {
      const its = scopes.find((names) => names.has(node.name));
      places.push({ ...node, name: its.get(node.name) });
    } else if (node && typeof node === "object") {
      let inner = scopes;
      if (node.type === "ClassBody") {
        const number = classes++;
        const names = node.body.map(({ key }) => key).filter((key) => key?.type === "PrivateIdentifier");
        inner = [new Map(names.map(({ name }) => [name, `_${name}$${number}`])), ...scopes];
      }
      for (const each of Object.values(node)) if (each && typeof each === "object") visit(each, inner);
    }
  };
  visit(tree.body, []);
  places.sort((one, other) => one.start - other.start);
  let at = 0;
  const texts = places.map(({ start, end, name }) => {
    const before = code.slice(at, start);
    at = end;
    return before + (/\w$/.test(before) ? " " : "") + name; // get#flags, static#count
  });
  const renamed = texts.join("") + code.slice(at);
  if (membersOf(parseAst(renamed)) !== membersOf(tree))
    throw new Error("renaming private names changed what is in a class");
  return renamed;
}

/** Getters, setters, methods and fields of all classes, in order. */
function membersOf(tree) {
  const kinds = [];
  JSON.stringify(tree, (key, value) => {
    if (key === "body" && value?.type === "ClassBody")
      for (const { type, kind, static: isStatic } of value.body) kinds.push(`${type} ${kind} ${isStatic}`);
    return typeof value === "bigint" ? undefined : value;
  });
  return kinds.join();
}

/**
 * The functions are in the cache that a plain run needs, and one that looks at files, with nothing kept of the program's code and with all of it;
 * those of the option parser would only make it longer to load.
 */
async function writeCache() {
  const { load } = createRequire(import.meta.url)("../bin/load.js");
  const { script, exports } = load();
  v8.setFlagsFromString = () => {}; // a cache made under other flags than it is read under is refused
  const directory = mkdtempSync(join(tmpdir(), "tsstrace-build-"));
  try {
    process.env.XDG_CACHE_HOME = directory;
    const listed = join(directory, "listed");
    mkdirSync(listed);
    for (let n = 0; n < NAMES; n++) writeFileSync(join(listed, `name-${(n * 7919) % 10_007}`), "");
    symlinkSync("name-0", join(listed, "link"));
    const sample = (name) => join(root, "samples/bin", name);
    const list = ["--run", sample("list"), listed];
    for (const words of [[sample("syscall-hello")], [sample("syscall-hello")], list, list]) {
      const status = await exports.main("tsstrace", words);
      if (status !== 0) throw new Error(`the sample ended with ${status}`);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
  writeFileSync(join(root, "dist/tsstrace.cache"), script.createCachedData());
}
