// Loads the bundled program through V8's code cache. A cache of another V8 is ignored: the program then only starts slower.
const { readFileSync, readdirSync, statSync } = require("node:fs");
const { getPriority, setPriority } = require("node:os");
const { basename, dirname, join } = require("node:path");
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

/**
 * V8 compiles and collects garbage in threads of its own, which on few processors take their time from the thread that runs the program. Where
 * threads have a priority each (Linux), they get a lower one.
 */
function yieldToMainThread() {
  if (process.platform !== "linux") return;
  try {
    const nice = Math.min(getPriority() + 10, 19);
    for (const thread of readdirSync("/proc/self/task").map(Number))
      if (thread !== process.pid) setPriority(thread, nice);
  } catch {
    // A thread ended meanwhile, or nothing of this is allowed here.
  }
}

const modified = (file) => statSync(join(__dirname, "../dist", file), { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Runs the command `entry`, called `name` unless it was started under another name. */
async function start(name, entry) {
  const [modules, bundle] = [modified("cli/main.js"), modified("tsstrace.cjs")];
  if (modules + bundle === 0) {
    console.error(`${name}: not built yet: npm run build`);
    process.exitCode = 1;
    return;
  }
  yieldToMainThread();
  // A plain `tsc` leaves the bundle behind: then the modules themselves are run.
  const commands = modules > bundle ? await import("../dist/cli/main.js") : load().exports;
  process.exitCode = await commands[entry](basename(process.argv[1] ?? name, ".js"), process.argv.slice(2));
  // Taking the heap apart takes longer. On Windows what was written to a pipe may still be under way.
  if (process.platform !== "win32") process.exit();
}

module.exports = { load, start };
