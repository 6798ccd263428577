// The slow way out: the tracer's exit stop, signals and other exit work, then SYSRET where it is allowed and IRET where it is not.
// arch/x86/entry/entry_64.S: int_ret_from_sys_call, arch/x86/entry/common.c: syscall_return_slowpath
import { PTRACE_SYSCALL_INFO_EXIT as PTRACE_EVENTMSG_SYSCALL_EXIT } from "../../abi/constants/processes.js";
import { SIGTRAP, TRAP_BRKPT } from "../../abi/constants/signals.js";
import { DEBUG } from "../../machine/processor.js";
import * as cpuState from "../../machine/state-layout.js";
import { vdsoSymbol32 } from "../exec/vdso-32.js";
import { syscallStop } from "../ptrace/ptraced.js";
import { deliverSignals } from "../signal/delivery.js";
import { faultInfo } from "../signal/siginfo.js";
import type { Task } from "../task/task.js";
import type { Cpu, PathValues } from "./cpu.js";
import { restoreUserFlags, sysret } from "./entry-syscall-64.js";
import * as flag from "./kernel-stack.js";
import { backInUserMode, flagNames, gsBases, resultOf, userState } from "./path-values.js";
import * as pt from "./pt-regs.js";
import { C_REGISTERS, pop } from "./register-copy.js";
import { SEGMENT_CS, SEGMENT_SS, USER_CS, USER_DS, USER32_CS } from "./selectors.js";
import { restoreExtraRegs, saveExtraRegs } from "./tracesys.js";

export function intRetFromSysCall(cpu: Cpu, task: Task): void {
  saveExtraRegs(cpu, task);
  leaveSyscall(cpu, task);
}

/** The exit stops, and the way out. */
export function leaveSyscall(cpu: Cpu, task: Task): void {
  syscallReturnSlowpath(cpu, task);
  if (!task.ptraced || !stopAtExit(task)) exitToUsermode(cpu, task, true);
}

/** The end of a call that its tracer steps over, or stops at: true when the task stops here. */
function stopAtExit(task: Task): boolean {
  const { stack, callsStop } = task;
  if (stack.flags & flag.TIF_SINGLESTEP && !(stack.flags & flag.TIF_SYSCALL_EMU)) {
    const address = stack.regs.address(pt.PT_IP);
    task.trapVector = DEBUG;
    task.trapErrorCode = 0;
    task.forceSignal(SIGTRAP, faultInfo(SIGTRAP, TRAP_BRKPT, address));
    return false;
  }
  if (!callsStop) return false;
  task.pendingExit = { inSyscall: true };
  return syscallStop(task, PTRACE_EVENTMSG_SYSCALL_EXIT, () => undefined);
}

