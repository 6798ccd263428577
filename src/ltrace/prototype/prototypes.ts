// Prototypes by the name of the function, from the user's files and from those that belong to the tool.
import type { Lens } from "./lens.js";
import { type Prototype, PrototypeError, parseLine, type Types } from "./parser.js";

/** A file in the syntax of ltrace.conf(5). */
export interface PrototypeFile {
  readonly path: string;
  readonly text: string;
}

/** Where most functions are. */
const FIRST = "libc.so.conf";

export class Prototypes {
  readonly #known = new Map<string, Prototype | undefined>();
  readonly #own: readonly OwnFile[];

  /** The user's files come before the tool's; what is wrong in them is said to `complain`, a line each. */
  constructor(own: readonly PrototypeFile[], users: readonly PrototypeFile[], complain: (message: string) => void) {
    const rank = ({ path }: PrototypeFile): number => (path === FIRST ? 0 : 1);
    this.#own = [...own].sort((a, b) => rank(a) - rank(b)).map((file) => new OwnFile(file));
    const types = new Map<string, Lens>();
    for (const { path, text } of users) {
      text.split("\n").forEach((line, index) => {
        try {
          const prototype = parseLine(line, types);
          if (prototype !== undefined) this.#known.set(prototype.name, prototype);
        } catch (error) {
          if (!(error instanceof PrototypeError)) throw error;
          complain(`${path}:${index + 1}: error: ${error.message}`);
        }
      });
    }
  }

  find(name: string): Prototype | undefined {
    if (!this.#known.has(name)) this.#known.set(name, this.#search(name));
    return this.#known.get(name);
  }

  #search(name: string): Prototype | undefined {
    for (const file of this.#own) {
      const prototype = file.find(name);
      if (prototype !== undefined) return prototype;
    }
    return undefined;
  }
}

/** A file of the tool's own, whose lines are read when they are wanted: a program calls few of the functions it names. */
class OwnFile implements Types {
  readonly #file: PrototypeFile;
  readonly #types = new Map<string, Lens>();
  /** Aliases being read: a structure may name itself. */
  readonly #reading = new Set<string>();

  constructor(file: PrototypeFile) {
    this.#file = file;
  }

  find(name: string): Prototype | undefined {
    for (const line of this.#linesWith(`${name}(`)) {
      // The name may be that of a type too, or of a lens.
      const prototype = line.startsWith("typedef") ? undefined : parseLine(line, this);
      if (prototype?.name === name) return prototype;
    }
    return undefined;
  }

  get(name: string): Lens | undefined {
    const known = this.#types.get(name);
    if (known !== undefined || this.#reading.has(name)) return known;
    this.#reading.add(name);
    for (const line of this.#linesWith(`${name} =`)) if (line.startsWith("typedef ")) parseLine(line, this);
    return this.#types.get(name);
  }

  set(name: string, lens: Lens): Map<string, Lens> {
    return this.#types.set(name, lens);
  }

  /** Lines that have `words` at the beginning of a name. */
  *#linesWith(words: string): Generator<string> {
    const { text } = this.#file;
    for (let at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + 1)) {
      if (/[\w.$]/.test(text[at - 1] ?? "")) continue;
      const end = text.indexOf("\n", at);
      yield text.slice(text.lastIndexOf("\n", at) + 1, end < 0 ? undefined : end);
    }
  }
}
