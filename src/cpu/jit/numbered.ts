// Things that compiled code knows by number. A number given back is used again.

export class Numbered<T> {
  readonly #things: (T | undefined)[] = [];
  readonly #free: number[] = [];

  add(thing: T): number {
    const number = this.#free.pop() ?? this.#things.length;
    this.#things[number] = thing;
    return number;
  }

  of(number: number): T {
    return this.#things[number] as T;
  }

  giveBack(numbers: readonly number[]): void {
    for (const number of numbers) {
      this.#things[number] = undefined;
      this.#free.push(number);
    }
  }

  /** Numbers in use. */
  get size(): number {
    return this.#things.length - this.#free.length;
  }
}
