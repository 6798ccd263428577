// Time slices by the region they ended in: where most of them do, most time is spent.

/** Slices that end in a region before it counts as hot: so many, and one of this many of all. */
const HOT_SLICES = 8;
const SHARE = 16;
/** Slices after which those before count half. */
const SLICES = 256;

export class SliceCounts {
  readonly #byRoot = new Map<number, number>();
  #all = 0;

  /** One more ended in the region of `root`; gives whether it is hot. */
  note(root: number): boolean {
    const slices = (this.#byRoot.get(root) ?? 0) + 1;
    this.#byRoot.set(root, slices);
    if (++this.#all === SLICES) this.#age();
    return slices >= HOT_SLICES && slices * SHARE >= this.#all;
  }

  #age(): void {
    this.#all = SLICES / 2;
    for (const [root, slices] of this.#byRoot) this.#byRoot.set(root, slices / 2);
  }

  forget(root: number): void {
    this.#byRoot.delete(root);
  }
}
