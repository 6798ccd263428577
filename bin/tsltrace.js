#!/usr/bin/env node
// tsltrace: ltrace for Linux x86-64 programs, without Linux underneath.
const { start } = require("./load.js");

start("tsltrace", "ltrace");
