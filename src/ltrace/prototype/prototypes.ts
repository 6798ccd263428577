// Prototypes by the name of the function, from the user's files and from those that belong to the tool.
import type { Lens } from "./lens.js";
import { type Prototype, PrototypeError, parseLine } from "./parser.js";

/** A file in the syntax of ltrace.conf(5). */
export interface PrototypeFile {
  readonly path: string;
  readonly text: string;
}

export class Prototypes {
  readonly #known = new Map<string, Prototype | undefined>();
  /** The tool's own files, whose lines are read when their function is met. */
  readonly #own: readonly { readonly text: string; readonly types: Map<string, Lens> }[];

  /** The user's files come before the tool's; what is wrong in them is said to `complain`, a line each. */
  constructor(own: readonly PrototypeFile[], users: readonly PrototypeFile[], complain: (message: string) => void) {
    this.#own = own.map(({ text }) => ({ text, types: typesOf(text) }));
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
    for (const { text, types } of this.#own) {
      for (let at = text.indexOf(`${name}(`); at >= 0; at = text.indexOf(`${name}(`, at + 1)) {
        if (/[\w.$]/.test(text[at - 1] ?? "")) continue;
        const start = text.lastIndexOf("\n", at) + 1;
        const end = text.indexOf("\n", at);
        const line = text.slice(start, end < 0 ? undefined : end);
        // The name may be that of a type too, or of a lens.
        const prototype = line.startsWith("typedef") ? undefined : parseLine(line, types);
        if (prototype?.name === name) return prototype;
      }
    }
    return undefined;
  }
}

/** The type aliases of a file. */
function typesOf(text: string): Map<string, Lens> {
  const types = new Map<string, Lens>();
  for (const line of text.split("\n")) if (line.startsWith("typedef")) parseLine(line, types);
  return types;
}
