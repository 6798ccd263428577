// The last step of the build: all of dist/ and its dependencies in one file, and beside it V8's code cache of that file, made by running
// a sample. Start-up is what it is for: three hundred modules take longer to load than a short program to run.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

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
    minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
    comments: { legal: false },
  });
  // One byte a character: V8 would keep a text with a single wider one at twice the size.
  const code = output[0].code.replace(
    /[^\x00-\x7f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  writeFileSync(join(root, "dist/tsstrace.cjs"), code);
}

/** The functions a plain run needs are in the cache; those of the option parser would only make it longer to load. */
async function writeCache() {
  const { load } = createRequire(import.meta.url)("../bin/load.js");
  const { script, exports } = load();
  const status = await exports.main("tsstrace", [join(root, "samples/bin/syscall-hello")]);
  if (status !== 0) throw new Error(`the sample ended with ${status}`);
  writeFileSync(join(root, "dist/tsstrace.cache"), script.createCachedData());
}
