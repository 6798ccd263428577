// The table of handlers of one address space. Those of the runtime module are there from the beginning; modules with others are instantiated when
// one of theirs is wanted.
import type { Forms } from "./forms.js";

type Imports = Record<string, Record<string, unknown>>;

export class HandlerTable {
  readonly #table: WebAssembly.Table;
  readonly #forms: Forms;
  readonly #imports: Imports;
  /** By place, whether its handler is there. */
  #present: Uint8Array;

  constructor(table: WebAssembly.Table, forms: Forms, imports: Imports) {
    this.#table = table;
    this.#forms = forms;
    this.#imports = imports;
    this.#present = new Uint8Array(table.length).fill(1, 0, forms.coreEnd);
  }

  /** From now on the handler is there. */
  require(handler: number): void {
    if (this.#present[handler]) return;
    const part = this.#forms.partOf(handler);
    if (part) {
      new WebAssembly.Instance(part.code, this.#imports); // it puts its handlers there by itself
      this.#present.fill(1, part.first, part.end);
      return;
    }
    const { module } = this.#forms.byHandler(handler);
    if (!module) return;
    const { exports } = new WebAssembly.Instance(module.code, this.#imports);
    const last = module.forms[module.forms.length - 1].handler;
    if (last >= this.#table.length) this.#grow(last);
    module.forms.forEach((its, which) => {
      this.#table.set(its.handler, exports[`h${which}`]);
      this.#present[its.handler] = 1;
    });
  }

  /** Makes room for a handler at `last`, and at once for more: a later address space of a long run may need many. */
  #grow(last: number): void {
    this.#table.grow(Math.max(this.#table.length, last + 1 - this.#table.length));
    const present = new Uint8Array(this.#table.length);
    present.set(this.#present);
    this.#present = present;
  }
}
