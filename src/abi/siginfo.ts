// siginfo_t as a tracer prints it: which members follow the code depends on the signal and on where it came from.

import {
  AUDIT_ARCH_I386,
  AUDIT_ARCH_X86_64,
  auditArchitectures,
  BUS_MCEERR_AO,
  BUS_MCEERR_AR,
  busCodes,
  CLD_EXITED,
  childCodes,
  fpeCodes,
  illCodes,
  pollCodes,
  SI_SIGIO,
  SI_TIMER,
  SI_TKILL,
  SI_USER,
  SIGBUS,
  SIGCHLD,
  SIGFPE,
  SIGILL,
  SIGIO,
  SIGSEGV,
  SIGSYS,
  SIGTRAP,
  seccompCodes,
  segvCodes,
  signalCodes,
  trapCodes,
} from "./constants/signals.js";
import { hex } from "./digits.js";
import { errnoName } from "./errno.js";
import { showAddress } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { showSignal } from "./signals.js";
import { type Abi, isI386, pointerBytes } from "./struct.js";
import { showEnumeration, showNamed } from "./tables.js";

export const SIGINFO_SIZE = 128;

export const KNOWN_ARCHITECTURES: readonly number[] = [AUDIT_ARCH_X86_64, AUDIT_ARCH_I386];
const SEGV_BNDERR = 3;
const SEGV_PKUERR = 4;

/** Tables of si_code by signal. */
const codesOf = new Map([
  [SIGILL, illCodes],
  [SIGTRAP, trapCodes],
  [SIGBUS, busCodes],
  [SIGFPE, fpeCodes],
  [SIGSEGV, segvCodes],
  [SIGCHLD, childCodes],
  [SIGIO, pollCodes],
  [SIGSYS, seccompCodes],
]);

/** Delivered signals are told of in the tracer's own layout, what is in the program's memory in the program's. */
export function showSiginfo(c: ShowContext, view: DataView, abi: Abi = "x86_64"): void {
  const signal = view.getInt32(0, true);
  c.out.punct("{");
  if (signal !== 0) new Members(c, view, abi).show(signal);
  c.out.punct("}");
}

class Members {
  readonly #c: ShowContext;
  readonly #view: DataView;
  /** Bytes in a pointer, and where the union begins. */
  readonly #word: 4 | 8;
  readonly #union: number;
  /** Where the times of a child are, and their bytes. */
  readonly #times: number;
  readonly #timeSize: number;

  constructor(c: ShowContext, view: DataView, abi: Abi) {
    this.#c = c;
    this.#view = view;
    this.#word = pointerBytes(abi) === 8 ? 8 : 4;
    this.#union = this.#word === 8 ? 16 : 12;
    this.#times = this.#word === 8 ? 32 : 24;
    this.#timeSize = isI386(abi) ? 4 : 8;
  }

