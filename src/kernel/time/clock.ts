// The kernel's clocks: the host's, or a virtual one that advances by what the program does, the same on every run.
import type { Host } from "../../host/host.js";

export interface Clock {
  /** Nanoseconds since the epoch. */
  realtime(): bigint;
  /** CLOCK_MONOTONIC in nanoseconds, as a double. */
  monotonic(): number;
  /** CPU time used: nanoseconds. */
  cpuTime(): { user: number; system: number };
  /** A cheap nanosecond counter for charging time to calls; never 0. */
  accounting(): number;
  /** A call or a time slice has passed. */
  tick(nanoseconds: number): void;
  /** Nothing can run before `deadline`: true when the clock has jumped there. */
  skipTo(deadline: number): boolean;
}

export class HostClock implements Clock {
  readonly #host: Host;
  /** clock_settime: what the program added to the wall clock. */
  offset = 0n;

  readonly #before: { user: number; system: number };

  constructor(host: Host) {
    this.#host = host;
    this.#before = host.cpuTime();
  }

  realtime(): bigint {
    return this.#host.realtime() + this.offset;
  }

  monotonic(): number {
    return this.#host.monotonic();
  }

  cpuTime(): { user: number; system: number } {
    const { user, system } = this.#host.cpuTime();
    return { user: user - this.#before.user, system: system - this.#before.system };
  }

  accounting(): number {
    return this.#host.monotonic();
  }

  tick(): void {}

  skipTo(): boolean {
    return false;
  }
}

const EPOCH = 1_700_000_000_000_000_000n;
const BOOTED_BEFORE = 1_000_000_000_000; // monotonic time at the start of every run

export class VirtualClock implements Clock {
  #now = BOOTED_BEFORE;

  realtime(): bigint {
    return EPOCH + BigInt(Math.floor(this.#now - BOOTED_BEFORE));
  }

  monotonic(): number {
    return this.#now;
  }

  cpuTime(): { user: number; system: number } {
    const used = this.#now - BOOTED_BEFORE;
    return { user: used / 2, system: used / 2 };
  }

  accounting(): number {
    return this.#now;
  }

  tick(nanoseconds: number): void {
    this.#now += nanoseconds;
  }

  skipTo(deadline: number): boolean {
    if (deadline > this.#now) this.#now = deadline;
    return true;
  }
}
