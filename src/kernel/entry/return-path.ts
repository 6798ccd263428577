// The slow way out: the tracer's exit stop, signals and other exit work, then SYSRET where it is allowed and IRET where it is not.
// arch/x86/entry/entry_64.S: int_ret_from_sys_call, arch/x86/entry/common.c: syscall_return_slowpath
import * as cpuState from "../../machine/state-layout.js";
import { deliverSignals } from "../signal/delivery.js";
import type { Task } from "../task/task.js";
import type { Cpu } from "./cpu.js";
import { restoreUserFlags, sysret } from "./entry-syscall-64.js";
import * as flag from "./kernel-stack.js";
import * as pt from "./pt-regs.js";
import { C_REGISTERS, pop } from "./register-copy.js";
import { SEGMENT_CS, SEGMENT_SS, USER_CS, USER_DS } from "./selectors.js";
import { restoreExtraRegs, saveExtraRegs } from "./tracesys.js";

export function intRetFromSysCall(cpu: Cpu, task: Task): void {
  saveExtraRegs(cpu, task);
  syscallReturnSlowpath(cpu, task);
  exitToUsermode(cpu, task, true);
}

function syscallReturnSlowpath(cpu: Cpu, task: Task): void {
  const flags = task.stack.flags;
  task.stopAccounting();
  if (flags & flag.TIF_WORK_SYSCALL_EXIT) {
    if (flags & flag.TIF_SYSCALL_TRACE) {
      task.tracer?.hooks.syscallExit(task.tracee);
      // Where a filter says which calls stop, it goes on as after PTRACE_CONT.
      if (task.tracer?.filter) task.stack.clearFlag(flag.TIF_SYSCALL_TRACE);
    }
    cpu.observer?.step("syscall_slow_exit_work");
  }
}

/**
 * exit_to_usermode_loop until no work is left, then back to the program. `inSyscall`: a signal must see to the restart of the
 * call. A task that stops in the middle goes on from here when it is continued.
 */
export function exitToUsermode(cpu: Cpu, task: Task, inSyscall: boolean): void {
  task.pendingExit = undefined;
  let syscall = inSyscall;
  while (task.stack.flags & flag.TIF_EXIT_TO_USERMODE_LOOP) {
    task.stack.clearFlag(flag.TIF_NEED_RESCHED | flag.TIF_NOTIFY_RESUME);
    if (task.tracer?.hooks.holds?.()) {
      task.state = "traced";
      task.pendingExit = { inSyscall: syscall };
      return;
    }
    if (task.stack.flags & flag.TIF_SIGPENDING) {
      deliverSignals(cpu, task, syscall);
      cpu.observer?.step("do_signal");
      if (task.state === "stopped") {
        task.pendingExit = { inSyscall: syscall };
        task.stack.setFlag(flag.TIF_SIGPENDING); // do_signal has not finished
      }
      if (!task.isRunnable) return;
      syscall = false;
    }
  }
  returnToUser(cpu, task);
}

/** Back to user mode by the way opportunistic_sysret allows. */
function returnToUser(cpu: Cpu, task: Task): void {
  restoreExtraRegs(cpu, task);
  const obstacle = sysretObstacle(task);
  cpu.observer?.step(obstacle === undefined ? "opportunistic sysret" : `no sysret: ${obstacle}`);
  if (obstacle === undefined) sysret(cpu, task);
  else iret(cpu, task);
}

/** The first condition of the opportunistic SYSRET that does not hold. */
export function sysretObstacle(task: Task): string | undefined {
  const { regs } = task.stack;
  if (regs.low(pt.PT_CX) !== regs.low(pt.PT_IP) || regs.high(pt.PT_CX) !== regs.high(pt.PT_IP)) return "rcx == rip";
  const ipHigh = regs.high(pt.PT_IP);
  if ((ipHigh << 16) >> 16 !== ipHigh) return "rip canonical";
  if (regs.low(pt.PT_CS) !== USER_CS) return "cs == __USER_CS";
  if (regs.low(pt.PT_R11) !== regs.low(pt.PT_FLAGS) || regs.high(pt.PT_R11) !== regs.high(pt.PT_FLAGS)) {
    return "r11 == rflags";
  }
  if (regs.low(pt.PT_R11) & (cpuState.RF | cpuState.TF)) return "no RF, no TF";
  if (regs.low(pt.PT_SS) !== USER_DS) return "ss == __USER_DS";
  return undefined;
}

/** RESTORE_C_REGS, SWAPGS, IRETQ: every register comes from pt_regs. */
function iret(cpu: Cpu, task: Task): void {
  const { registers } = cpu.processor;
  const { regs } = task.stack;
  pop(C_REGISTERS, task.mm.registers, regs);
  cpu.swapgs();
  registers.setRip(regs.low(pt.PT_IP), regs.high(pt.PT_IP));
  restoreUserFlags(cpu, task, regs.low(pt.PT_FLAGS));
  registers.setSelector(SEGMENT_CS, regs.low(pt.PT_CS));
  registers.setSelector(SEGMENT_SS, regs.low(pt.PT_SS));
  cpu.cpl = 3;
  cpu.observer?.step("iretq");
}
