// Registers by name: PTRACE_PEEKUSER's struct user, and the register sets of GETREGSET. arch/x86/kernel/ptrace.c
import { NT_FPREGSET, NT_PRSTATUS, NT_X86_XSTATE } from "../../abi/constants/processes.js";
import { EINVAL, EIO, Errno } from "../../abi/errno.js";
import { isI386 } from "../../abi/struct.js";
import * as pt from "../entry/pt-regs.js";
import { USER_CS } from "../entry/selectors.js";
import type { Task } from "../task/task.js";
import { DebugRegisters } from "./debug-registers.js";
import type { Request } from "./requests.js";
import {
  getExtendedState,
  getRegister,
  getRegisters,
  getRegisters32,
  LEGACY_STATE_SIZE,
  setExtendedState,
  setRegister,
  setRegisters,
  setRegisters32,
  USER_WORDS,
} from "./user-registers.js";

const WORD = 8;
/** sizeof(struct user), and where its u_debugreg is. */
const USER_SIZE = 928;
const DEBUG_REGISTERS = 848;
const AFTER_DEBUG_REGISTERS = DEBUG_REGISTERS + 8 * WORD;

export function peekUser({ tracer, task, ptraced, address, data }: Request): undefined {
  checkOffset(address);
  const word = address / WORD;
  const isDebug = address >= DEBUG_REGISTERS && address < AFTER_DEBUG_REGISTERS;
  const value = isDebug
    ? debugRegisters(task, ptraced).read((address - DEBUG_REGISTERS) / WORD)
    : word < USER_WORDS
      ? getRegister(task, word)
      : 0n;
  tracer.copyOut(data, new Uint8Array(BigUint64Array.of(value).buffer));
}

function debugRegisters(task: Task, ptraced: Request["ptraced"]): DebugRegisters {
  ptraced.debug ??= new DebugRegisters(task.kernel.cpu.processor);
  return ptraced.debug;
}

export function pokeUser({ task, ptraced, address, wideData }: Request): undefined {
  checkOffset(address);
  const word = address / WORD;
  if (word < USER_WORDS) setRegister(task, word, wideData);
  else if (address < DEBUG_REGISTERS || address >= AFTER_DEBUG_REGISTERS) throw new Errno(EIO);
  else debugRegisters(task, ptraced).write((address - DEBUG_REGISTERS) / WORD, wideData);
}

function checkOffset(address: number): void {
  if (address % WORD !== 0 || address >= USER_SIZE) throw new Errno(EIO);
}

export const registersOf = (task: Task, narrow: boolean): Uint8Array =>
  narrow ? getRegisters32(task) : getRegisters(task);

export function writeRegisters(task: Task, bytes: Uint8Array, narrow: boolean): void {
  if (narrow) setRegisters32(task, bytes);
  else setRegisters(task, bytes);
}

interface Regset {
  /** Lengths are multiples of it. */
  readonly unit: number;
  get(): Uint8Array;
  set(bytes: Uint8Array): void;
}

/** task_user_regset_view: that of the code the task is in. */
function regset(task: Task, type: number): Regset | undefined {
  const narrow = task.stack.regs.low(pt.PT_CS) !== USER_CS;
  switch (type) {
    case NT_PRSTATUS:
      return {
        unit: narrow ? 4 : WORD,
        get: () => registersOf(task, narrow),
        set: (bytes) => writeRegisters(task, bytes, narrow),
      };
    case NT_FPREGSET:
      if (narrow) return undefined;
      return {
        unit: WORD,
        get: () => getExtendedState(task).subarray(0, LEGACY_STATE_SIZE),
        set: (bytes) => setExtendedState(task, bytes),
      };
    case NT_X86_XSTATE:
      return { unit: WORD, get: () => getExtendedState(task), set: (bytes) => setExtendedState(task, bytes) };
    default:
      return undefined;
  }
}

/** ptrace_regset: `data` is a struct iovec, whose length becomes that of the set. */
export function regsetRequest({ tracer, task, address, data }: Request, writes: boolean): undefined {
  const word = isI386(tracer.abi) ? 4 : WORD;
  const base = tracer.readPointer(data);
  const wanted = tracer.readPointer(data + word);
  const set = regset(task, address);
  if (set === undefined || wanted % set.unit !== 0) throw new Errno(EINVAL);
  const bytes = set.get();
  const length = Math.min(wanted, bytes.length);
  if (writes) set.set(tracer.copyIn(base, length));
  else tracer.copyOut(base, bytes.subarray(0, length));
  tracer.writePointer(data + word, length);
}
