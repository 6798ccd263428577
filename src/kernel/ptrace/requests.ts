// ptrace(2): what a tracer asks for, in the order in which Linux refuses. kernel/ptrace.c, arch/x86/kernel/ptrace.c
import * as uapi from "../../abi/constants/processes.js";
import { _NSIG } from "../../abi/constants/signals.js";
import { EINVAL, EIO, EPERM, Errno, ESRCH } from "../../abi/errno.js";
import { isI386 } from "../../abi/struct.js";
import * as pt from "../entry/pt-regs.js";
import { readForced } from "../mm/forced-access.js";
import { TASK_SIZE } from "../mm/mm.js";
import { detachTracee } from "../task/exit.js";
import type { Task } from "../task/task.js";
import { writeArea } from "../task/thread-area.js";
import { attach, checkOptions, seizeTask, traceMe } from "./attach.js";
import { getFilter, getMetadata } from "./filter-requests.js";
import { disableSingleStep, enableSingleStep, type Ptraced, release, setSyscallWork, wakeForTrap } from "./ptraced.js";
import { peekUser, pokeUser, registersOf, regsetRequest, writeRegisters } from "./regsets.js";
import { getSigmask, peekSiginfo, readSiginfo, setSigmask, writeSiginfo } from "./signal-requests.js";
import { setSyscallInfo, syscallInfo } from "./syscall-info.js";
import {
  FS_BASE,
  GS_BASE,
  getExtendedState,
  getRegister,
  LEGACY_STATE_SIZE,
  setExtendedState,
  setRegister,
} from "./user-registers.js";

/** A request about a task that its tracer has stopped. */
export interface Request {
  readonly tracer: Task;
  readonly task: Task;
  readonly ptraced: Ptraced;
  /** Exact below 2^53. */
  readonly address: number;
  readonly data: number;
  readonly wideData: bigint;
}

export function ptrace(tracer: Task, request: number, pid: number, address: number, data: number): number {
  switch (request) {
    case uapi.PTRACE_TRACEME:
      traceMe(tracer);
      return 0;
    case uapi.PTRACE_ATTACH:
      attach(tracer, pid);
      return 0;
    case uapi.PTRACE_SEIZE:
      seizeTask(tracer, pid, address, data);
      return 0;
  }
  const task = tracer.find(pid);
  const ptraced = task?.ptraced;
  if (task === undefined || pid <= 0 || ptraced?.tracer !== tracer) throw new Errno(ESRCH);
  const anyState = request === uapi.PTRACE_KILL || request === uapi.PTRACE_INTERRUPT;
  if (!anyState && (!ptraced.stop || ptraced.listening)) throw new Errno(ESRCH);
  const serve = REQUESTS.get(request);
  if (serve === undefined) throw new Errno(EIO);
  const wideData = tracer.stack.regs.get64(tracer.compat ? pt.PT_SI : pt.PT_R10);
  return serve({ tracer, task, ptraced, address, data, wideData }) ?? 0;
}

type Serve = (request: Request) => number | undefined;

function peek({ tracer, task, address, data }: Request): undefined {
  const bytes = readForced(task.mm, address, tracer.longBytes);
  if (bytes.length < tracer.longBytes) throw new Errno(EIO);
  tracer.copyOut(data, bytes);
}

function poke({ tracer, task, address, wideData }: Request): undefined {
  const bytes = new Uint8Array(BigUint64Array.of(wideData).buffer).subarray(0, tracer.longBytes);
  if (!task.tracee.poke(address, bytes)) throw new Errno(EIO);
}

/** The registers as the tracer's own ABI has them. */
function getRegisters({ tracer, task, data }: Request): undefined {
  tracer.copyOut(data, registersOf(task, isI386(tracer.abi)));
}

function setRegisters({ tracer, task, data }: Request): undefined {
  const narrow = isI386(tracer.abi);
  writeRegisters(task, tracer.copyIn(data, registersOf(task, narrow).length), narrow);
}

function getFloatingPoint({ tracer, task, data }: Request): undefined {
  tracer.copyOut(data, getExtendedState(task).subarray(0, LEGACY_STATE_SIZE));
}

function setFloatingPoint({ tracer, task, data }: Request): undefined {
  setExtendedState(task, tracer.copyIn(data, LEGACY_STATE_SIZE));
}

/** ptrace_resume */
function resume(
  { task, ptraced, data }: Request,
  stops: boolean,
  steps: boolean,
  emulates: boolean,
  toBranch = false,
): undefined {
  if (!(data >= 0 && data <= _NSIG)) throw new Errno(EIO);
  setSyscallWork(task, stops, emulates);
  if (steps) enableSingleStep(task, ptraced);
  else disableSingleStep(task, ptraced);
  ptraced.steppedFrom = toBranch ? task.stack.regs.address(pt.PT_IP) : -1;
  release(task, data);
}

function detach({ task, data }: Request): undefined {
  if (!(data >= 0 && data <= _NSIG)) throw new Errno(EIO);
  detachTracee(task, data);
}

function interrupt({ task, ptraced }: Request): undefined {
  if (!ptraced.seized) throw new Errno(EIO);
  if (task.isDead) return;
  ptraced.trapPending = true;
  if (ptraced.listening) release(task, 0);
  wakeForTrap(task);
}

