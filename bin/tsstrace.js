#!/usr/bin/env node
// tsstrace: strace for Linux x86-64 programs, without Linux underneath.
const { statSync } = require("node:fs");
const { basename, join } = require("node:path");
const { load } = require("./load.js");

const modified = (file) => statSync(join(__dirname, "../dist", file), { throwIfNoEntry: false })?.mtimeMs ?? 0;

// The program's address space, 4 GiB that cost nothing until touched. V8 collects garbage when it is made: here there is next to none.
const memory = new WebAssembly.Memory({ initial: 65536, maximum: 65536 });

async function start() {
  // A plain `tsc` leaves the bundle behind: then the modules themselves are run.
  const { main } =
    modified("cli/main.js") > modified("tsstrace.cjs") ? await import("../dist/cli/main.js") : load().exports;
  process.exitCode = await main(basename(process.argv[1] ?? "tsstrace", ".js"), process.argv.slice(2), memory);
}

start();
