// futex(2)'s operations on the table of waiters. kernel/futex/syscalls.c
import {
  FUTEX_CLOCK_REALTIME,
  FUTEX_CMP_REQUEUE,
  FUTEX_PRIVATE_FLAG,
  FUTEX_REQUEUE,
  FUTEX_WAIT,
  FUTEX_WAIT_BITSET,
  FUTEX_WAKE,
  FUTEX_WAKE_BITSET,
  FUTEX_WAKE_OP,
} from "../../abi/constants/events.js";
import { EAGAIN, EINVAL, ENOSYS, Errno } from "../../abi/errno.js";
import { readTimespec } from "../time/sleep.js";
import type { Task } from "./task.js";
import type { Sleep } from "./wait.js";

const MATCH_ANY = -1;

/** `timeout` is an address or a count, as the operation has it. */
export function futex(
  task: Task,
  address: number,
  operation: number,
  value: number,
  timeout: number,
  second: number,
  third: number,
): number | Sleep<number> {
  const command = operation & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);
  if (address % 4 !== 0) throw new Errno(EINVAL);
  const { futexes } = task.kernel;
  switch (command) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET: {
      const bitset = command === FUTEX_WAIT ? MATCH_ANY : third | 0;
      if (bitset === 0) throw new Errno(EINVAL);
      const deadline = timeout === 0 ? undefined : deadlineOf(task, operation, command, timeout);
      return futexes.wait(task, address, value, bitset, deadline);
    }
    case FUTEX_WAKE:
      return wakeUp(task, address, value | 0, MATCH_ANY);
    case FUTEX_WAKE_BITSET:
      if ((third | 0) === 0) throw new Errno(EINVAL);
      return wakeUp(task, address, value | 0, third | 0);
    case FUTEX_CMP_REQUEUE:
    case FUTEX_REQUEUE: {
      if (command === FUTEX_CMP_REQUEUE && task.readU32(address) !== third >>> 0) throw new Errno(EAGAIN);
      const { woken, moved } = futexes.requeue(task.mm, address, value | 0, timeout | 0, second);
      return command === FUTEX_REQUEUE ? woken : woken + moved;
    }
    case FUTEX_WAKE_OP:
      return wakeOperation(task, address, value | 0, timeout | 0, second, third | 0);
    default:
      throw new Errno(ENOSYS);
  }
}

function wakeUp(task: Task, address: number, count: number, bitset: number): number {
  return task.kernel.futexes.wake(task.mm, address, Math.max(count, 1), bitset);
}

/** FUTEX_WAIT's time is relative, FUTEX_WAIT_BITSET's absolute on the clock it names. */
function deadlineOf(task: Task, operation: number, command: number, timeout: number): number {
  const { clock } = task.kernel;
  const time = readTimespec(task, timeout);
  if (command === FUTEX_WAIT) return clock.monotonic() + time;
  return operation & FUTEX_CLOCK_REALTIME ? clock.monotonic() + time - Number(clock.realtime()) : time;
}

/** Changes the second word, wakes the first's waiters, and the second's if its old value compares. futex_atomic_op_inuser */
function wakeOperation(
  task: Task,
  address: number,
  count: number,
  secondCount: number,
  second: number,
  code: number,
): number {
  const operator = (code >>> 28) & 7;
  const comparison = (code >>> 24) & 15;
  const rawArgument = (code << 8) >> 20;
  const argument = code < 0 ? 1 << (rawArgument & 31) : rawArgument;
  const compared = (code << 20) >> 20;
  const old = task.readI32(second);
  const results = [argument, old + argument, old | argument, old & ~argument, old ^ argument];
  if (operator >= results.length) throw new Errno(ENOSYS);
  task.writeU32(second, results[operator] >>> 0);
  const holds = [old === compared, old !== compared, old < compared, old <= compared, old > compared, old >= compared];
  if (comparison >= holds.length) throw new Errno(ENOSYS);
  let woken = wakeUp(task, address, count, MATCH_ANY);
  if (holds[comparison]) woken += wakeUp(task, second, secondCount, MATCH_ANY);
  return woken;
}
