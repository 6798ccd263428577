// The table of -c, as strace 7.2 lays it out.
import { expect, test } from "vitest";
import { defaultOptions } from "../../../src/strace/options.js";
import { Summary } from "../../../src/strace/summary.js";

test("sorted by time, zero errors blank, the name unpadded at the end", () => {
  const summary = new Summary(defaultOptions());
  summary.count("read", 2000, false);
  for (let i = 0; i < 3; i++) summary.count("openat", 1000, i === 2);
  expect(summary.text()).toBe(
    `% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 60.00    0.000003           1         3         1 openat
 40.00    0.000002           2         1           read
------ ----------- ----------- --------- --------- ----------------
100.00    0.000005           1         4         1 total
`,
  );
});

test("columns as asked for", () => {
  const summary = new Summary({
    ...defaultOptions(),
    summaryColumns: ["name", "calls", "errors", "min-time", "max-time", "avg-time", "time-percent", "total-time"],
  });
  summary.count("openat", 3000, false);
  summary.count("openat", 4000, false);
  expect(summary.text()).toBe(
    `syscall              calls    errors shortest  longest  usecs/call % time     seconds
---------------- --------- --------- -------- -------- ----------- ------ -----------
openat                   2           0.000003 0.000004           3 100.00    0.000007
---------------- --------- --------- -------- -------- ----------- ------ -----------
total                    2           0.000003 0.000004           3 100.00    0.000007
`,
  );
});
