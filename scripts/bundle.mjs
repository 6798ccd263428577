// The last step of the build: all of dist/ and its dependencies in one file, and beside it V8's code cache of that file, made by running
// a sample. Start-up is what it is for: three hundred modules take longer to load than a short program to run.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
const bundle = await rolldown({
  input: join(root, "dist/cli/main.js"),
  platform: "node",
  logLevel: "silent",
});
const { output } = await bundle.generate({
  format: "cjs",
  codeSplitting: false,
  minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
  comments: { legal: false },
});
// One byte a character: V8 would keep a text with a single wider one at twice the size.
const code = output[0].code.replace(
  /[^\x00-\x7f]/g,
  (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
);
writeFileSync(join(root, "dist/tsstrace.cjs"), code);

const { load } = createRequire(import.meta.url)("../bin/load.js");
const { script, exports } = load();
const scratch = mkdtempSync(join(tmpdir(), "tsstrace-build-"));
try {
  const sample = [join(root, "samples/bin/cat"), "/dev/null"]; // says nothing in the midst of a build
  const status = await exports.main("tsstrace", ["-o", join(scratch, "trace"), ...sample]);
  if (status !== 0) throw new Error(`the sample ended with ${status}`);
  writeFileSync(join(root, "dist/tsstrace.cache"), script.createCachedData());
} finally {
  rmSync(scratch, { recursive: true });
}
