// The addresses before whose instruction the processor stops with TRAP_WATCH: a debugger's breakpoints, without a byte written. Code is
// translated with them in it, so that code without any costs nothing.
import { PAGE_SIZE } from "../machine/state-layout.js";
import { linearOf, pageOf } from "./code-address.js";

export class Watches {
  /** By page, in the order they were added; an address as often as it was. */
  readonly #pages = new Map<number, number[]>();
  /** What has been added and removed so far, for who has to translate again. */
  readonly changes: number[] = [];

  /** Whether code at a code address, in whatever mode, is watched. */
  has(address: number): boolean {
    return this.#pages.size > 0 && (this.#pages.get(pageOf(address))?.includes(linearOf(address)) ?? false);
  }

  /** Whether one is at `first` or behind it, before `end`: code addresses of one mode. */
  isWithin(first: number, end: number): boolean {
    if (this.#pages.size === 0) return false;
    const from = linearOf(first);
    const to = from + (end - first);
    for (let page = pageOf(first); page * PAGE_SIZE < to; page++)
      if (this.#pages.get(page)?.some((address) => address >= from && address < to)) return true;
    return false;
  }

  add(address: number): void {
    if (!this.has(address)) this.changes.push(address);
    const page = pageOf(address);
    const known = this.#pages.get(page);
    if (known) known.push(address);
    else this.#pages.set(page, [address]);
  }

  remove(address: number): void {
    const page = pageOf(address);
    const known = this.#pages.get(page);
    const at = known?.indexOf(address) ?? -1;
    if (known === undefined || at < 0) return;
    known.splice(at, 1);
    if (known.length === 0) this.#pages.delete(page);
    if (!this.has(address)) this.changes.push(address);
  }
}
