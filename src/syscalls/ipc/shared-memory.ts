// System V shared memory. See shmget(2).
import { shmatFlags, shmctlCommands } from "../../abi/constants/ipc.js";
import { controlCommand, ipcKey, shmctlBuffer, shmgetFlag } from "../../abi/ipc.js";
import { address, flagsOf, hexLong, int, long, unsignedLong } from "../../abi/scalars.js";
import { shmat, shmctl, shmdt, shmget } from "../../kernel/ipc/shared-memory.js";
import { defineSyscall } from "../define.js";

export const shmgetCall = defineSyscall({
  name: "shmget",
  nr: { x64: 29, i386: 395, x32: 29 },
  classes: ["ipc"],
  args: { key: ipcKey, size: unsignedLong, shmflg: shmgetFlag },
  returns: long,
  run: (task, { key, size, shmflg }) => shmget(task, key, size, shmflg),
});

export const shmatCall = defineSyscall({
  name: "shmat",
  nr: { x64: 30, i386: 397, x32: 30 },
  classes: ["ipc", "memory"],
  args: { shmid: int, shmaddr: address, shmflg: flagsOf(shmatFlags) },
  returns: hexLong,
  run: (task, { shmid, shmaddr, shmflg }) => shmat(task, shmid, shmaddr, shmflg),
});

export const shmdtCall = defineSyscall({
  name: "shmdt",
  nr: { x64: 67, i386: 398, x32: 67 },
  classes: ["ipc", "memory"],
  args: { shmaddr: address },
  returns: long,
  run: (task, { shmaddr }) => shmdt(task, shmaddr),
});

export const shmctlCall = defineSyscall({
  name: "shmctl",
  nr: { x64: 31, i386: 396, x32: 31 },
  classes: ["ipc"],
  args: { shmid: int, op: controlCommand(shmctlCommands), buf: shmctlBuffer },
  returns: long,
  run: (task, { shmid, op, buf }) => shmctl(task, shmid, op, buf),
});
