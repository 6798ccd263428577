// A step of the build: tsltrace's prototype files, which are data, go to dist/ beside the code that reads them.
import { cpSync } from "node:fs";

const at = (path) => new URL(`../${path}/ltrace/prototypes`, import.meta.url);
cpSync(at("src"), at("dist"), { recursive: true });
