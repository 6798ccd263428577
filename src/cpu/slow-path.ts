// What generated code leaves to TypeScript: memory accesses the tags do not allow, and microcode. Both engines' code comes here.
import * as machine from "../machine/processor.js";
import { OFFSET_CC_OP } from "../machine/state-layout.js";
import { type Core, Exception } from "./core.js";
import type { Microcode } from "./ir/node.js";

/** Beside exception vectors: the instruction at rip must be run by the interpreter. */
export const EMULATE = -2;
/** Go on at rip: the code there may have changed or is to be stepped through, or the time slice may be over. */
export const GO_ON = -3;
/** Beside 0 and -1: the microcode is done, but running code is to be left behind its instruction. */
export const MICROCODE_LEAVES = 1;

/** In place of a lazy operation: the one in the state is right. */
const FLAGS_IN_STATE = -1;
const CANONICAL_END = 0x8000_0000_0000;
const TWO_32 = 0x1_0000_0000;

export class SlowPath {
  readonly #core: Core;
  #outcome = EMULATE;
  #exception: Exception | undefined;
  #flags = FLAGS_IN_STATE;
  #codeChanged = false;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Translations were dropped: what is running may be among them. */
  noteCodeChange(): void {
    this.#codeChanged = true;
  }

  /**
   * Linear offset of `size` bytes at the address whose halves are given; -1 when the instruction stops here, the lazy flags' operation being
   * `flags` then.
   */
  linear(low: number, high: number, size: number, write: boolean, stack: boolean, flags: number): number {
    const address = (high >>> 0) * TWO_32 + (low >>> 0);
    if (address + size > CANONICAL_END) return this.stop(outOfRange(low, high, write, stack), flags);
    if (stack && this.#core.crossesLimit(address, size)) return this.stop(new Exception(machine.STACK_FAULT), flags);
    try {
      this.#codeChanged = false;
      const linear = this.#core.linear(address, size, write);
      // In separate pages, or code was dropped that may be running: the interpreter does this one.
      return linear < 0 || this.#codeChanged ? this.stop(undefined, flags) : linear | 0;
    } catch (error) {
      if (!(error instanceof Exception)) throw error;
      return this.stop(error, flags);
    }
  }

  /** Runs microcode with rip at its instruction: 0, -1 when it raised an exception, or is to be run again, or MICROCODE_LEAVES. */
  microcode(handler: Microcode): number {
    try {
      const core = this.#core;
      this.#codeChanged = false;
      core.repeatAgain = false;
      handler(core);
      if (!this.#codeChanged && !core.watched && !core.repeatAgain && !core.hasWorked) return 0;
      this.#outcome = GO_ON;
      return core.repeatAgain ? -1 : MICROCODE_LEAVES;
    } catch (error) {
      if (!(error instanceof Exception)) throw error;
      return this.stop(error, FLAGS_IN_STATE);
    }
  }

  /** Without an exception, the interpreter must run the instruction. */
  stop(exception: Exception | undefined, flags: number): number {
    this.#outcome = exception ? exception.vector : EMULATE;
    this.#exception = exception;
    this.#flags = flags;
    return -1;
  }

  /** What stopped compiled or cold code: the exception vector, EMULATE or GO_ON. The state is complete afterwards. */
  takeFault(): number {
    if (this.#outcome === GO_ON) {
      if (this.#core.hasWorked) this.#core.spendWork();
      return GO_ON;
    }
    if (this.#flags !== FLAGS_IN_STATE) this.#core.setState32(OFFSET_CC_OP, this.#flags);
    if (this.#exception) this.#core.noteException(this.#exception);
    return this.#outcome;
  }
}

function outOfRange(low: number, high: number, write: boolean, stack: boolean): Exception {
  if (high >> 15 !== -1) return new Exception(stack ? machine.STACK_FAULT : machine.GENERAL_PROTECTION);
  const address = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  return new Exception(machine.PAGE_FAULT, machine.PF_USER | (write ? machine.PF_WRITE : 0), address);
}
