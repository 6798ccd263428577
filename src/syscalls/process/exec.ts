// Running programs. See execve(2).
import { AT_FDCWD, execveatFlags } from "../../abi/constants/files.js";
import { dirFd } from "../../abi/descriptors.js";
import { flagsOf, long } from "../../abi/scalars.js";
import { stringVector } from "../../abi/string-vector.js";
import { path } from "../../abi/strings.js";
import { execute } from "../../kernel/exec/exec.js";
import { defineSyscall } from "../define.js";

export const execveCall = defineSyscall({
  name: "execve",
  nr: { x64: 59, i386: 11, x32: 520 },
  classes: ["file", "process"],
  args: { pathname: path, argv: stringVector(false), envp: stringVector(true) },
  returns: long,
  run: (task, { pathname, argv, envp }) => execute(task, AT_FDCWD, pathname, argv, envp),
});

export const execveatCall = defineSyscall({
  name: "execveat",
  nr: { x64: 322, i386: 358, x32: 545 },
  classes: ["desc", "file", "process"],
  args: {
    dirfd: dirFd,
    pathname: path,
    argv: stringVector(false),
    envp: stringVector(true),
    flags: flagsOf(execveatFlags),
  },
  returns: long,
  run: (task, { dirfd, pathname, argv, envp, flags }) => execute(task, dirfd, pathname, argv, envp, flags),
});

export const uselibCall = defineSyscall({
  name: "uselib",
  nr: { x64: 134, i386: 86 },
  classes: ["file"],
  args: { path },
  returns: long,
});
