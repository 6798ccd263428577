// Waiting for children. See wait(2), waitid(2).
import { waitIdTypes } from "../../abi/constants/processes.js";
import { pid } from "../../abi/descriptors.js";
import { rusageOfChild, rusageOfWaitid } from "../../abi/processes.js";
import { long, oneOf } from "../../abi/scalars.js";
import { siginfoOut } from "../../abi/signals.js";
import { waitidId, waitOptions, waitStatusOut } from "../../abi/wait.js";
import { wait4, waitid } from "../../kernel/task/wait-child.js";
import { defineSyscall } from "../define.js";

export const wait4Call = defineSyscall({
  name: "wait4",
  nr: { x64: 61, i386: 114, x32: 61 },
  classes: ["process"],
  args: { pid, status: waitStatusOut, options: waitOptions, usage: rusageOfChild },
  returns: long,
  run: (task, { pid, status, options, usage }) => wait4(task, pid, status, options, usage),
});

export const waitidCall = defineSyscall({
  name: "waitid",
  nr: { x64: 247, i386: 284, x32: 529 },
  classes: ["process"],
  args: { idtype: oneOf(waitIdTypes), id: waitidId, siginfo: siginfoOut, options: waitOptions, usage: rusageOfWaitid },
  returns: long,
  run: (task, { idtype, id, siginfo, options, usage }) => waitid(task, idtype, id, siginfo, options, usage),
});
