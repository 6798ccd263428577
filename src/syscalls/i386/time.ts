// The calls of i386 whose times have 64 bits, which the plain ones' have not; and setting the time of old.
import { address, long } from "../../abi/scalars.js";
import { setSeconds } from "../../kernel/time/sleep.js";
import { defineSyscall, type SyscallDeclaration, variantOf } from "../define.js";
import { ioPgeteventsCall } from "../fs/aio.js";
import { utimensatCall } from "../fs/times.js";
import { futexCall } from "../ipc/futex.js";
import { mqTimedreceiveCall, mqTimedsendCall } from "../ipc/message-queue.js";
import { ppollCall, pselect6Call } from "../ipc/poll.js";
import { semtimedopCall } from "../ipc/semaphore.js";
import { recvmmsgCall } from "../net/message.js";
import { schedRrGetIntervalCall } from "../process/schedule.js";
import { rtSigtimedwaitCall } from "../signal/await.js";
import * as clock from "../time/clock.js";
import { clockNanosleepCall } from "../time/sleep.js";
import * as timer from "../time/timer.js";

const time64 = <D extends SyscallDeclaration>(call: D, name: string, i386: number): SyscallDeclaration =>
  variantOf(call, { name, nr: { i386 }, layout: "i386_time64" });
const as = (call: unknown): SyscallDeclaration => call as SyscallDeclaration;

export const clockGettime64 = time64(as(clock.clockGettimeCall), "clock_gettime64", 403);
export const clockSettime64 = time64(as(clock.clockSettimeCall), "clock_settime64", 404);
export const clockAdjtime64 = time64(as(clock.clockAdjtimeCall), "clock_adjtime64", 405);
export const clockGetresTime64 = time64(as(clock.clockGetresCall), "clock_getres_time64", 406);
export const clockNanosleepTime64 = time64(as(clockNanosleepCall), "clock_nanosleep_time64", 407);
export const timerGettime64 = time64(as(timer.timerGettimeCall), "timer_gettime64", 408);
export const timerSettime64 = time64(as(timer.timerSettimeCall), "timer_settime64", 409);
export const timerfdGettime64 = time64(as(timer.timerfdGettimeCall), "timerfd_gettime64", 410);
export const timerfdSettime64 = time64(as(timer.timerfdSettimeCall), "timerfd_settime64", 411);
export const utimensatTime64 = time64(as(utimensatCall), "utimensat_time64", 412);
export const pselect6Time64 = time64(as(pselect6Call), "pselect6_time64", 413);
export const ppollTime64 = time64(as(ppollCall), "ppoll_time64", 414);
export const ioPgeteventsTime64 = time64(as(ioPgeteventsCall), "io_pgetevents_time64", 416);
export const recvmmsgTime64 = time64(as(recvmmsgCall), "recvmmsg_time64", 417);
export const mqTimedsendTime64 = time64(as(mqTimedsendCall), "mq_timedsend_time64", 418);
export const mqTimedreceiveTime64 = time64(as(mqTimedreceiveCall), "mq_timedreceive_time64", 419);
export const semtimedopTime64 = time64(as(semtimedopCall), "semtimedop_time64", 420);
export const rtSigtimedwaitTime64 = time64(as(rtSigtimedwaitCall), "rt_sigtimedwait_time64", 421);
export const futexTime64 = time64(as(futexCall), "futex_time64", 422);
export const schedRrGetIntervalTime64 = time64(as(schedRrGetIntervalCall), "sched_rr_get_interval_time64", 423);

export const stimeCall = defineSyscall({
  name: "stime",
  nr: { i386: 25 },
  classes: ["clock"],
  args: { t: address },
  returns: long,
  run: (task, { t }) => setSeconds(task, t),
});
