// The scheduler: gives the processor to one runnable task after the other, takes its traps, and waits for the host when nothing
// can run. kernel/sched/core.c
import * as trap from "../../machine/processor.js";
import { STATE, STATE_SIZE } from "../../machine/state-layout.js";
import type { Cpu } from "../entry/cpu.js";
import { entrySyscall64, resumeSleep } from "../entry/entry-syscall-64.js";
import { syscallFromCompat } from "../entry/entry-syscall-compat.js";
import { entrySysenterCompat } from "../entry/entry-sysenter-compat.js";
import { debugTrap, exception, hardwareBreakpoint, interruptWithWork, softwareInterrupt } from "../entry/exception.js";
import { TIF_EXIT_TO_USERMODE_LOOP } from "../entry/kernel-stack.js";
import { exitToUsermode } from "../entry/return-path.js";
import { restoreExtraRegs } from "../entry/tracesys.js";
import type { Kernel } from "../kernel.js";
import type { Task } from "./task.js";

const FUEL = 1 << 20; // jumps back, indirect ones and returns in a time slice: some milliseconds
const SLICE_NANOSECONDS = 4e6; // what a slice counts as on the virtual clock
const CALL_NANOSECONDS = 1000;
const TRAPS_BETWEEN_LOOKS = 64;
const EVENT_NANOSECONDS = 10e6; // how long host events may have to wait
const SHORT_NAP = 1e6;
const LONGEST_TIMER = 1 << 30;

/** Runs until no task is left. */
export async function schedule(kernel: Kernel): Promise<void> {
  let current: Task | undefined;
  let eventsDue = kernel.host.monotonic() + EVENT_NANOSECONDS;
  for (;;) {
    kernel.timers.run(kernel.clock.monotonic());
    const next = pickNext(kernel, current);
    if (next === undefined) {
      if (kernel.liveTasks === 0) return;
      await idle(kernel);
      continue;
    }
    switchTo(kernel, current, next);
    current = next;
    kernel.running = next;
    next.runsSince = kernel.clock.accounting();
    runTask(kernel, next);
    next.ranFor += kernel.clock.accounting() - next.runsSince;
    next.runsSince = 0;
    kernel.cpuTimers.run();
    const now = kernel.host.monotonic();
    if (now < eventsDue) continue;
    await kernel.host.yieldToEvents();
    eventsDue = kernel.host.monotonic() + EVENT_NANOSECONDS;
  }
}

/** Round robin, beginning after the task that ran last. */
function pickNext(kernel: Kernel, last: Task | undefined): Task | undefined {
  if (kernel.tasks.size === 1 && last && canRun(last)) return last;
  let first: Task | undefined;
  let passed = last === undefined || !kernel.tasks.has(last.pid);
  for (const task of kernel.tasks.values()) {
    if (canRun(task)) {
      if (passed) return task;
      first ??= task;
    }
    if (task === last) passed = true;
  }
  return first;
}

function canRun(task: Task): boolean {
  if (task.state === "running") return true;
  if (task.state === "traced") return !task.ptraced?.stop && !task.tracer?.hooks.holds?.();
  const wait = task.state === "sleeping" ? task.sleeping?.wait : undefined;
  // Threads that slept when their process was stopped wait for it to go on.
  if (wait === undefined || (task.signal.stopSignal !== 0 && !task.ptraced)) return false;
  return wait.ready() || (wait.deadline !== undefined && task.kernel.clock.monotonic() >= wait.deadline);
}

/** __switch_to: the register file and what of it lives in MSRs. */
function switchTo(kernel: Kernel, from: Task | undefined, to: Task): void {
  if (from === to) return;
  const { cpu } = kernel;
  const { processor } = cpu;
  const base = cpu.msr.kernelGsBase;
  if (from) {
    from.savedGs = { low: base.low, high: base.high };
    // Each address space has a register file of its own; tasks that share one take turns in it.
    if (!from.isDead && from.mm.users > 1) from.savedState = from.mm.memory.u8.slice(STATE, STATE + STATE_SIZE);
  }
  if (processor.memory !== to.mm.memory) processor.memory = to.mm.memory;
  if (to.savedState) {
    to.mm.memory.u8.set(to.savedState, STATE);
    to.savedState = undefined;
  }
  if (to.savedGs) base.set(to.savedGs.low, to.savedGs.high);
  processor.descriptors = to.descriptors;
  cpu.topOfStackLow = to.stack.topLow;
  cpu.topOfStackHigh = to.stack.topHigh;
  to.contextSwitches++;
}

