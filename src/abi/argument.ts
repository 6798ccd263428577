// The type of a system call argument, declared once: how the kernel receives it and how a tracer shows it.
import type { ShowContext } from "./show.js";

/** A 64-bit value is passed as two signed 32-bit halves, so that no call makes a BigInt unless it needs one. */
export interface ArgumentType<T> {
  /** What the implementation gets: an int as number, a pointer as number (exact below 2^53), flags as number... */
  receive(low: number, high: number): T;
  /** Prints the value to `c.out`. */
  show(c: ShowContext, low: number, high: number): void;
  /** Known only when the call has returned: it and what follows it is printed at the exit stop. */
  readonly atExit?: boolean | ((c: ShowContext) => boolean);
  /**
   * How a call made with 32-bit registers passes it, where that is not a word with zeros above: sign-extended, as 64 bits in two
   * registers, or not at all because the argument before it holds it already.
   */
  readonly narrow?: "signed" | "pair" | "held";
  /** What the value stands for, for filters by path and descriptor. */
  readonly role?: "path" | "descriptor";
  /** False when this call does not have the argument (open's mode without O_CREAT): it is left out. */
  present?(c: ShowContext): boolean;
  /** Called at the entry stop for a type printed at exit: what must be remembered goes to `c.notes[c.index]`. */
  enter?(c: ShowContext, low: number, high: number): void;
  /** For a type printed at entry: adds at the exit stop what the kernel wrote back (` => {...}`), before what follows it. */
  leave?(c: ShowContext, low: number, high: number): void;
  /** False when `leave` has nothing to add in this call. */
  leaves?(c: ShowContext): boolean;
}

export type ArgumentTypes = Readonly<Record<string, ArgumentType<unknown>>>;

export type Received<A extends ArgumentTypes> = {
  readonly [K in keyof A]: A[K] extends ArgumentType<infer T> ? T : never;
};

/** `base` with parts replaced. */
export function variant<T>(base: ArgumentType<T>, parts: Partial<ArgumentType<T>>): ArgumentType<T> {
  return { ...base, ...parts };
}

/** The same, but only printed once the call has returned. */
export function onReturn<T>(base: ArgumentType<T>): ArgumentType<T> {
  return { ...base, atExit: true };
}

/** `type`, present only when `condition` holds. */
export function when<T>(condition: (c: ShowContext) => boolean, type: ArgumentType<T>): ArgumentType<T> {
  return { ...type, present: (c) => condition(c) && (type.present?.(c) ?? true) };
}

/** The type depends on the call: `choose` picks it each time. The kernel receives it as `received`. */
export function dependent<T>(
  received: ArgumentType<T>,
  choose: (c: ShowContext) => ArgumentType<unknown> | undefined,
): ArgumentType<T> {
  return {
    receive: received.receive,
    present: (c) => {
      const type = choose(c);
      return type !== undefined && (type.present?.(c) ?? true);
    },
    atExit: (c) => knownAtExit(choose(c) ?? received, c),
    enter: (c, low, high) => choose(c)?.enter?.(c, low, high),
    leave: (c, low, high) => choose(c)?.leave?.(c, low, high),
    leaves: (c) => choose(c)?.leave !== undefined,
    show: (c, low, high) => choose(c)?.show(c, low, high),
  };
}

export function knownAtExit(type: ArgumentType<unknown>, c: ShowContext): boolean {
  return typeof type.atExit === "function" ? type.atExit(c) : type.atExit === true;
}
