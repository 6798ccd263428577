// Registers by name: PTRACE_PEEKUSER's struct user, and the register sets of GETREGSET. arch/x86/kernel/ptrace.c
import { NT_FPREGSET, NT_PRSTATUS, NT_X86_XSTATE } from "../../abi/constants/processes.js";
import { EINVAL, EIO, ENOSPC, Errno } from "../../abi/errno.js";
import { isI386 } from "../../abi/struct.js";
import * as pt from "../entry/pt-regs.js";
import { USER_CS } from "../entry/selectors.js";
import type { Task } from "../task/task.js";
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
const USER_SIZE = 912;
const DEBUG_REGISTERS = 848;
const DR7 = 7;
/** Bits of DR7 that switch a breakpoint on. */
const ENABLES = 0xffn;

export function peekUser({ tracer, task, address, data }: Request): undefined {
  checkOffset(address);
  const word = address / WORD;
  const value = word < USER_WORDS ? getRegister(task, word) : 0n;
  tracer.copyOut(data, new Uint8Array(BigUint64Array.of(value).buffer));
}

/** Debug registers can be written, but no breakpoint of the processor's own be had. */
export function pokeUser({ task, address, wideData }: Request): undefined {
  checkOffset(address);
  const word = address / WORD;
  if (word < USER_WORDS) setRegister(task, word, wideData);
  else if (address < DEBUG_REGISTERS) throw new Errno(EIO);
  else if (address === DEBUG_REGISTERS + DR7 * WORD && wideData & ENABLES) throw new Errno(ENOSPC);
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
