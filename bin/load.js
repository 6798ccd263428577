// Loads the bundled program through V8's code cache. A cache of another V8 is ignored: the program then only starts slower.
const { readFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const vm = require("node:vm");

function load() {
  const filename = join(__dirname, "../dist/tsstrace.cjs");
  const source = readFileSync(filename, "latin1"); // one function, of what every CommonJS module sees
  let cachedData;
  try {
    cachedData = readFileSync(join(__dirname, "../dist/tsstrace.cache"));
  } catch {
    // Built without one.
  }
  const script = new vm.Script(source, { filename, cachedData });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, filename, dirname(filename));
  return { script, exports: module.exports };
}

module.exports = { load };