/** Lets `task` run until it sleeps, dies, has had its slice, or host events are due. */
function runTask(kernel: Kernel, task: Task): void {
  const { cpu } = kernel;
  if (task.state === "traced") task.state = "running";
  if (task.registersWritten) restoreExtraRegs(cpu, task);
  task.registersWritten = false;
  if (task.sleeping) resumeSleep(cpu, task);
  else if (task.afterStop) goOnAfterStop(cpu, task);
  else if (task.pendingExit) exitToUsermode(cpu, task, task.pendingExit.inSyscall);
  let left = TRAPS_BETWEEN_LOOKS;
  while (task.isRunnable) {
    if (task.ptraced) task.ptraced.debug?.arm(task.mm);
    if (task.stack.flags & TIF_EXIT_TO_USERMODE_LOOP) {
      interruptWithWork(cpu, task);
      continue;
    }
    const cause = runPastWatches(cpu, task);
    if (cause === trap.TRAP_WATCH) {
      if (task.state === "running") hardwareBreakpoint(cpu, task);
      return;
    }
    if (cause === trap.TRAP_SYSCALL) {
      kernel.clock.tick(CALL_NANOSECONDS);
      entrySyscall64(cpu, task, cpu.processor.instructionLength);
      if (--left > 0) continue;
    } else if (cause === trap.TRAP_FUEL) {
      kernel.clock.tick(SLICE_NANOSECONDS);
    } else {
      otherTrap(cpu, task, cause);
      if (--left > 0) continue;
    }
    return;
  }
}

/** What a task that another one traces had left to do when it stopped. */
function goOnAfterStop(cpu: Cpu, task: Task): void {
  const after = task.afterStop;
  task.afterStop = undefined;
  after?.();
  if (task.isRunnable && task.pendingExit) exitToUsermode(cpu, task, task.pendingExit.inSyscall);
}

/** Runs the program; its tracer looks at watched instructions on the way. TRAP_WATCH: at one of them the tracer holds the task. */
function runPastWatches({ processor }: Cpu, task: Task): number {
  let cause = task.heldAtWatch ? processor.resume() : processor.run(FUEL);
  task.heldAtWatch = false;
  while (cause === trap.TRAP_WATCH) {
    if (task.ptraced?.debug?.stopsAt(Number(processor.registers.rip))) {
      task.heldAtWatch = true;
      return cause;
    }
    const hooks = task.tracer?.hooks;
    hooks?.watched?.(task.tracee, processor.registers);
    if (hooks?.holds?.()) {
      task.state = "traced";
      task.heldAtWatch = true;
      return cause;
    }
    cause = processor.resume();
  }
  return cause;
}

function otherTrap(cpu: Cpu, task: Task, cause: number): void {
  if (cause >= trap.TRAP_INT) softwareInterrupt(cpu, task, cause - trap.TRAP_INT, cpu.processor.instructionLength);
  else if (cause === trap.TRAP_SYSENTER) entrySysenterCompat(cpu, task, cpu.processor.instructionLength);
  else if (cause === trap.TRAP_SYSCALL_COMPAT) syscallFromCompat(cpu, task, cpu.processor.instructionLength);
  else if (cause === trap.DEBUG || cause === trap.BREAKPOINT || cause === trap.OVERFLOW) debugTrap(cpu, task, cause);
  else exception(cpu, task, cause);
}

/** Nothing can run: until the next deadline, or until the host has something. */
async function idle(kernel: Kernel): Promise<void> {
  let deadline = kernel.timers.next;
  for (const task of kernel.tasks.values()) {
    const wanted = task.state === "sleeping" ? task.sleeping?.wait?.deadline : undefined;
    if (wanted !== undefined) deadline = Math.min(deadline, wanted);
  }
  if (Number.isFinite(deadline) && kernel.clock.skipTo(deadline)) return;
  const left = deadline - kernel.clock.monotonic();
  if (left <= 0) return;
  if (left < SHORT_NAP) {
    kernel.host.nap(left);
    return;
  }
  await new Promise<void>((resolve) => {
    const milliseconds = Math.min(Math.floor(left / 1e6), LONGEST_TIMER);
    const cancel = kernel.host.timer(milliseconds, resolve);
    kernel.onWake = () => {
      cancel();
      resolve();
    };
  });
  kernel.onWake = undefined;
}
