// Switches of prctl that few programs touch. kernel/sys.c

import * as pr from "../../abi/constants/processes.js";
import { CAP_SYS_RESOURCE } from "../../abi/constants/security.js";
import { EINVAL, ENODEV, ENXIO, EPERM, Errno } from "../../abi/errno.js";
import { setUserDispatch } from "../entry/user-dispatch.js";
import { setMm } from "./prctl-mm.js";
import type { Task } from "./task.js";

/** What follows the option. */
export type PrctlArguments = readonly [number, number, number, number];

const MCE_KILL_LATE = 0;
const MCE_KILL_EARLY = 1;
const MCE_KILL_DEFAULT = 2;
const TSC_ENABLE = 1;
const TSC_SIGSEGV = 2;
/** Store bypass, indirect branches, flushing of the first-level cache: the processor is not affected by any. */
const SPECULATIONS = 3;
const NOT_AFFECTED = 0;
const RESTORE_IDS_GET = 2;

type Option = (task: Task, args: PrctlArguments) => number;

/** EINVAL for anything behind the first `used` arguments. */
const taking =
  (used: number, run: Option): Option =>
  (task, args) => {
    if (args.slice(used).some((arg) => arg !== 0)) throw new Errno(EINVAL);
    return run(task, args);
  };

const always =
  (run: (args: PrctlArguments, task: Task) => void): Option =>
  (task, args) => {
    run(args, task);
    return 0;
  };

const forAdministrator =
  (run: Option): Option =>
  (task, args) => {
    if (!task.cred.can(CAP_SYS_RESOURCE)) throw new Errno(EPERM);
    return run(task, args);
  };

const OPTIONS = new Map<number, Option>([
  [pr.PR_GET_TSC, getTscMode],
  [pr.PR_SET_TSC, setTscMode],
  [pr.PR_TASK_PERF_EVENTS_DISABLE, () => 0],
  [pr.PR_TASK_PERF_EVENTS_ENABLE, () => 0],
  [pr.PR_MCE_KILL, taking(2, setMceKill)],
  [pr.PR_MCE_KILL_GET, taking(0, ({ signal }) => signal.mceKill)],
  [pr.PR_GET_SPECULATION_CTRL, taking(1, speculation)],
  [pr.PR_SET_SPECULATION_CTRL, taking(2, refuseSpeculation)],
  [pr.PR_SET_IO_FLUSHER, forAdministrator(taking(1, setFlusher))],
  [pr.PR_GET_IO_FLUSHER, forAdministrator(taking(0, ({ isFlusher }) => (isFlusher ? 1 : 0)))],
  [pr.PR_SET_MDWE, taking(1, setDenyWriteExecute)],
  [pr.PR_GET_MDWE, taking(0, ({ mm }) => mm.denyWriteExecute)],
  [pr.PR_SET_MEMORY_MERGE, taking(1, setMerge)],
  [pr.PR_GET_MEMORY_MERGE, taking(0, ({ mm }) => (mm.mergesPages ? 1 : 0))],
  [pr.PR_TIMER_CREATE_RESTORE_IDS, taking(1, restoreIds)],
  [pr.PR_SET_MM, always(([option, address, length, rest], task) => setMm(task, option, address, length, rest))],
  [
    pr.PR_SET_SYSCALL_USER_DISPATCH,
    always(([mode, start, length, selector], task) => setUserDispatch(task, mode, start, length, selector)),
  ],
  [pr.PR_GET_AUXV, taking(2, copyAuxv)],
]);

/** undefined for an option that is none of them. */
export function rareOption(task: Task, option: number, args: PrctlArguments): number | undefined {
  return OPTIONS.get(option)?.(task, args);
}

function getTscMode(task: Task, [address]: PrctlArguments): number {
  task.writeU32(address, task.tscMode);
  return 0;
}

/** Remembered: the time stamp counter can be read all the same. */
function setTscMode(task: Task, [mode]: PrctlArguments): number {
  if (mode !== TSC_ENABLE && mode !== TSC_SIGSEGV) throw new Errno(EINVAL);
  task.tscMode = mode;
  return 0;
}

/** When a page of its memory goes bad, which none does. */
function setMceKill(task: Task, [operation, policy]: PrctlArguments): number {
  if (operation === pr.PR_MCE_KILL_CLEAR) {
    if (policy !== 0) throw new Errno(EINVAL);
    task.signal.mceKill = MCE_KILL_DEFAULT;
    return 0;
  }
  const isKnown = [MCE_KILL_LATE, MCE_KILL_EARLY, MCE_KILL_DEFAULT].includes(policy);
  if (operation !== pr.PR_MCE_KILL_SET) throw new Errno(EINVAL);
  if (!isKnown) {
    // That there is a policy is noted before it is looked at.
    if (task.signal.mceKill === MCE_KILL_DEFAULT) task.signal.mceKill = MCE_KILL_LATE;
    throw new Errno(EINVAL);
  }
  task.signal.mceKill = policy;
  return 0;
}

function speculation(_task: Task, [which]: PrctlArguments): number {
  if (which >= SPECULATIONS) throw new Errno(ENODEV);
  return NOT_AFFECTED;
}

function refuseSpeculation(_task: Task, [which]: PrctlArguments): never {
  throw new Errno(which >= SPECULATIONS ? ENODEV : ENXIO);
}

function setFlusher(task: Task, [value]: PrctlArguments): number {
  if (value > 1) throw new Errno(EINVAL);
  task.isFlusher = value === 1;
  return 0;
}

/** Memory that has been or can be written is not to be run: once said, it stays. */
function setDenyWriteExecute(task: Task, [bits]: PrctlArguments): number {
  const { PR_MDWE_REFUSE_EXEC_GAIN, PR_MDWE_NO_INHERIT } = pr;
  if (bits > (PR_MDWE_REFUSE_EXEC_GAIN | PR_MDWE_NO_INHERIT)) throw new Errno(EINVAL);
  if (bits & PR_MDWE_NO_INHERIT && !(bits & PR_MDWE_REFUSE_EXEC_GAIN)) throw new Errno(EINVAL);
  const { mm } = task;
  if (mm.denyWriteExecute !== 0 && mm.denyWriteExecute !== bits) throw new Errno(EPERM);
  mm.denyWriteExecute = bits;
  return 0;
}

function setMerge(task: Task, [value]: PrctlArguments): number {
  task.mm.mergesPages = value !== 0;
  return 0;
}

function restoreIds(task: Task, [value]: PrctlArguments): number {
  if (value > RESTORE_IDS_GET) throw new Errno(EINVAL);
  if (value === RESTORE_IDS_GET) return task.signal.restoresTimerIds ? 1 : 0;
  task.signal.restoresTimerIds = value === 1;
  return 0;
}

/** The auxiliary vector as exec made it: its whole length. */
function copyAuxv(task: Task, [address, length]: PrctlArguments): number {
  const { auxv } = task.mm;
  task.copyOut(address, auxv.subarray(0, length));
  return auxv.length;
}
