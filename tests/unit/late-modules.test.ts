// The build's pass that has modules of the bundle evaluated when something of theirs is used.
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";

type Pass = (code: string, isLate: (path: string) => boolean, importsForEffect: (path: string) => boolean) => string;
const script = "../../scripts/late-modules.mjs";
const { withLateModules } = (await import(script)) as { withLateModules: Pass };

const RUNTIME = "var __esmMin = (fn) => () => { if (fn) { const its = fn; fn = undefined; its(); } };\n";

/** What `code` gives after `log` has been told which modules were evaluated, with those of late/ late. */
function run(code: string): unknown[] {
  const late = withLateModules(
    RUNTIME + code,
    (path) => path.startsWith("dist/late/"),
    (path) => path.endsWith("/all.js"),
  );
  const log: unknown[] = [];
  runInNewContext(late, { log: (...words: unknown[]) => log.push(...words) });
  return log;
}

const TABLE = `
// dist/late/table.js
function size() { return table.length; }
var table, count;
var init_table = __esmMin((() => { log("table"); table = [1, 2]; count = 0; }));
`;

test("a module is evaluated when a variable of it is first looked at, by its own functions too", () => {
  const user = `
// dist/early/user.js
var init_user = __esmMin((() => { init_table(); log("user"); }));
init_user();`;
  expect(run(TABLE + user)).toEqual(["user"]);
  expect(run(`${TABLE + user} log(table[1]);`)).toEqual(["user", "table", 2]);
  expect(run(`${TABLE + user} log(size());`)).toEqual(["user", "table", 2]);
  expect(run(`${TABLE + user} log({ table }.table.length, typeof (() => table));`)).toEqual([
    "user",
    "table",
    2,
    "function",
  ]);
});

test("names that are declared nearer mean something else", () => {
  const user = `
// dist/early/user.js
function parameter(table) { return table; }
function pattern({ table: { count } }) { return count; }
function block() { { const table = 5; return table; } }
function member(of) { return of.table; }
log(parameter(3), pattern({ table: { count: 4 } }), block(), member({ table: 6 }));`;
  expect(run(TABLE + user)).toEqual([3, 4, 5, 6]);
});

test("what is written to has its first value before", () => {
  expect(run(`${TABLE} function add() { count += 2; return ++count; } log(add(), count);`)).toEqual(["table", 3, 3]);
});

test("what a late module imports and is not late is there for its functions", () => {
  const modules = `
// dist/early/number.js
var number;
var init_number = __esmMin((() => { number = 7; }));
// dist/late/double.js
function double() { return number * 2; }
var init_double = __esmMin((() => { init_number(); }));
// dist/early/user.js
var init_user = __esmMin((() => { init_double(); log(double()); }));
init_user();`;
  expect(run(modules)).toEqual([14]);
});

test("modules that are imported for their effect have it with whatever imports them", () => {
  const modules = `
// dist/early/rows.js
var rows;
var init_rows = __esmMin((() => { rows = []; }));
// dist/late/family.js
var init_family = __esmMin((() => { init_rows(); rows.push("row"); }));
// dist/late/all.js
var known;
var init_all = __esmMin((() => { init_rows(); init_family(); known = rows; }));
// dist/early/user.js
var init_user = __esmMin((() => { init_rows(); init_all(); log(rows.length); log(known.length); }));
init_user();`;
  expect(run(modules)).toEqual([0, 1]);
});

test("a declaration's arguments are made once, when they are looked at", () => {
  const modules = `${TABLE}
// dist/early/calls.js
const call = { args: { first: table } };
log("made"); log(call.args === call.args, call.args.first.length);`;
  expect(run(modules)).toEqual(["made", "table", true, 2]);
});
