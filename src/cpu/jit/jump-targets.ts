// Where indirect jumps and calls have gone so far, by the block they end.

/** Targets of one indirect jump that are kept. */
const MAX_TARGETS = 200;

export class JumpTargets {
  readonly #targets = new Map<number, Set<number>>();

  /** True when the target is new. */
  note(block: number, target: number): boolean {
    const targets = this.#targets.get(block);
    if (!targets) {
      this.#targets.set(block, new Set([target]));
      return true;
    }
    if (targets.has(target) || targets.size >= MAX_TARGETS) return false;
    targets.add(target);
    return true;
  }

  forget(block: number): void {
    this.#targets.delete(block);
  }

  clear(): void {
    this.#targets.clear();
  }

  of(block: number): readonly number[] {
    return [...(this.#targets.get(block) ?? [])];
  }
}
