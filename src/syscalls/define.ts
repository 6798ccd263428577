// The shape of a system call declaration. One per call; the kernel's table, the tracer, the filters and the support table
// are all made from it.
import type { ArgumentType, ArgumentTypes, Received } from "../abi/argument.js";
import { Errno } from "../abi/errno.js";
import { long } from "../abi/scalars.js";
import type { Abi } from "../abi/struct.js";
import { ARGUMENT_WORDS_32 } from "../kernel/entry/pt-regs.js";
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
  /** How the structures of i386's call are laid out, where that is not as i386 has it. */
  readonly layout?: Abi;
  /** The call this is a door to, with its arguments: those of one number are several in turn, or are in memory. */
  readonly leadsTo?: (words: CallWords) => Subcall | undefined;
  readonly run?: SyscallRun<A>;
  /** Set when `run` does not do all that Linux does: one line that says what is missing. */
  readonly partial?: string;
}

export function defineSyscall<const A extends ArgumentTypes>(
  declaration: SyscallDeclaration<A>,
): SyscallDeclaration<A> {
  return declaration;
}

/** `of` under another name and number, and with whatever else is different; what `changes` do not say, `of` does. */
export function variantOf<A extends ArgumentTypes, B extends ArgumentTypes = A>(
  of: SyscallDeclaration<A>,
  changes: Partial<SyscallDeclaration<B>> & Pick<SyscallDeclaration, "name" | "nr">,
): SyscallDeclaration<B> {
  return Object.setPrototypeOf(changes, of);
}

/** What a call of i386 was given. */
export interface CallWords {
  /** In its registers. */
  argument(index: number): number;
  /** In memory; undefined, or EFAULT, where there is none. */
  words(address: number, count: number): ArrayLike<number> | undefined;
}

export interface Subcall {
  readonly call: SyscallDeclaration;
  readonly values: readonly number[];
}

/** A door to other calls; `refused` is what it fails with when it leads nowhere. */
export function defineDoor(
  declaration: Omit<SyscallDeclaration, "run" | "returns"> & Required<Pick<SyscallDeclaration, "leadsTo">>,
  refused: number,
): SyscallDeclaration {
  return {
    ...declaration,
    returns: long,
    run: (task) => {
      const led = declaration.leadsTo({
        argument: (index) => task.stack.regs.low(ARGUMENT_WORDS_32[index]) >>> 0,
        words: (address, count) => new Uint32Array(task.copyIn(address, count * 4).buffer),
      });
      if (led?.call.run === undefined) throw new Errno(refused);
      const types = Object.entries(led.call.args);
      const args = types.map(([name, type], index) => {
        const value = led.values[index] as number;
        return [name, type.receive(value | 0, type.narrow === "signed" ? value >> 31 : 0)];
      });
      return led.call.run(task, Object.fromEntries(args));
    },
  };
}
