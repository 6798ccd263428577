// Limits and usage. See getrlimit(2), getrusage(2), times(2).
import { rlimitResources, rusageWho } from "../../abi/constants/processes.js";
import { pid } from "../../abi/descriptors.js";
import { rlimit64In, rlimit64Out, rlimitIn, rlimitOut, rusageOut } from "../../abi/processes.js";
import { long, oneOf } from "../../abi/scalars.js";
import { structOut } from "../../abi/struct.js";
import { tms } from "../../abi/time.js";
import { getRusage, getrlimit, prlimit, setrlimit, times } from "../../kernel/task/limits.js";
import { defineSyscall } from "../define.js";

export const getrlimitCall = defineSyscall({
  name: "getrlimit",
  nr: { x64: 97, x32: 97 },
  classes: [],
  args: { resource: oneOf(rlimitResources), rlim: rlimitOut },
  returns: long,
  run: (task, { resource, rlim }) => getrlimit(task, resource, rlim),
});

export const setrlimitCall = defineSyscall({
  name: "setrlimit",
  nr: { x64: 160, i386: 75, x32: 160 },
  classes: [],
  args: { resource: oneOf(rlimitResources), rlim: rlimitIn },
  returns: long,
  run: (task, { resource, rlim }) => setrlimit(task, resource, rlim),
});

export const prlimit64Call = defineSyscall({
  name: "prlimit64",
  nr: { x64: 302, i386: 340, x32: 302 },
  classes: [],
  args: { pid, resource: oneOf(rlimitResources), new_limit: rlimit64In, old_limit: rlimit64Out },
  returns: long,
  run: (task, { pid, resource, new_limit, old_limit }) => prlimit(task, pid, resource, new_limit, old_limit),
});

export const getrusageCall = defineSyscall({
  name: "getrusage",
  nr: { x64: 98, i386: 77, x32: 98 },
  classes: [],
  args: { who: oneOf(rusageWho), usage: rusageOut },
  returns: long,
  run: (task, { who, usage }) => getRusage(task, who, usage),
});

export const timesCall = defineSyscall({
  name: "times",
  nr: { x64: 100, i386: 43, x32: 100 },
  classes: [],
  args: { buf: structOut(tms) },
  returns: long,
  run: (task, { buf }) => times(task, buf),
});