export function syscallReturnSlowpath(cpu: Cpu, task: Task): void {
  const flags = task.stack.flags;
  task.stopAccounting();
  if (flags & flag.TIF_WORK_SYSCALL_EXIT) {
    if (flags & flag.TIF_SYSCALL_TRACE) {
      if (task.tracerSeesCall) task.tracer?.hooks.syscallExit(task.tracee);
      task.tracerSeesCall = false;
      // Where a filter says which calls stop, it goes on as after PTRACE_CONT.
      if (task.tracer?.filter && !task.callsStop) task.stack.clearFlag(flag.TIF_SYSCALL_TRACE);
      if (task.tracer?.hooks.holds?.()) task.stack.setFlag(flag.TIF_NOTIFY_RESUME);
    }
    cpu.observer?.step("syscall_slow_exit_work", task, {
      flags: flagNames(flags),
      stopped: (flags & flag.TIF_SYSCALL_TRACE) !== 0,
      ...resultOf(task),
    });
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
    cpu.observer?.step("exit_to_usermode_loop", task, {
      work: flagNames(task.stack.flags & flag.TIF_EXIT_TO_USERMODE_LOOP),
    });
    task.stack.clearFlag(flag.TIF_NEED_RESCHED | flag.TIF_NOTIFY_RESUME);
    if (task.tracer?.hooks.holds?.()) {
      task.state = "traced";
      task.pendingExit = { inSyscall: syscall };
      return;
    }
    if (task.stack.flags & flag.TIF_SIGPENDING) {
      deliverSignals(cpu, task, syscall);
      cpu.observer?.step("do_signal", task, userState(task.stack.regs));
      if (task.state === "stopped" || task.state === "traced") {
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
  if (task.compat) {
    leaveCompat(cpu, task);
    return;
  }
  const obstacle = sysretObstacle(task);
  cpu.observer?.step(
    obstacle === undefined ? "opportunistic sysret" : `no sysret: ${obstacle.name}`,
    task,
    conditionValues(task),
  );
  if (obstacle === undefined) sysret(cpu, task);
  else iret(cpu, task);
}

/** The doors of 32-bit calls are left by SYSRETL where the vDSO waits, by IRET elsewhere. do_fast_syscall_32 */
function leaveCompat(cpu: Cpu, task: Task): void {
  const { regs } = task.stack;
  task.compat = false;
  task.abi = "x86_64";
  const isFast =
    regs.address(pt.PT_IP) === vdsoSymbol32(task.mm, "int80_landing_pad") &&
    regs.low(pt.PT_CS) === USER32_CS &&
    regs.low(pt.PT_SS) === USER_DS &&
    (regs.low(pt.PT_FLAGS) & (cpuState.RF | cpuState.TF)) === 0;
  if (isFast) {
    // What SYSRETL uses up, and nothing of the kernel's in the others.
    regs.set(pt.PT_CX, regs.low(pt.PT_IP), 0);
    regs.set(pt.PT_R11, regs.low(pt.PT_FLAGS), 0);
  }
  returnTo(cpu, task, isFast ? "sysretl" : "iretq");
}

interface SysretCondition {
  readonly name: string;
  holds(regs: pt.PtRegs): boolean;
  /** The words it looks at. */
  readonly words: readonly number[];
}

const same = (regs: pt.PtRegs, one: number, other: number): boolean =>
  regs.low(one) === regs.low(other) && regs.high(one) === regs.high(other);

/** opportunistic_sysret, in its order. */
const SYSRET_CONDITIONS: readonly SysretCondition[] = [
  { name: "rcx == rip", holds: (regs) => same(regs, pt.PT_CX, pt.PT_IP), words: [pt.PT_CX, pt.PT_IP] },
  {
    name: "rip canonical",
    holds: (regs) => (regs.high(pt.PT_IP) << 16) >> 16 === regs.high(pt.PT_IP),
    words: [pt.PT_IP],
  },
  { name: "cs == __USER_CS", holds: (regs) => regs.low(pt.PT_CS) === USER_CS, words: [pt.PT_CS] },
  { name: "r11 == rflags", holds: (regs) => same(regs, pt.PT_R11, pt.PT_FLAGS), words: [pt.PT_R11, pt.PT_FLAGS] },
  {
    name: "no RF, no TF",
    holds: (regs) => (regs.low(pt.PT_R11) & (cpuState.RF | cpuState.TF)) === 0,
    words: [pt.PT_R11],
  },
  { name: "ss == __USER_DS", holds: (regs) => regs.low(pt.PT_SS) === USER_DS, words: [pt.PT_SS] },
];

/** The first condition that does not hold. */
function sysretObstacle(task: Task): SysretCondition | undefined {
  const { regs } = task.stack;
  for (const condition of SYSRET_CONDITIONS) if (!condition.holds(regs)) return condition;
  return undefined;
}

/** "yes 0x401234 0x401234" for each; those behind the first that fails are not looked at. */
function conditionValues({ stack: { regs } }: Task): PathValues {
  const values: Record<string, string> = {};
  for (const { name, holds, words } of SYSRET_CONDITIONS) {
    const seen = words.map((word) => `0x${regs.get64(word).toString(16)}`).join(" ");
    values[name] = `${holds(regs) ? "yes" : "no"} (${seen})`;
    if (!holds(regs)) break;
  }
  return values;
}

/** RESTORE_C_REGS, SWAPGS, IRETQ: every register comes from pt_regs. */
function iret(cpu: Cpu, task: Task): void {
  returnTo(cpu, task, "iretq");
}

function returnTo(cpu: Cpu, task: Task, instruction: "iretq" | "sysretl"): void {
  const { registers } = cpu.processor;
  const { regs } = task.stack;
  pop(C_REGISTERS, task.mm.registers, regs);
  cpu.swapgs();
  cpu.observer?.step("swapgs", task, gsBases(cpu));
  registers.setRip(regs.low(pt.PT_IP), instruction === "sysretl" ? 0 : regs.high(pt.PT_IP));
  restoreUserFlags(cpu, task, regs.low(pt.PT_FLAGS));
  registers.setSelector(SEGMENT_CS, regs.low(pt.PT_CS));
  registers.setSelector(SEGMENT_SS, regs.low(pt.PT_SS));
  cpu.cpl = 3;
  cpu.observer?.step(instruction, task, backInUserMode(cpu, regs.low(pt.PT_FLAGS)));
}
