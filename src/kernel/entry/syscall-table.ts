// sys_call_table: 546 slots, made from the declarations. A slot unpacks pt_regs by the declared types and runs the call.

import type { ArgumentType } from "../../abi/argument.js";
import { ENOSYS, Errno } from "../../abi/errno.js";
import type { Task } from "../task/task.js";
import type { Sleep } from "../task/wait.js";
import { ARGUMENT_WORDS } from "./pt-regs.js";

export const NR_SYSCALL_MAX = 545;
export const X32_SYSCALL_BIT = 0x40000000;

export type SyscallValue = number | bigint | void;
export type Slot = (task: Task) => SyscallValue | Sleep<SyscallValue>;

/** What the table needs of a declaration: syscalls/define.ts has the whole. */
export interface Implementation {
  readonly name: string;
  readonly nr: { readonly x64?: number | undefined; readonly x32?: number | undefined };
  readonly args: Readonly<Record<string, ArgumentType<unknown>>>;
  // biome-ignore lint/suspicious/noExplicitAny: the arguments of each call have their own type
  readonly run?: (task: Task, args: any) => SyscallValue | Sleep<SyscallValue>;
}

/** sys_ni_syscall */
const notImplemented: Slot = () => {
  throw new Errno(ENOSYS);
};

export function makeSyscallTable(declarations: Iterable<Implementation>): readonly Slot[] {
  const table = new Array<Slot>(NR_SYSCALL_MAX + 1).fill(notImplemented);
  for (const declaration of declarations) {
    if (declaration.run === undefined) continue;
    const slot = slotFor(declaration, declaration.run);
    const { x64, x32 } = declaration.nr;
    if (x64 !== undefined) table[x64] = slot;
    if (x32 !== undefined && x32 >= 512) table[x32 & ~X32_SYSCALL_BIT] = slot;
  }
  return table;
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
