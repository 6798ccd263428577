// The shape of a system call declaration. One per call; the kernel's table, the tracer, the filters and the support table
// are all made from it.
import type { ArgumentType, ArgumentTypes, Received } from "../abi/argument.js";
import type { Task } from "../kernel/task/task.js";
import type { Wait } from "../kernel/task/wait.js";

/** Slot in each of the three tables; absent where the call does not exist. x86-64 and x32 share most numbers. */
export interface SyscallNumbers {
  readonly x64?: number;
  readonly i386?: number;
  readonly x32?: number;
}

/**
 * What `run` gives back: the value for rax (void is 0). A call that may sleep is a generator: it yields what it waits for and goes
 * on when that is there. Errors are thrown as Errno.
 */
export type SyscallResult = number | bigint | void;
export type SyscallRun<A extends ArgumentTypes> = (
  task: Task,
  args: Received<A>,
) => SyscallResult | Generator<Wait, SyscallResult, void>;

export interface SyscallDeclaration<A extends ArgumentTypes = ArgumentTypes> {
  readonly name: string;
  readonly nr: SyscallNumbers;
  /** strace's %classes. */
  readonly classes: readonly string[];
  readonly args: A;
  readonly returns: ArgumentType<unknown>;
  /** The order tracers print the arguments in, with their names, where it is not the order of the registers (clone). */
  readonly shown?: readonly (keyof A & string)[];
  readonly run?: SyscallRun<A>;
  /** Set when `run` does not do all that Linux does: one line that says what is missing. */
  readonly partial?: string;
}

export function defineSyscall<const A extends ArgumentTypes>(
  declaration: SyscallDeclaration<A>,
): SyscallDeclaration<A> {
  return declaration;
}
