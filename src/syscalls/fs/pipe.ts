// Pipes. See pipe(2).
import { openFlags as openFlagTable } from "../../abi/constants/files.js";
import { fdPairOut } from "../../abi/descriptors.js";
import { flagsOf, long } from "../../abi/scalars.js";
import { pipe } from "../../kernel/vfs/descriptors.js";
import { defineSyscall } from "../define.js";

export const pipeCall = defineSyscall({
  name: "pipe",
  nr: { x64: 22, i386: 42, x32: 22 },
  classes: ["desc"],
  args: { pipefd: fdPairOut },
  returns: long,
  run: (task, { pipefd }) => pipe(task, pipefd, 0),
});

export const pipe2Call = defineSyscall({
  name: "pipe2",
  nr: { x64: 293, i386: 331, x32: 293 },
  classes: ["desc"],
  args: { pipefd: fdPairOut, flags: flagsOf(openFlagTable) },
  returns: long,
  run: (task, { pipefd, flags }) => pipe(task, pipefd, flags),
});