/** It stays in its group's stop, and is heard of again when that ends. */
function listen({ task, ptraced }: Request): undefined {
  if (!ptraced.seized || (ptraced.stop?.code ?? 0) >> 8 !== uapi.PTRACE_EVENT_STOP) throw new Errno(EIO);
  ptraced.listening = true;
  if (ptraced.notifyPending) release(task, 0);
}

function setOptions({ tracer, ptraced, data }: Request): undefined {
  checkOptions(tracer, data, EINVAL);
  ptraced.options = data;
}

function eventMessage({ tracer, ptraced, data }: Request): undefined {
  const bytes = new Uint8Array(BigUint64Array.of(ptraced.message).buffer);
  tracer.copyOut(data, bytes.subarray(0, tracer.longBytes));
}

/** struct ptrace_rseq_configuration: pointer, size, signature, flags. */
function rseqConfiguration({ tracer, task, address, data }: Request): number {
  const size = 24;
  const view = new DataView(new ArrayBuffer(size));
  const { rseq } = task;
  if (rseq) {
    view.setBigUint64(0, BigInt(rseq.address), true);
    view.setUint32(8, rseq.length, true);
    view.setUint32(12, rseq.signature, true);
  }
  tracer.copyOut(data, new Uint8Array(view.buffer, 0, Math.min(size, address)));
  return size;
}

/** An entry of the GDT, by its number. */
function threadArea({ tracer, task, address, data }: Request): undefined {
  if (address > 0x7fffffff) throw new Errno(EIO);
  writeArea(tracer, task, address, data);
}

/** arch_prctl(2) of another: the bases of FS and GS. */
function archPrctl({ tracer, task, address, data }: Request): undefined {
  const word = data === uapi.ARCH_GET_FS || data === uapi.ARCH_SET_FS ? FS_BASE : GS_BASE;
  switch (data) {
    case uapi.ARCH_GET_FS:
    case uapi.ARCH_GET_GS:
      tracer.copyOut(address, new Uint8Array(BigUint64Array.of(getRegister(task, word)).buffer));
      return;
    case uapi.ARCH_SET_FS:
    case uapi.ARCH_SET_GS:
      if (address >= TASK_SIZE) throw new Errno(EPERM);
      setRegister(task, word, BigInt(address));
      return;
    default:
      throw new Errno(EINVAL);
  }
}

const REQUESTS = new Map<number, Serve>([
  [uapi.PTRACE_PEEKTEXT, peek],
  [uapi.PTRACE_PEEKDATA, peek],
  [uapi.PTRACE_PEEKUSER, peekUser],
  [uapi.PTRACE_POKETEXT, poke],
  [uapi.PTRACE_POKEDATA, poke],
  [uapi.PTRACE_POKEUSER, pokeUser],
  [uapi.PTRACE_GETREGS, getRegisters],
  [uapi.PTRACE_SETREGS, setRegisters],
  [uapi.PTRACE_GETFPREGS, getFloatingPoint],
  [uapi.PTRACE_SETFPREGS, setFloatingPoint],
  [uapi.PTRACE_GETREGSET, (request) => regsetRequest(request, false)],
  [uapi.PTRACE_SETREGSET, (request) => regsetRequest(request, true)],
  [uapi.PTRACE_CONT, (request) => resume(request, false, false, false)],
  [uapi.PTRACE_SYSCALL, (request) => resume(request, true, false, false)],
  [uapi.PTRACE_SINGLESTEP, (request) => resume(request, false, true, false)],
  [uapi.PTRACE_SINGLEBLOCK, (request) => resume(request, false, true, false, true)],
  [uapi.PTRACE_SYSEMU, (request) => resume(request, false, false, true)],
  [uapi.PTRACE_SYSEMU_SINGLESTEP, (request) => resume(request, false, true, true)],
  [uapi.PTRACE_KILL, ({ task }) => void task.sendSignal(9)],
  [uapi.PTRACE_DETACH, detach],
  [uapi.PTRACE_INTERRUPT, interrupt],
  [uapi.PTRACE_LISTEN, listen],
  [uapi.PTRACE_SETOPTIONS, setOptions],
  [uapi.PTRACE_OLDSETOPTIONS, setOptions],
  [uapi.PTRACE_GETEVENTMSG, eventMessage],
  [uapi.PTRACE_GETSIGINFO, readSiginfo],
  [uapi.PTRACE_SETSIGINFO, writeSiginfo],
  [uapi.PTRACE_PEEKSIGINFO, peekSiginfo],
  [uapi.PTRACE_GETSIGMASK, getSigmask],
  [uapi.PTRACE_SETSIGMASK, setSigmask],
  [uapi.PTRACE_GET_SYSCALL_INFO, syscallInfo],
  [uapi.PTRACE_SET_SYSCALL_INFO, setSyscallInfo],
  [uapi.PTRACE_SECCOMP_GET_FILTER, getFilter],
  [uapi.PTRACE_SECCOMP_GET_METADATA, getMetadata],
  [uapi.PTRACE_GET_THREAD_AREA, threadArea],
  [uapi.PTRACE_ARCH_PRCTL, archPrctl],
  [uapi.PTRACE_GET_RSEQ_CONFIGURATION, rseqConfiguration],
]);
