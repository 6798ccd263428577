// The debug registers of a traced task: breakpoints at instructions, which stop it before they are done, and at data, which stop it behind the
// instruction that wrote or read it. Pages with such data are not accessible: each access faults, and its instruction is stepped over. arch/x86/kernel/ptrace.c: ptrace_set_debugreg; arch/x86/kernel/hw_breakpoint.c
import { EINVAL, EIO, Errno } from "../../abi/errno.js";
import { WRITE } from "../../machine/guest-memory.js";
import type { Processor } from "../../machine/processor.js";
import { PAGE_SIZE, TF } from "../../machine/state-layout.js";
import { type Mm, TASK_SIZE } from "../mm/mm.js";
import { userSlices } from "../mm/user-access.js";

const BREAKPOINTS = 4;
const [DR6, DR7] = [6, 7];
const DR6_RESERVED = 0xffff0ff0n;
/** What of DR7 a program cannot set. */
const CONTROL_RESERVED = 0xffffffff0000fc00n;
const [EXECUTE, ON_WRITE, IO] = [0, 1, 2];
interface DataWatch {
  readonly index: number;
  readonly address: number;
  readonly length: number;
  readonly onlyWrites: boolean;
}

export class DebugRegisters {
  readonly #processor: Processor;
  readonly #addresses = [0, 0, 0, 0];
  #status = 0n;
  #control = 0n;
  /** Addresses the processor watches for it. */
  #watched: number[] = [];
  #data: DataWatch[] = [];
  /** What the instruction that is stepped over has reached so far; undefined when none is. */
  #before: string[] = [];
  #accesses: { address: number; writes: boolean }[] | undefined;
  /** TF was set already. */
  #wasStepping = false;

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
    const data: DataWatch[] = [];
    for (let index = 0; index < BREAKPOINTS; index++) {
      if (!((bits >>> (index * 2)) & 3)) continue;
      const [kind, length] = [(bits >>> (16 + index * 4)) & 3, (bits >>> (18 + index * 4)) & 3];
      const address = this.#addresses[index];
      const size = [1, 2, 8, 4][length];
      if (kind === IO || (kind === EXECUTE && length !== 0) || address % size !== 0) throw new Errno(EINVAL);
      if (kind === EXECUTE) watched.push(address);
      else data.push({ index, address, length: size, onlyWrites: kind === ON_WRITE });
    }
    this.clear();
    this.#control = control;
    this.#watched = watched;
    this.#data = data;
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
    this.#data = [];
  }

  /** Takes the pages of watched data away, before the task runs. */
  arm(mm: Mm): void {
    if (this.#accesses) return;
    for (const { address, onlyWrites } of this.#data) {
      const page = Math.floor(address / PAGE_SIZE);
      const rights = mm.memory.protectionOf(page);
      if (rights > 0) mm.memory.protect(page, onlyWrites ? rights & ~WRITE : 0);
    }
  }

  /** A page fault: when it is of a watched page, which is there again now, the instruction is stepped over. */
  noteAccess(mm: Mm, address: number, writes: boolean, isCode: boolean): void {
    const page = Math.floor(address / PAGE_SIZE);
    if (!this.#data.some((watch) => Math.floor(watch.address / PAGE_SIZE) === page)) return;
    if (this.#accesses === undefined) {
      this.#accesses = [];
      this.#before = this.#data.map((watch) => this.#valueOf(mm, watch));
      this.#wasStepping = (this.#processor.rflags & TF) !== 0;
      this.#processor.rflags |= TF;
    }
    if (!isCode) this.#accesses.push({ address, writes });
  }

  #valueOf(mm: Mm, { address, length }: DataWatch): string {
    return userSlices(mm, address, length, 0).join();
  }

  /** A step is over. undefined: it was not one of these; else whether watched data was reached. `endsThere`: nobody else wanted the step. */
  endStep(mm: Mm): { readonly isHit: boolean; readonly endsThere: boolean } | undefined {
    const accesses = this.#accesses;
    if (accesses === undefined) return undefined;
    this.#accesses = undefined;
    if (!this.#wasStepping) this.#processor.rflags &= ~TF;
    this.arm(mm);
    let isHit = false;
    for (const [position, watch] of this.#data.entries()) {
      const { index, address, length, onlyWrites } = watch;
      const isWithin = accesses.some(
        (access) => access.address >= address && access.address < address + length && (access.writes || !onlyWrites),
      );
      // What began before it has reached it when it is another value now.
      if (!isWithin && this.#valueOf(mm, watch) === this.#before[position]) continue;
      isHit = true;
      this.#status |= 1n << BigInt(index);
    }
    return { isHit, endsThere: !this.#wasStepping };
  }
}
