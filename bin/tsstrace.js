#!/usr/bin/env node
// tsstrace: strace for Linux x86-64 programs, without Linux underneath.
import { basename } from "node:path";
import { main } from "../dist/cli/main.js";

process.exitCode = await main(basename(process.argv[1] ?? "tsstrace", ".js"), process.argv.slice(2));
