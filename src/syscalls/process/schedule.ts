// Scheduling. See sched(7), getpriority(2), ioprio_set(2).
import { ioPriority, ioPriorityResult } from "../../abi/administration.js";
import { onReturn } from "../../abi/argument.js";
import { ioprioWhich, priorityWhich, schedGetattrFlags, schedPolicies } from "../../abi/constants/processes.js";
import { pid } from "../../abi/descriptors.js";
import { EINVAL, Errno } from "../../abi/errno.js";
import { address, flagsOf, hexInt, int, long, oneOf, unsignedInt } from "../../abi/scalars.js";
import {
  cpuSet,
  schedAttrAt,
  schedParamIn,
  schedParamOut,
  schedPolicy,
  schedPolicyResult,
} from "../../abi/scheduling.js";
import { scalarOut, u32 } from "../../abi/struct.js";
import { timespecOut } from "../../abi/time.js";
import {
  getAttributes,
  getIoPriority,
  getScheduler,
  setAttributes,
  setIoPriority,
  setScheduler,
} from "../../kernel/task/schedule-attributes.js";
import {
  getAffinity,
  getPriority,
  priorityLimit,
  roundRobinInterval,
  setAffinity,
  setPriority,
  taskById,
  yieldProcessor,
} from "../../kernel/task/schedule-policy.js";
import { defineSyscall } from "../define.js";

export const schedYieldCall = defineSyscall({
  name: "sched_yield",
  nr: { x64: 24, i386: 158, x32: 24 },
  classes: [],
  args: {},
  returns: long,
  run: (task) => yieldProcessor(task),
});

export const schedSetparamCall = defineSyscall({
  name: "sched_setparam",
  nr: { x64: 142, i386: 154, x32: 142 },
  classes: [],
  args: { pid, param: schedParamIn },
  returns: long,
  run: (task, { pid, param }) => setScheduler(task, pid, undefined, param),
});

export const schedGetparamCall = defineSyscall({
  name: "sched_getparam",
  nr: { x64: 143, i386: 155, x32: 143 },
  classes: [],
  args: { pid, param: schedParamOut },
  returns: long,
  run: (task, { pid, param }) => {
    if (param === 0) throw new Errno(EINVAL);
    task.writeU32(param, taskById(task, pid).scheduling.priority);
  },
});

export const schedSetschedulerCall = defineSyscall({
  name: "sched_setscheduler",
  nr: { x64: 144, i386: 156, x32: 144 },
  classes: [],
  args: { pid, policy: schedPolicy, param: schedParamIn },
  returns: long,
  run: (task, { pid, policy, param }) => setScheduler(task, pid, policy, param),
  partial: "remembered, without effect",
});

export const schedGetschedulerCall = defineSyscall({
  name: "sched_getscheduler",
  nr: { x64: 145, i386: 157, x32: 145 },
  classes: [],
  args: { pid },
  returns: schedPolicyResult,
  run: (task, { pid }) => getScheduler(task, pid),
});

export const schedGetPriorityMaxCall = defineSyscall({
  name: "sched_get_priority_max",
  nr: { x64: 146, i386: 159, x32: 146 },
  classes: [],
  args: { policy: oneOf(schedPolicies) },
  returns: long,
  run: (_task, { policy }) => priorityLimit(policy, true),
});

export const schedGetPriorityMinCall = defineSyscall({
  name: "sched_get_priority_min",
  nr: { x64: 147, i386: 160, x32: 147 },
  classes: [],
  args: { policy: oneOf(schedPolicies) },
  returns: long,
  run: (_task, { policy }) => priorityLimit(policy, false),
});

export const schedRrGetIntervalCall = defineSyscall({
  name: "sched_rr_get_interval",
  nr: { x64: 148, i386: 161, x32: 148 },
  classes: [],
  args: { pid, tp: timespecOut },
  returns: long,
  run: (task, { pid, tp }) => roundRobinInterval(task, pid, tp),
});

export const schedSetaffinityCall = defineSyscall({
  name: "sched_setaffinity",
  nr: { x64: 203, i386: 241, x32: 203 },
  classes: [],
  args: { pid, cpusetsize: unsignedInt, mask: cpuSet("cpusetsize") },
  returns: long,
  run: (task, { pid, cpusetsize, mask }) => setAffinity(task, pid, cpusetsize, mask),
});

export const schedGetaffinityCall = defineSyscall({
  name: "sched_getaffinity",
  nr: { x64: 204, i386: 242, x32: 204 },
  classes: [],
  args: { pid, cpusetsize: unsignedInt, mask: cpuSet(undefined) },
  returns: long,
  run: (task, { pid, cpusetsize, mask }) => getAffinity(task, pid, cpusetsize, mask),
});

export const schedSetattrCall = defineSyscall({
  name: "sched_setattr",
  nr: { x64: 314, i386: 351, x32: 314 },
  classes: [],
  args: { pid, attr: schedAttrAt(false), flags: hexInt },
  returns: long,
  run: (task, { pid, attr, flags }) => setAttributes(task, pid, attr, flags),
  partial: "remembered, without effect",
});

export const schedGetattrCall = defineSyscall({
  name: "sched_getattr",
  nr: { x64: 315, i386: 352, x32: 315 },
  classes: [],
  args: { pid, attr: schedAttrAt(true), size: unsignedInt, flags: flagsOf(schedGetattrFlags) },
  returns: long,
  run: (task, { pid, attr, size, flags }) => getAttributes(task, pid, attr, size, flags),
});

export const getpriorityCall = defineSyscall({
  name: "getpriority",
  nr: { x64: 140, i386: 96, x32: 140 },
  classes: [],
  args: { which: oneOf(priorityWhich), who: int },
  returns: long,
  run: (task, { which, who }) => getPriority(task, which, who),
});

export const setpriorityCall = defineSyscall({
  name: "setpriority",
  nr: { x64: 141, i386: 97, x32: 141 },
  classes: [],
  args: { which: oneOf(priorityWhich), who: int, prio: int },
  returns: long,
  run: (task, { which, who, prio }) => setPriority(task, which, who, prio),
});

export const ioprioSetCall = defineSyscall({
  name: "ioprio_set",
  nr: { x64: 251, i386: 289, x32: 251 },
  classes: [],
  args: { which: oneOf(ioprioWhich), who: int, ioprio: ioPriority },
  returns: long,
  run: (task, { which, who, ioprio }) => setIoPriority(task, which, who, ioprio),
  partial: "remembered, without effect",
});

export const ioprioGetCall = defineSyscall({
  name: "ioprio_get",
  nr: { x64: 252, i386: 290, x32: 252 },
  classes: [],
  args: { which: oneOf(ioprioWhich), who: int },
  returns: ioPriorityResult,
  run: (task, { which, who }) => getIoPriority(task, which, who),
});

export const getcpuCall = defineSyscall({
  name: "getcpu",
  nr: { x64: 309, i386: 318, x32: 309 },
  classes: [],
  args: { cpu: scalarOut(u32()), node: scalarOut(u32()), tcache: onReturn(address) },
  returns: long,
  run: (task, { cpu, node }) => {
    if (cpu !== 0) task.writeU32(cpu, 0);
    if (node !== 0) task.writeU32(node, 0);
  },
});
