#!/usr/bin/env node
// tsstrace: strace for Linux x86-64 programs, without Linux underneath.
const { start } = require("./load.js");

start("tsstrace", "main");
