// System V semaphores. See semget(2).
import { semctlCommands } from "../../abi/constants/ipc.js";
import { controlCommand, ipcKey, semctlArgument, semgetFlag, semOperations } from "../../abi/ipc.js";
import { int, long, unsignedInt } from "../../abi/scalars.js";
import { timespecIn } from "../../abi/time.js";
import { semctl } from "../../kernel/ipc/semaphore-control.js";
import { semget, semop } from "../../kernel/ipc/semaphores.js";
import { defineSyscall } from "../define.js";

export const semgetCall = defineSyscall({
  name: "semget",
  nr: { x64: 64, i386: 393, x32: 64 },
  classes: ["ipc"],
  args: { key: ipcKey, nsems: int, semflg: semgetFlag },
  returns: long,
  run: (task, { key, nsems, semflg }) => semget(task, key, nsems, semflg),
});

export const semopCall = defineSyscall({
  name: "semop",
  nr: { x64: 65, x32: 65 },
  classes: ["ipc"],
  args: { semid: int, sops: semOperations, nsops: unsignedInt },
  returns: long,
  run: (task, { semid, sops, nsops }) => semop(task, semid, sops, nsops, 0),
});

export const semtimedopCall = defineSyscall({
  name: "semtimedop",
  nr: { x64: 220, x32: 220 },
  classes: ["ipc"],
  args: { semid: int, sops: semOperations, nsops: unsignedInt, timeout: timespecIn },
  returns: long,
  run: (task, { semid, sops, nsops, timeout }) => semop(task, semid, sops, nsops, timeout),
});

export const semctlCall = defineSyscall({
  name: "semctl",
  nr: { x64: 66, x32: 66 },
  classes: ["ipc"],
  args: { semid: int, semnum: int, op: controlCommand(semctlCommands), arg: semctlArgument },
  returns: long,
  run: (task, { semid, semnum, op, arg }) => semctl(task, semid, semnum, op, arg),
});
