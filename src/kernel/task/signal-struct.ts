// Linux's signal_struct: what the threads of one process share beside memory and files.

import type { SemaphoreUndo } from "../ipc/semaphores.js";
import type { Key } from "../security/key.js";
import { PendingQueue } from "../signal/pending.js";
import type { CpuTimer } from "../time/cpu-timers.js";
import type { IntervalTimer } from "../time/interval-timer.js";
import type { PosixTimer } from "../time/posix-timer.js";
import type { Tty } from "../tty/tty.js";
import type { Rlimits } from "./rlimits.js";
import type { Task } from "./task.js";

export interface Usage {
  readonly ru_maxrss: number;
  readonly ru_minflt: number;
  readonly ru_majflt: number;
  readonly ru_nvcsw: number;
}

export class SignalStruct {
  readonly tgid: number;
  pgrp: number;
  session: number;
  /** The controlling terminal. */
  tty: Tty | undefined;
  /** The machine's first process: its parent is beyond the machine. */
  isFirst = false;
  readonly limits: Rlimits;
  /** Signals for the process as a whole. */
  readonly pending = new PendingQueue();
  readonly threads = new Set<Task>();
  /** Threads that have ended and are still to be waited for: the leader, and those that others trace. */
  readonly zombies = new Set<Task>();
  parent: Task | undefined;
  readonly children = new Set<Task>();
  /** wait(2) status once the whole process is going. */
  exitCode: number | undefined;
  /** SIGCHLD, or what clone asked for. */
  exitSignal = 0;
  /** Stopped by this signal; 0 when not. Reported once by wait(WUNTRACED). */
  stopSignal = 0;
  stopReported = true;
  continuedReported = true;
  readonly itimers: (IntervalTimer | undefined)[] = [];
  readonly posixTimers = new Map<number, PosixTimer>();
  nextTimerId = 0;
  /** What watches over RLIMIT_CPU, when there is one. */
  cpuLimit: CpuTimer | undefined;
  readonly semaphoreUndo: SemaphoreUndo = new Map();
  /** CPU time of children waited for, in nanoseconds. */
  childUserTime = 0;
  endedThreadsTime = 0;
  childSystemTime = 0;
  /** Beside time: the most memory one of them had, in KiB, and the sums of the rest. */
  childUsage: Usage = { ru_maxrss: 0, ru_minflt: 0, ru_majflt: 0, ru_nvcsw: 0 };
  /** The process's keyring, and its session's where it joined one. */
  keyring: Key | undefined;
  sessionKeyring: Key | undefined;
  isChildSubreaper = false;
  /** PR_SET_THP_DISABLE, for what it is worth. */
  hugePagesDisabled = false;
  /** PR_MCE_KILL: the default is 2. */
  mceKill = 2;
  /** /proc/PID/oom_score_adj, and what it may be without privilege. */
  oomScoreAdjust = 0;
  oomScoreAdjustLeast = 0;
  /** /proc/PID/coredump_filter: MMF_DUMP_*. */
  coreFilter = 0x33;
  /** PR_TIMER_CREATE_RESTORE_IDS: timer_create takes the id it is given. */
  restoresTimerIds = false;

  /** Not the program of the process that forked it any more: PF_FORKNOEXEC. */
  hasExecuted = false;
  /** /proc/PID/autogroup */
  autogroupNice = 0;
  /** /proc/PID/io: what read and write moved, and how often they were called. */
  readonly io = { charsRead: 0, charsWritten: 0, reads: 0, writes: 0 };

  constructor(tgid: number, pgrp: number, session: number, limits: Rlimits) {
    this.tgid = tgid;
    this.pgrp = pgrp;
    this.session = session;
    this.limits = limits;
  }
}
