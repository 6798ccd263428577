// Events between the machine that makes them and the program that takes them: when it takes them slowly, the machine waits.
import type { TraceEvent } from "../strace/events.js";

/** Events that may wait: when there are so many the machine stops, and goes on at half of them. */
const MOST = 4096;

export class EventQueue {
  #events: TraceEvent[] = [];
  #taken = 0;
  #isFull = false;
  #ended = false;
  /** Nobody takes them any more. */
  #isAbandoned = false;
  #isTaken = false;
  /** Somebody waits for the program's end, and may take the events then. */
  #isUnbounded = false;
  /** Has tasks that wait go on. */
  wakeMachine: () => void = () => {};
  #wakeReader = (): void => {};

  push(event: TraceEvent): void {
    if (this.#isAbandoned) return;
    this.#events.push(event);
    if (this.#events.length - this.#taken >= MOST) this.#isFull = true;
    this.#wakeReader();
  }

  get isFull(): boolean {
    return this.#isFull && !this.#isUnbounded;
  }

  resultIsAwaited(): void {
    if (this.#isTaken) return;
    this.#isUnbounded = true;
    this.wakeMachine();
  }

  end(): void {
    this.#ended = true;
    this.#wakeReader();
  }

  async *take(): AsyncGenerator<TraceEvent> {
    this.#isTaken = true;
    this.#isUnbounded = false;
    try {
      for (;;) {
        while (this.#taken < this.#events.length) yield this.#next();
        if (this.#ended) return;
        await new Promise<void>((resolve) => {
          this.#wakeReader = resolve;
        });
      }
    } finally {
      this.#isAbandoned = true;
      this.#events = [];
      this.#goOn();
    }
  }

  #next(): TraceEvent {
    const event = this.#events[this.#taken++];
    if (this.#taken > MOST) {
      this.#events = this.#events.slice(this.#taken);
      this.#taken = 0;
    }
    if (this.#isFull && this.#events.length - this.#taken <= MOST / 2) this.#goOn();
    return event;
  }

  #goOn(): void {
    this.#isFull = false;
    this.wakeMachine();
  }
}
