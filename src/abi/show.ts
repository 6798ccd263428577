// What a decoder works with when it prints: the call at its stop, the user's choice of style, and the token stream.
import { type ArgumentRegisters, fixedArguments, type NarrowArguments } from "./argument-registers.js";
import type { Abi } from "./struct.js";
import type { Tracee } from "./tracee.js";

/** Where decoders write. Every token is final text; what differs is what it is, for renderings other than plain text. */
export interface TokenSink {
  /** Separators, brackets and operators. */
  punct(text: string): void;
  /** Names of arguments and of fields. */
  name(text: string): void;
  number(text: string): void;
  address(text: string): void;
  /** Symbolic constants. */
  flag(text: string): void;
  /** A string with its quotes. */
  string(text: string): void;
  /** What the tracer says about a value, comment signs included. */
  comment(text: string): void;
  /** What a descriptor or a pid stands for: `</etc/passwd>`. */
  annotation(text: string): void;
}

/** Shows other bytes than there are: names instead of paths. */
export interface Renaming {
  /** How many more bytes must be looked at, that as many as are wanted can be shown. */
  readonly more: number;
  apply(bytes: Uint8Array): Uint8Array;
}

/** The user's choices, as far as decoders care. */
export interface ShowStyle {
  stringLimit: number;
  hexStrings: "never" | "nonAsciiChars" | "nonAscii" | "always";
  constants: "abbrev" | "raw" | "verbose";
  /** -y: the path of each descriptor; -yy: what else is known of it. */
  descriptorPaths: boolean;
  descriptorDetails: boolean;
  /** -Y. */
  pidNames: boolean;
  renaming?: Renaming | undefined;
}

/** One per traced task: the call it is in. */
export class ShowContext {
  readonly tracee: Tracee;
  #source: ArgumentRegisters;
  readonly style: ShowStyle;
  out: TokenSink;
  /** At the exit stop. */
  exiting = false;
  /** The result is an error or a restart code. Known at the exit stop. */
  failed = false;
  /** Whether structures are cut short (-e abbrev) and followed at all (-e verbose) in this call. */
  abbreviate = true;
  dereference = true;
  /** Argument names of the current call in order: how a type finds its siblings. */
  argumentNames: readonly string[] = [];
  /** How structures are laid out, where that is not as the personality has it. */
  layout: Abi | undefined;
  /** Where they are, when the call has 32-bit registers. */
  narrow: NarrowArguments | undefined;
  /** What a decoder wants said after the result. */
  auxiliary: string | undefined;
  /** What a type noted at the entry stop for its own use at the exit stop, by argument index. */
  readonly notes: unknown[] = [];
  /** The call a restart_syscall resumes. */
  interruptedCall = "system call";
  /** The name of a call of this personality. */
  callName: (number: number) => string | undefined = () => undefined;
  /** What sockets were known as when they were first seen, by inode: a tracer does not ask again. */
  socketNames = new Map<number, readonly [inode: number, text: string]>();
  /** Index of the argument being shown. */
  index = 0;

  constructor(tracee: Tracee, style: ShowStyle, out: TokenSink) {
    this.tracee = tracee;
    this.#source = tracee;
    this.style = style;
    this.out = out;
  }

  /** The arguments themselves, when they are in no registers. */
  set values(values: readonly number[] | undefined) {
    this.#source = values === undefined ? this.tracee : fixedArguments(values);
  }

  get abi(): Abi {
    return this.layout ?? this.tracee.personality;
  }

  /** Argument `index` in the order of the registers. */
  argumentLow(index: number): number {
    return this.narrow === undefined ? this.tracee.argumentLow(index) : this.narrow.low(this.#source, index);
  }

  argumentHigh(index: number): number {
    return this.narrow === undefined ? this.tracee.argumentHigh(index) : this.narrow.high(this.#source, index);
  }

  /** The low half of the argument called `name`. */
  low(name: string): number {
    return this.argumentLow(this.argumentNames.indexOf(name));
  }

  high(name: string): number {
    return this.argumentHigh(this.argumentNames.indexOf(name));
  }

  /** Argument `name` as an unsigned number, exact below 2^53. */
  unsigned(name: string): number {
    const index = this.argumentNames.indexOf(name);
    return (this.argumentHigh(index) >>> 0) * 0x1_0000_0000 + (this.argumentLow(index) >>> 0);
  }

  /** The result as a signed number. */
  result(): number {
    return this.tracee.resultHigh() * 0x1_0000_0000 + (this.tracee.resultLow() >>> 0);
  }
}
