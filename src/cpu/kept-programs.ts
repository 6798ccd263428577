// Which program runs, and what is kept of its code from earlier runs and for later ones: one piece of bytes for each executed file, an image.

/** Who keeps images for processors to come. */
export interface ImageKeeper {
  /** What tells the program that runs from others. */
  running(): object | undefined;
  /** The key of a program's image, and the image if there is one; undefined when none is to be kept. */
  open(program: object): { readonly key: string; readonly image: Uint8Array | undefined } | undefined;
}

/** An image to be kept. */
export interface KeptImage {
  readonly key: string;
  readonly image: Uint8Array;
}

export interface KeptProgram<Image> {
  readonly key: string;
  /** From 1 on. */
  readonly number: number;
  readonly image: Image | undefined;
}

/** Programs with an image, of one run. */
const MOST_PROGRAMS = 64;

export class KeptPrograms<Image> {
  readonly #keeper: ImageKeeper;
  readonly #open: (bytes: Uint8Array, key: string) => Image | undefined;
  readonly all: KeptProgram<Image>[] = [];
  readonly #known = new WeakMap<object, KeptProgram<Image> | undefined>();
  #running: object | undefined;
  #current: KeptProgram<Image> | undefined;

  /** `open` gives the image in bytes of a key, if there is one. */
  constructor(keeper: ImageKeeper, open: (bytes: Uint8Array, key: string) => Image | undefined) {
    this.#keeper = keeper;
    this.#open = open;
  }

  /** The program that runs, if it has an image or is to have one. */
  ofRunning(): KeptProgram<Image> | undefined {
    const running = this.#keeper.running();
    if (running !== this.#running) {
      this.#running = running;
      this.#current = running && this.#programOf(running);
    }
    return this.#current;
  }

  #programOf(running: object): KeptProgram<Image> | undefined {
    if (this.#known.has(running)) return this.#known.get(running);
    const opened = this.all.length < MOST_PROGRAMS ? this.#keeper.open(running) : undefined;
    let program = opened && this.all.find(({ key }) => key === opened.key);
    if (opened && !program) {
      const { key } = opened;
      program = { key, image: opened.image && this.#open(opened.image, key), number: this.all.length + 1 };
      this.all.push(program);
    }
    this.#known.set(running, program);
    return program;
  }
}
