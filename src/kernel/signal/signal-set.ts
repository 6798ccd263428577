// sigset_t: 64 bits as two halves. Signal n is bit n - 1.
import { SIGKILL, SIGSTOP } from "../../abi/constants/signals.js";

export class SignalSet {
  low: number;
  high: number;

  constructor(low = 0, high = 0) {
    this.low = low | 0;
    this.high = high | 0;
  }

  has(signal: number): boolean {
    return signal <= 32 ? (this.low & (1 << (signal - 1))) !== 0 : (this.high & (1 << (signal - 33))) !== 0;
  }

  add(signal: number): void {
    if (signal <= 32) this.low |= 1 << (signal - 1);
    else this.high |= 1 << (signal - 33);
  }

  remove(signal: number): void {
    if (signal <= 32) this.low &= ~(1 << (signal - 1));
    else this.high &= ~(1 << (signal - 33));
  }

  set(other: SignalSet): void {
    this.low = other.low;
    this.high = other.high;
  }

  copy(): SignalSet {
    return new SignalSet(this.low, this.high);
  }

  or(other: SignalSet): SignalSet {
    return new SignalSet(this.low | other.low, this.high | other.high);
  }

  without(other: SignalSet): SignalSet {
    return new SignalSet(this.low & ~other.low, this.high & ~other.high);
  }

  /** Less SIGKILL and SIGSTOP, which cannot be blocked. */
  blockable(): SignalSet {
    const set = this.copy();
    set.remove(SIGKILL);
    set.remove(SIGSTOP);
    return set;
  }

  get isEmpty(): boolean {
    return (this.low | this.high) === 0;
  }

  /** As 16 hexadecimal digits: /proc/PID/status. */
  toHex(): string {
    return ((BigInt(this.high >>> 0) << 32n) | BigInt(this.low >>> 0)).toString(16).padStart(16, "0");
  }
}
