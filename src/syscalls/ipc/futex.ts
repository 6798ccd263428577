// Fast user-space locking. See futex(2), get_robust_list(2).
import { clockIds } from "../../abi/constants/time.js";
import { pid } from "../../abi/descriptors.js";
import { EINVAL, Errno, ESRCH } from "../../abi/errno.js";
import { futex2Flag, futexArgument, futexMask, futexOperation, futexPair, futexWaiters } from "../../abi/events.js";
import { address, hexInt, int, long, oneOf, unsignedInt, unsignedLong } from "../../abi/scalars.js";
import { pointer, scalarOut, sizeWord } from "../../abi/struct.js";
import { timespecIn } from "../../abi/time.js";
import { futexRequeue, futexWait, futexWake, waitForAny } from "../../kernel/futex/futex2.js";
import { futex } from "../../kernel/futex/operation.js";
import { robustHeadSize } from "../../kernel/futex/robust-list.js";
import { defineSyscall } from "../define.js";

export const futexCall = defineSyscall({
  name: "futex",
  nr: { x64: 202, i386: 240, x32: 202 },
  classes: [],
  args: {
    uaddr: address,
    futex_op: futexOperation,
    val: futexArgument(0),
    timeout: futexArgument(1),
    uaddr2: futexArgument(2),
    val3: futexArgument(3),
  },
  returns: long,
  run: (task, { uaddr, futex_op, val, timeout, uaddr2, val3 }) =>
    futex(task, uaddr, futex_op, val, timeout, uaddr2, val3),
});

export const futexWaitvCall = defineSyscall({
  name: "futex_waitv",
  nr: { x64: 449, i386: 449, x32: 449 },
  layout: "i386_time64",
  classes: [],
  args: {
    waiters: futexWaiters,
    nr_futexes: unsignedInt,
    flags: hexInt,
    timeout: timespecIn,
    clockid: oneOf(clockIds),
  },
  returns: long,
  run: (task, { waiters, nr_futexes, flags, timeout, clockid }) =>
    waitForAny(task, waiters, nr_futexes, flags, timeout, clockid),
});

export const futexWakeCall = defineSyscall({
  name: "futex_wake",
  nr: { x64: 454, i386: 454, x32: 454 },
  classes: [],
  args: { uaddr: address, mask: futexMask, nr: int, flags: futex2Flag },
  returns: long,
  run: (task, { uaddr, mask, nr, flags }) => futexWake(task, uaddr, mask, nr, flags),
  partial: "no FUTEX2_NUMA and FUTEX2_MPOL",
});

export const futexWaitCall = defineSyscall({
  name: "futex_wait",
  nr: { x64: 455, i386: 455, x32: 455 },
  layout: "i386_time64",
  classes: [],
  args: {
    uaddr: address,
    val: unsignedLong,
    mask: futexMask,
    flags: futex2Flag,
    timeout: timespecIn,
    clockid: oneOf(clockIds),
  },
  returns: long,
  run: (task, { uaddr, val, mask, flags, timeout, clockid }) =>
    futexWait(task, uaddr, val, mask, flags, timeout, clockid),
  partial: "no FUTEX2_NUMA and FUTEX2_MPOL",
});

export const futexRequeueCall = defineSyscall({
  name: "futex_requeue",
  nr: { x64: 456, i386: 456, x32: 456 },
  classes: [],
  args: { waiters: futexPair, flags: hexInt, nr_wake: int, nr_requeue: int },
  returns: long,
  run: (task, { waiters, flags, nr_wake, nr_requeue }) => futexRequeue(task, waiters, flags, nr_wake, nr_requeue),
  partial: "no FUTEX2_NUMA and FUTEX2_MPOL",
});

export const setRobustListCall = defineSyscall({
  name: "set_robust_list",
  nr: { x64: 273, i386: 311, x32: 530 },
  classes: [],
  args: { addr: address, length: unsignedLong },
  returns: long,
  run: (task, { addr, length }) => {
    const isNarrow = task.pointerBytes === 4;
    if (length !== robustHeadSize(isNarrow)) throw new Errno(EINVAL);
    task.robustList = { head: addr, isNarrow };
  },
});

export const getRobustListCall = defineSyscall({
  name: "get_robust_list",
  nr: { x64: 274, i386: 312, x32: 531 },
  classes: [],
  args: { pid, head_ptr: scalarOut(pointer()), len_ptr: scalarOut(sizeWord()) },
  returns: long,
  run: (task, { pid, head_ptr, len_ptr }) => {
    const target = pid === 0 ? task : task.find(pid);
    if (target === undefined) throw new Errno(ESRCH);
    task.writePointer(len_ptr, robustHeadSize(task.pointerBytes === 4));
    task.writePointer(head_ptr, target.robustList.head);
  },
});
