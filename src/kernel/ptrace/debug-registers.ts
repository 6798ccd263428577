// The debug registers of a traced task: breakpoints at instructions, which stop it before they are done. What is written and read of data
// cannot be watched. arch/x86/kernel/ptrace.c: ptrace_set_debugreg; arch/x86/kernel/hw_breakpoint.c
import { EINVAL, EIO, ENOSPC, Errno } from "../../abi/errno.js";
import type { Processor } from "../../machine/processor.js";
import { TASK_SIZE } from "../mm/mm.js";

const BREAKPOINTS = 4;
const [DR6, DR7] = [6, 7];
const DR6_RESERVED = 0xffff0ff0n;
/** What of DR7 a program cannot set. */
const CONTROL_RESERVED = 0xffffffff0000fc00n;
const [EXECUTE, IO] = [0, 2];

export class DebugRegisters {
  readonly #processor: Processor;
  readonly #addresses = [0, 0, 0, 0];
  #status = 0n;
  #control = 0n;
  /** Addresses the processor watches for it. */
  #watched: number[] = [];

  constructor(processor: Processor) {
    this.#processor = processor;
  }

  read(register: number): bigint {
    if (register < BREAKPOINTS) return BigInt(this.#addresses[register]);
    if (register === DR6) return this.#status ^ DR6_RESERVED;
    return register === DR7 ? this.#control : 0n;
  }

  write(register: number, value: bigint): void {
    if (register < BREAKPOINTS) {
      if (value >= BigInt(TASK_SIZE)) throw new Errno(EINVAL);
      const before = this.#addresses[register];
      this.#addresses[register] = Number(value);
      try {
        this.#set(this.#control);
      } catch (error) {
        this.#addresses[register] = before;
        throw error;
      }
    } else if (register === DR6) this.#status = value ^ DR6_RESERVED;
    else if (register === DR7) this.#set(value & ~CONTROL_RESERVED);
    else throw new Errno(EIO);
  }

  /** ptrace_write_dr7: all breakpoints are checked before one is set. */
  #set(control: bigint): void {
    const bits = Number(control);
    const watched: number[] = [];
    for (let index = 0; index < BREAKPOINTS; index++) {
      if (!((bits >>> (index * 2)) & 3)) continue;
      const [kind, length] = [(bits >>> (16 + index * 4)) & 3, (bits >>> (18 + index * 4)) & 3];
      const address = this.#addresses[index];
      const size = [1, 2, 8, 4][length];
      if (kind === IO || (kind === EXECUTE && length !== 0) || address % size !== 0) throw new Errno(EINVAL);
      if (kind !== EXECUTE) throw new Errno(ENOSPC);
      watched.push(address);
    }
    this.clear();
    this.#control = control;
    this.#watched = watched;
    for (const address of watched) this.#processor.watch(address);
  }

  /** The processor has come to a watched address: is it one of these? Notes which in DR6. */
  stopsAt(address: number): boolean {
    if (!this.#watched.includes(address)) return false;
    const bits = Number(this.#control);
    for (let index = 0; index < BREAKPOINTS; index++) {
      if ((bits >>> (index * 2)) & 3 && this.#addresses[index] === address) this.#status |= 1n << BigInt(index);
    }
    return true;
  }

  clear(): void {
    for (const address of this.#watched) this.#processor.unwatch(address);
    this.#watched = [];
  }
}
