/** What the headers of this machine declare and what its shared objects export. */

import { execFileSync, spawnSync } from "node:child_process";
import { readDeclarations } from "./c-declarations.mjs";

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
export function exportsOf(paths) {
  if (paths.length === 0) return new Set();
  const lines = execFileSync("nm", ["-D", "--defined-only", ...paths], { encoding: "utf8" }).split("\n");
  const names = lines.map((line) => /^\S+ [TWi] ([^@]+)/.exec(line)?.[1]).filter(Boolean);
  return new Set(names);
}

/** Every function that the headers declare, the first declaration of each. */
export function declarationsOf(library) {
  const functions = new Map();
  const typedefs = new Map();
  for (const header of headersOf(library)) {
    for (const options of [[], ["-O2", "-D_FORTIFY_SOURCE=2"]]) {
      const text = preprocess(header, library.before ?? [], options);
      if (text === undefined) continue;
      const read = readDeclarations(text);
      for (const [name, type] of read.typedefs) typedefs.set(name, type);
      for (const each of read.functions) if (!functions.has(each.name)) functions.set(each.name, each);
    }
  }
  return { functions, typedefs };
}
