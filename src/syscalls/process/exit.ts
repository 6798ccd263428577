// Ending. See _exit(2).
import { int, long } from "../../abi/scalars.js";
import { exitInCall } from "../../kernel/task/exit.js";
import { defineSyscall } from "../define.js";

export const exitCall = defineSyscall({
  name: "exit",
  nr: { x64: 60, i386: 1, x32: 60 },
  classes: ["process"],
  args: { status: int },
  returns: long,
  run: (task, { status }) => exitInCall(task, (status & 0xff) << 8, false),
});

export const exitGroupCall = defineSyscall({
  name: "exit_group",
  nr: { x64: 231, i386: 252, x32: 231 },
  classes: ["process"],
  args: { status: int },
  returns: long,
  run: (task, { status }) => exitInCall(task, (status & 0xff) << 8, true),
});