  show(signal: number): void {
    const { out } = this.#c;
    out.name("si_signo");
    out.punct("=");
    showSignal(this.#c, signal);
    const code = this.#int(8);
    this.#code(signal, code);
    this.#error(this.#int(4));
    if (code <= SI_USER) this.#sent(code);
    else this.#raised(signal, code);
  }

  #code(signal: number, code: number): void {
    this.#start("si_code");
    const table = codesOf.get(signal);
    const name = signalCodes.names.get(code) ?? table?.names.get(code);
    const raw = hex(code);
    if (name === undefined) this.#c.out.number(raw);
    else showNamed(this.#c, raw, name);
  }

  #error(error: number): void {
    if (error === 0) return;
    this.#start("si_errno");
    const name = errnoName(error);
    if (name === undefined) this.#c.out.number(unsigned(error));
    else showNamed(this.#c, error.toString(), name);
  }

  /** By a process. */
  #sent(code: number): void {
    if (code === SI_TIMER) {
      this.#number("si_timerid", hex(this.#int(this.#union)));
      this.#number("si_overrun", this.#int(this.#union + 4).toString());
      this.#value();
      return;
    }
    if (code === SI_SIGIO) {
      this.#poll();
      return;
    }
    this.#sender();
    if (code !== SI_USER && code !== SI_TKILL && this.#hasValue) this.#value();
  }

  /** By the kernel. */
  #raised(signal: number, code: number): void {
    switch (signal) {
      case SIGCHLD:
        this.#sender();
        this.#start("si_status");
        if (code === CLD_EXITED || this.#status === 0) this.#c.out.number(this.#status.toString());
        else showSignal(this.#c, this.#status);
        this.#ticks("si_utime", this.#times);
        this.#ticks("si_stime", this.#times + this.#timeSize);
        break;
      case SIGILL:
      case SIGFPE:
      case SIGSEGV:
      case SIGBUS:
      case SIGTRAP:
        this.#address("si_addr", this.#member(0));
        if (signal === SIGSEGV && code === SEGV_BNDERR) {
          this.#address("si_lower", this.#member(2));
          this.#address("si_upper", this.#member(3));
        } else if (signal === SIGBUS && (code === BUS_MCEERR_AR || code === BUS_MCEERR_AO)) {
          this.#number("si_addr_lsb", this.#view.getInt16(this.#member(1), true).toString());
        } else if (signal === SIGSEGV && code === SEGV_PKUERR)
          this.#number("si_pkey", unsigned(this.#int(this.#member(2))));
        break;
      case SIGIO:
        if (pollCodes.names.has(code)) this.#poll();
        break;
      case SIGSYS:
        this.#call();
        break;
      default:
        if (this.#int(this.#union) !== 0 || this.#int(this.#union + 4) !== 0) this.#sender();
        if (this.#hasValue) this.#value();
    }
  }

  #call(): void {
    this.#address("si_call_addr", this.#member(0));
    const number = this.#int(this.#member(1));
    const arch = this.#int(this.#member(1) + 4);
    this.#start("si_syscall");
    const name = KNOWN_ARCHITECTURES.includes(arch >>> 0) ? this.#c.callName(number) : undefined;
    if (name === undefined) this.#c.out.number(unsigned(number));
    else showNamed(this.#c, unsigned(number), `__NR_${name}`);
    this.#start("si_arch");
    if (arch === 0) {
      this.#c.out.number("0");
      if (this.#c.style.constants !== "raw") this.#c.out.comment(` /* ${auditArchitectures.unknown} */`);
    } else showEnumeration(this.#c, auditArchitectures, arch);
  }

  #poll(): void {
    const band = this.#member(0);
    this.#number("si_band", (this.#word === 8 ? this.#view.getBigInt64(band, true) : this.#int(band)).toString());
    this.#number("si_fd", this.#int(this.#member(1)).toString());
  }

  #sender(): void {
    this.#number("si_pid", this.#int(this.#union).toString());
    const user = this.#int(this.#union + 4);
    this.#number("si_uid", user === -1 ? "-1" : unsigned(user));
  }

  get #hasValue(): boolean {
    return this.#int(this.#valueAt) !== 0 || (this.#word === 8 && this.#int(this.#valueAt + 4) !== 0);
  }

  #value(): void {
    this.#number("si_int", this.#int(this.#valueAt).toString());
    this.#address("si_ptr", this.#valueAt);
  }

  #address(name: string, at: number): void {
    this.#start(name);
    showAddress(this.#c, this.#int(at), this.#word === 8 ? this.#int(at + 4) : 0);
  }

  #ticks(name: string, at: number): void {
    const ticks = this.#timeSize === 8 ? this.#view.getBigUint64(at, true) : BigInt(this.#view.getUint32(at, true));
    this.#number(name, ticks.toString());
    if (ticks === 0n || this.#c.style.constants === "raw") return;
    this.#c.out.comment(` /* ${ticks / 100n}.${(ticks % 100n).toString().padStart(2, "0")} s */`);
  }

  #number(name: string, value: string): void {
    this.#start(name);
    this.#c.out.number(value);
  }

  /** Of a member that begins `words` pointers into the union. */
  #member(words: number): number {
    return this.#union + words * this.#word;
  }

  /** si_value, behind two ints; si_status is there too. */
  get #valueAt(): number {
    return this.#union + 8;
  }

  get #status(): number {
    return this.#int(this.#valueAt);
  }

  #start(name: string): void {
    this.#c.out.punct(", ");
    this.#c.out.name(name);
    this.#c.out.punct("=");
  }

  #int(at: number): number {
    return this.#view.getInt32(at, true);
  }
}

const unsigned = (value: number): string => (value >>> 0).toString();
