#!/usr/bin/env node
// tsstrace: strace for Linux x86-64 programs, without Linux underneath.
const { basename } = require("node:path");
const { load } = require("./load.js");

load()
  .exports.main(basename(process.argv[1] ?? "tsstrace", ".js"), process.argv.slice(2))
  .then((status) => {
    process.exitCode = status;
  });
