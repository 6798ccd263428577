// semctl(2): values, counts of waiters, and what a set tells of itself. ipc/sem.c: ksys_semctl
import * as uapi from "../../abi/constants/ipc.js";
import { EINVAL, ERANGE, Errno } from "../../abi/errno.js";
import { IPC_64, semidDs } from "../../abi/ipc.js";
import type { Task } from "../task/task.js";
import { READ, secondsNow, WRITE } from "./ipc-ids.js";
import { SEMMNI, SEMMNS, SEMMSL, SEMOPM, SEMVMX, type SemaphoreSet } from "./semaphores.js";

const SEMUSZ = 20;

/** semctl(2) of i386: IPC_64 may be there, and then IPC_STAT is taken for what looks by index. */
export function compatSemctl(task: Task, id: number, number: number, command: number, argument: number): number {
  const result = semctl(task, id, number, command & ~IPC_64, argument);
  return command === (uapi.IPC_STAT | IPC_64) ? id : result;
}

export function semctl(task: Task, id: number, number: number, command: number, argument: number): number {
  const { semaphores } = task.namespaces.ipc;
  if (id < 0) throw new Errno(EINVAL);
  switch (command) {
    case uapi.IPC_INFO:
    case uapi.SEM_INFO:
      return writeInfo(task, command, argument);
    case uapi.IPC_STAT:
    case uapi.SEM_STAT:
    case uapi.SEM_STAT_ANY: {
      const set = command === uapi.IPC_STAT ? semaphores.find(id) : semaphores.at(id);
      if (command !== uapi.SEM_STAT_ANY) set.permissions.check(task, READ);
      task.copyOut(argument, pack(task, set));
      return command === uapi.IPC_STAT ? 0 : set.id;
    }
    case uapi.IPC_SET: {
      const view = task.readStruct(semidDs, argument);
      const set = semaphores.find(id);
      set.permissions.checkOwner(task);
      set.permissions.set(view, task);
      set.changedAt = secondsNow(task);
      return 0;
    }
    case uapi.IPC_RMID: {
      const set = semaphores.find(id);
      set.permissions.checkOwner(task);
      semaphores.remove(set);
      return 0;
    }
    case uapi.GETALL:
    case uapi.SETALL:
      return allValues(task, semaphores.find(id), command, argument);
    case uapi.SETVAL:
      return setValue(task, semaphores.find(id), number, argument | 0);
    case uapi.GETVAL:
    case uapi.GETPID:
    case uapi.GETNCNT:
    case uapi.GETZCNT:
      return oneValue(task, semaphores.find(id), number, command);
    default:
      throw new Errno(EINVAL);
  }
}

function oneValue(task: Task, set: SemaphoreSet, number: number, command: number): number {
  set.permissions.check(task, READ);
  if (number < 0 || number >= set.values.length) throw new Errno(EINVAL);
  switch (command) {
    case uapi.GETVAL:
      return set.values[number];
    case uapi.GETPID:
      return task.pidNamespace.inside(set.pids[number]);
    default:
      return set.waiters(number, command === uapi.GETZCNT);
  }
}

function allValues(task: Task, set: SemaphoreSet, command: number, address: number): number {
  set.permissions.check(task, command === uapi.SETALL ? WRITE : READ);
  if (command === uapi.GETALL) {
    task.copyOut(address, new Uint8Array(Uint16Array.from(set.values).buffer));
    return 0;
  }
  const wanted = new Uint16Array(task.copyIn(address, set.values.length * 2).buffer);
  if (wanted.some((value) => value > SEMVMX)) throw new Errno(ERANGE);
  set.values.set(wanted);
  set.pids.fill(task.tgid);
  for (const undo of set.undos) undo.fill(0);
  set.changedAt = secondsNow(task);
  return 0;
}

function setValue(task: Task, set: SemaphoreSet, number: number, value: number): number {
  if (value < 0 || value > SEMVMX) throw new Errno(ERANGE);
  set.permissions.check(task, WRITE);
  if (number < 0 || number >= set.values.length) throw new Errno(EINVAL);
  set.values[number] = value;
  set.pids[number] = task.tgid;
  for (const undo of set.undos) undo[number] = 0;
  set.changedAt = secondsNow(task);
  return 0;
}

/** struct semid64_ds. */
function pack(task: Task, set: SemaphoreSet): Uint8Array {
  const { abi } = task;
  return semidDs.encode(
    {
      sem_perm: set.permissions.encode(set.id, task),
      sem_otime: set.usedAt,
      sem_ctime: set.changedAt,
      sem_nsems: set.values.length,
    },
    abi,
  );
}

/** struct seminfo: limits, or with SEM_INFO what is in use. */
function writeInfo(task: Task, command: number, address: number): number {
  const { semaphores } = task.namespaces.ipc;
  const isUsage = command === uapi.SEM_INFO;
  const size = isUsage ? semaphores.count : SEMUSZ;
  const adjust = isUsage ? semaphores.used : SEMVMX;
  const words = [SEMMNS, SEMMNI, SEMMNS, SEMMNS, SEMMSL, SEMOPM, SEMOPM, size, SEMVMX, adjust];
  task.copyOut(address, new Uint8Array(Int32Array.from(words).buffer));
  return semaphores.highest;
}
