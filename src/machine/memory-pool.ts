// Address spaces of processes that have ended, for those to come. V8 gives a memory of 4 GiB back by garbage collection only, and collects
// garbage whenever one is made; the processor's tables and modules for an address space are kept with it too.
import { GuestMemory } from "./guest-memory.js";
import { STATE, STATE_SIZE } from "./state-layout.js";

const MAX_SPACES = 64;
/** Pages that spaces in the pool may hold of the host's memory, together. */
const MAX_PAGES = 1 << 16;

export class MemoryPool {
  readonly #free: GuestMemory[] = [];
  #pages = 0;
  /** Address spaces made so far. */
  made = 0;

  /** An address space with nothing in it, and registers that are all zeros. */
  take(): GuestMemory {
    const memory = this.#free.pop();
    if (memory) {
      this.#pages -= memory.usedPages;
      return memory;
    }
    this.made++;
    return new GuestMemory();
  }

  /** The address space is not used any more. */
  give(memory: GuestMemory): void {
    memory.clear();
    memory.fill(0, STATE, STATE + STATE_SIZE);
    if (this.#free.length >= MAX_SPACES || this.#pages + memory.usedPages > MAX_PAGES) return;
    this.#pages += memory.usedPages;
    this.#free.push(memory);
  }
}
