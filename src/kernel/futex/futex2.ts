// The calls of futex2: words with flags of their own, waited for alone or several at once. kernel/futex/syscalls.c
import { FUTEX2_PRIVATE, FUTEX2_SIZE_U32 } from "../../abi/constants/events.js";
import { CLOCK_MONOTONIC, CLOCK_REALTIME } from "../../abi/constants/time.js";
import { EAGAIN, EINVAL, Errno } from "../../abi/errno.js";
import type { Task } from "../task/task.js";
import type { Sleep } from "../task/wait.js";
import { readTimespec } from "../time/sleep.js";
import { MATCH_ANY, queued, toMonotonic } from "./operation.js";
import { type FutexKey, futexKey, type Waiter } from "./queues.js";

const WAITV_SIZE = 24; // struct futex_waitv
const WAITV_MAX = 128;
const WORD_MAX = 0xffff_ffff;

interface ExpectedWord {
  readonly key: FutexKey;
  readonly address: number;
  readonly expected: number;
}

/** Only words of 32 bits are futexes, as in Linux. */
function checkFlags(flags: number): void {
  if ((flags & ~FUTEX2_PRIVATE) !== FUTEX2_SIZE_U32) throw new Errno(EINVAL);
}

/** futex_validate_input */
function checkWord(value: number): void {
  if (value > WORD_MAX) throw new Errno(EINVAL);
}

/** futex2_setup_timeout: an absolute time on one of two clocks. */
function deadlineAt(task: Task, timeout: number, clock: number): number | undefined {
  if (timeout === 0) return undefined;
  if (clock !== CLOCK_REALTIME && clock !== CLOCK_MONOTONIC) throw new Errno(EINVAL);
  const time = readTimespec(task, timeout);
  return clock === CLOCK_REALTIME ? toMonotonic(task, time) : time;
}

/** futex_parse_waitv */
function readWords(task: Task, address: number, count: number): ExpectedWord[] {
  const view = new DataView(task.copyIn(address, count * WAITV_SIZE).buffer);
  return Array.from({ length: count }, (_, index) => {
    const at = index * WAITV_SIZE;
    const word = Number(view.getBigUint64(at + 8, true));
    const flags = view.getUint32(at + 16, true);
    if (view.getUint32(at + 20, true) !== 0) throw new Errno(EINVAL);
    checkFlags(flags);
    checkWord(Number(view.getBigUint64(at, true)));
    return { address: word, expected: view.getUint32(at, true), key: futexKey(task, word, flags) };
  });
}

/** futex_wake(2): unlike FUTEX_WAKE none is none. */
export function futexWake(task: Task, address: number, mask: number, count: number, flags: number): number {
  checkFlags(flags);
  checkWord(mask);
  if (mask === 0) throw new Errno(EINVAL);
  const key = futexKey(task, address, flags);
  return count === 0 ? 0 : task.kernel.futexes.wake(key, Math.max(count, 1), mask | 0);
}

/** futex_wait(2). */
export function* futexWait(
  task: Task,
  address: number,
  expected: number,
  mask: number,
  flags: number,
  timeout: number,
  clock: number,
): Sleep<number> {
  checkFlags(flags);
  checkWord(expected);
  checkWord(mask);
  const deadline = deadlineAt(task, timeout, clock);
  if (mask === 0) throw new Errno(EINVAL);
  const key = futexKey(task, address, flags);
  if (task.readU32(address) !== expected) throw new Errno(EAGAIN);
  yield* queued(task, [{ key, task, bitset: mask | 0, wantsOwnership: false, woken: false }], deadline);
  return 0;
}

/** futex_requeue(2): two words, from where and to where; the first must hold what is expected. */
export function futexRequeue(task: Task, address: number, flags: number, wake: number, move: number): number {
  if (flags !== 0 || address === 0) throw new Errno(EINVAL);
  const [from, to] = readWords(task, address, 2);
  if (wake < 0 || move < 0) throw new Errno(EINVAL);
  if (task.readU32(from.address) !== from.expected) throw new Errno(EAGAIN);
  const { woken, moved } = task.kernel.futexes.requeue(from.key, wake, move, to.key);
  return woken + moved;
}

/** futex_waitv(2): waits on several words at once; the index of one that was woken. */
export function waitForAny(
  task: Task,
  address: number,
  count: number,
  flags: number,
  timeout: number,
  clock: number,
): Sleep<number> {
  if (flags !== 0 || count === 0 || count > WAITV_MAX || address === 0) throw new Errno(EINVAL);
  const deadline = deadlineAt(task, timeout, clock);
  return anyOf(task, readWords(task, address, count), deadline);
}

function* anyOf(task: Task, words: readonly ExpectedWord[], deadline: number | undefined): Sleep<number> {
  if (words.some(({ address, expected }) => task.readU32(address) !== expected)) throw new Errno(EAGAIN);
  const waiters = words.map(
    ({ key }): Waiter => ({ key, task, bitset: MATCH_ANY, wantsOwnership: false, woken: false }),
  );
  return yield* queued(task, waiters, deadline, () => anyOf(task, words, deadline));
}
