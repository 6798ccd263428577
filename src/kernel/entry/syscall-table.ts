// The tables of system calls, made from the declarations: sys_call_table with 546 slots, and that of i386. A slot unpacks pt_regs by the
// declared types and runs the call.

import type { ArgumentType } from "../../abi/argument.js";
import { type ArgumentRegisters, NarrowArguments } from "../../abi/argument-registers.js";
import { ENOSYS, Errno } from "../../abi/errno.js";
import type { Abi } from "../../abi/struct.js";
import type { Task } from "../task/task.js";
import type { Sleep } from "../task/wait.js";
import { ARGUMENT_WORDS, ARGUMENT_WORDS_32, type PtRegs } from "./pt-regs.js";

export const NR_SYSCALL_MAX = 545;
export const X32_SYSCALL_BIT = 0x40000000;

export type SyscallValue = number | bigint | void;
export type Slot = (task: Task) => SyscallValue | Sleep<SyscallValue>;

/** What the tables need of a declaration: syscalls/define.ts has the whole. */
export interface Implementation {
  readonly name: string;
  readonly nr: {
    readonly x64?: number | undefined;
    readonly i386?: number | undefined;
    readonly x32?: number | undefined;
  };
  readonly args: Readonly<Record<string, ArgumentType<unknown>>>;
  readonly layout?: Abi | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: the arguments of each call have their own type
  readonly run?: (task: Task, args: any) => SyscallValue | Sleep<SyscallValue>;
}

/** The tables, by the numbers in a declaration. */
export type TableName = keyof Implementation["nr"];
export type SyscallTable = readonly Slot[];

/** The slot that a number means. */
export const slotOf = (number: number, table: TableName): number =>
  table === "x32" ? number & ~X32_SYSCALL_BIT : number;

/** sys_ni_syscall */
const notImplemented: Slot = () => {
  throw new Errno(ENOSYS);
};

/** sys_call_table with the calls of x86-64, or with those of x32, whose numbers here are without the bit. */
export function makeSyscallTable(declarations: Iterable<Implementation>, name: "x64" | "x32" = "x64"): SyscallTable {
  const table = new Array<Slot>(NR_SYSCALL_MAX + 1).fill(notImplemented);
  for (const declaration of declarations) {
    const number = declaration.nr[name];
    const { run } = declaration;
    if (number !== undefined && run) fill(table, number, () => slotFor(declaration, run));
  }
  return table;
}

/** ia32_sys_call_table */
export function makeIa32Table(declarations: Iterable<Implementation>): SyscallTable {
  const all = [...declarations].filter(({ nr }) => nr.i386 !== undefined);
  const size = Math.max(...all.map(({ nr }) => nr.i386 as number)) + 1;
  const table = new Array<Slot>(size).fill(notImplemented);
  for (const declaration of all) {
    const { run } = declaration;
    if (run) fill(table, declaration.nr.i386 as number, () => narrowSlotFor(declaration, run));
  }
  return table;
}

/** A slot is made when the call is first made: a program makes few. */
function fill(table: Slot[], number: number, make: () => Slot): void {
  table[number] = (task) => {
    const slot = make();
    table[number] = slot;
    return slot(task);
  };
}

function slotFor(declaration: Implementation, run: NonNullable<Implementation["run"]>): Slot {
  const names = Object.keys(declaration.args);
  if (names.length === 0) {
    const none = Object.freeze({});
    return (task) => run(task, none);
  }
  const types = names.map((name) => declaration.args[name]);
  // Copying a template gives every argument object the same shape at once.
  const template = Object.fromEntries(names.map((name) => [name, undefined as unknown]));
  const count = Math.min(names.length, ARGUMENT_WORDS.length);
  return (task) => {
    const regs = task.stack.regs;
    const args = { ...template };
    for (let i = 0; i < count; i++) {
      const word = ARGUMENT_WORDS[i];
      args[names[i]] = types[i].receive(regs.low(word), regs.high(word));
    }
    return run(task, args);
  };
}

/** The registers of a call with those of i386. */
class Ia32Registers implements ArgumentRegisters {
  regs!: PtRegs;

  argumentLow(index: number): number {
    return index < ARGUMENT_WORDS_32.length ? this.regs.low(ARGUMENT_WORDS_32[index]) : 0;
  }

  argumentHigh(): number {
    return 0;
  }
}

function narrowSlotFor(declaration: Implementation, run: NonNullable<Implementation["run"]>): Slot {
  const names = Object.keys(declaration.args);
  const types = names.map((name) => declaration.args[name]);
  const places = new NarrowArguments(types);
  const registers = new Ia32Registers();
  const { layout } = declaration;
  return (task) => {
    if (layout !== undefined) task.abi = layout;
    registers.regs = task.stack.regs;
    const args: Record<string, unknown> = {};
    for (let i = 0; i < names.length; i++) {
      args[names[i]] = types[i].receive(places.low(registers, i), places.high(registers, i));
    }
    return run(task, args);
  };
}
