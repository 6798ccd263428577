// Reads configuration files in the syntax of ltrace.conf(5): one prototype or type alias a line.
import { type Expression, ZERO } from "./expression.js";
import { ArrayLens, HiddenLens, type Lens, PointerLens, StructLens, voidLens } from "./lens.js";
import { BitsLens, EnumLens, FloatLens, IntegerLens, int, long, unsignedInt, unsignedLong } from "./number-lenses.js";
import { FormatLens, StringLens } from "./string-lenses.js";

/** Type aliases by name. */
export type Types = Pick<Map<string, Lens>, "get" | "set">;

export interface Prototype {
  readonly name: string;
  readonly result: Lens;
  readonly arguments: readonly Lens[];
  /** The first argument that is only known when the function returns. */
  readonly returnsFrom: number;
}

/** Something wrong in a line. */
export class PrototypeError extends Error {}

const character = new IntegerLens(1, true, "character");
const builtin: Readonly<Record<string, Lens>> = {
  void: voidLens,
  char: character,
  short: new IntegerLens(2, true),
  ushort: new IntegerLens(2, false),
  int,
  uint: unsignedInt,
  long,
  ulong: unsignedLong,
  float: new FloatLens(4),
  double: new FloatLens(8),
  ldouble: new FloatLens(16),
  string: new StringLens(),
  format: new FormatLens(),
  // Of older versions.
  addr: new PointerLens(voidLens),
  file: new PointerLens(voidLens),
  octal: int.in("octal"),
};
const INTEGER_FORMS = { bin: "binary", oct: "octal", hex: "hex", bool: "bool", bitvec: "bits" } as const;
const DEEPEST = 64;

/**
 * Reads a line of a file: a prototype, or undefined when it has none. `types` are those known so far; the line may add one. Throws a
 * PrototypeError.
 */
export function parseLine(line: string, types: Types): Prototype | undefined {
  // What another of the tool's files has is found anyway.
  return /^\s*(;|$|import\b)/.test(line) ? undefined : new LineParser(line, types).line();
}

/** Bytes of a character: strings are of chars, or of wide ones. */
const unitOf = (lens: Lens): number => Math.max(1, lens.size);

class LineParser {
  readonly #text: string;
  readonly #types: Types;
  #at = 0;
  #depth = 0;

  constructor(text: string, types: Types) {
    this.#text = text;
    this.#types = types;
  }

  /** A prototype; undefined after a type alias. */
  line(): Prototype | undefined {
    if (/^\s*typedef\b/.test(this.#text)) {
      this.#word();
      this.#alias();
      return undefined;
    }
    const result = this.#lens();
    const name = this.#symbol();
    this.#expect("(");
    const its: Lens[] = [];
    let returnsFrom = Number.POSITIVE_INFINITY;
    if (!this.#accept(")")) {
      do {
        if (this.#accept("+")) returnsFrom = Math.min(returnsFrom, its.length);
        const lens = this.#argument();
        if (lens !== voidLens) its.push(lens);
      } while (this.#accept(","));
      this.#expect(")");
    }
    this.#expect(";");
    return { name, result, arguments: its, returnsFrom: Math.min(returnsFrom, its.length) };
  }

  #alias(): void {
    const name = this.#word();
    this.#expect("=");
    const known = this.#types.get(name);
    const forward = known instanceof StructLens && known.fields.length === 0 ? known : undefined;
    // What older versions had built in, files of newer ones define.
    if (known !== undefined && forward === undefined) throw new PrototypeError(`Redefinition of typedef '${name}'`);
    if (/^\s*struct\s*;/.test(this.#rest)) {
      this.#word();
      this.#types.set(name, new StructLens([]));
    } else {
      const lens = this.#lens();
      if (forward === undefined) this.#types.set(name, lens);
      else if (lens instanceof StructLens) forward.fields = lens.fields;
      else throw new PrototypeError(`'${name}' was declared as a struct`);
    }
    this.#expect(";");
  }

  /** An array decays to the address of its first element. */
  #argument(): Lens {
    const lens = this.#lens();
    return lens instanceof ArrayLens ? new PointerLens(lens) : lens;
  }

  #lens(): Lens {
    if (++this.#depth > DEEPEST) throw new PrototypeError("types are nested too deep");
    let lens = this.#base(this.#word());
    while (this.#accept("*")) lens = new PointerLens(lens);
    this.#depth--;
    return lens;
  }

  #base(word: string): Lens {
    switch (word) {
      case "struct": {
        const fields: Lens[] = [];
        this.#list(() => fields.push(this.#lens()));
        return new StructLens(fields);
      }
      case "array":
        return this.#parenthesised(() => {
          const element = this.#lens();
          this.#expect(",");
          return new ArrayLens(element, this.#expression());
        });
      case "enum":
        return this.#enumeration();
      case "string":
        return this.#string();
      case "format":
        return this.#format();
      case "hide":
        return this.#parenthesised(() => new HiddenLens(this.#lens()));
      case "bin":
      case "oct":
      case "hex":
      case "bool":
      case "bitvec":
        return this.#parenthesised(() => this.#formed(word, this.#lens()));
      default: {
        const lens = this.#types.get(word) ?? (Object.hasOwn(builtin, word) ? builtin[word] : undefined);
        if (lens === undefined) throw new PrototypeError(`unknown type around '${word}${this.#rest}'`);
        return lens;
      }
    }
  }

  #formed(word: keyof typeof INTEGER_FORMS, of: Lens): Lens {
    if (of instanceof IntegerLens) return of.in(INTEGER_FORMS[word]);
    if (word === "hex" && of instanceof FloatLens) return new FloatLens(of.size, true);
    if (word === "bitvec") return new BitsLens(of);
    if (of instanceof PointerLens) return unsignedLong.in(INTEGER_FORMS[word]);
    throw new PrototypeError(`${word}() is for integers`);
  }

  #string(): Lens {
    if (this.#accept("[")) {
      const length = this.#expression();
      this.#expect("]");
      return new StringLens(length.kind === "zero" ? length : { kind: "zero", limit: length });
    }
    if (!/^\s*\(/.test(this.#rest)) return builtin.string as Lens;
    return this.#parenthesised(() => {
      const of = this.#lens();
      const isPointer = of instanceof PointerLens;
      const inner = isPointer ? of.to : of;
      if (inner instanceof ArrayLens) return new StringLens(inner.length, !isPointer, unitOf(inner.element));
      if (isPointer) return new StringLens(ZERO, false, unitOf(inner));
      if (inner instanceof IntegerLens) return inner.in("character");
      throw new PrototypeError("string() is for a pointer to characters or an array of them");
    });
  }

  /** `format(LENS)`: the format is such a string. */
  #format(): Lens {
    if (!/^\s*\(/.test(this.#rest)) return builtin.format as Lens;
    return this.#parenthesised(() => {
      const of = this.#lens();
      if (!(of instanceof StringLens)) throw new PrototypeError("a format is a string");
      return new FormatLens(ZERO, false, of.unit);
    });
  }

  #enumeration(): Lens {
    let of: Lens = int;
    if (this.#accept("[")) {
      of = this.#lens();
      this.#expect("]");
    }
    if (!(of instanceof IntegerLens)) throw new PrototypeError("an enum is of integers");
    const names = new Map<number, string>();
    let next = 0;
    this.#list(() => {
      const name = this.#word();
      if (this.#accept("=")) next = this.#number();
      if (!names.has(next)) names.set(next, name);
      next++;
    });
    return new EnumLens(of, names);
  }

  #expression(): Expression {
    const word = this.#word();
    if (/^-?(0x[0-9a-f]+|\d+)$/i.test(word)) return { kind: "number", value: Number(word) };
    const reference = /^(arg|elt)(\d+)$/.exec(word);
    if (reference) {
      const number = Number(reference[2]);
      return reference[1] === "arg" ? { kind: "argument", number } : { kind: "element", number };
    }
    if (word === "retval") return { kind: "argument", number: 0 };
    if (word === "zero") {
      const limit = this.#accept("(") ? this.#expression() : undefined;
      if (limit !== undefined) this.#expect(")");
      return { kind: "zero", limit };
    }
    throw new PrototypeError(`unknown expression '${word}'`);
  }

  #number(): number {
    const word = this.#word();
    const value = /^-?0[0-7]+$/.test(word) ? Number.parseInt(word, 8) : Number(word);
    if (!Number.isInteger(value)) throw new PrototypeError(`'${word}' is no number`);
    return value;
  }

  #list(item: () => void): void {
    this.#expect("(");
    if (this.#accept(")")) return;
    do item();
    while (this.#accept(","));
    this.#expect(")");
  }

  #parenthesised<T>(inner: () => T): T {
    this.#expect("(");
    const value = inner();
    this.#expect(")");
    return value;
  }

  // ---- words

  get #rest(): string {
    return this.#text.slice(this.#at);
  }

  #word(): string {
    const match = /^\s*(-?[\w]+)/.exec(this.#rest);
    if (match === null) throw new PrototypeError("bad identifier");
    this.#at += match[0].length;
    return match[1] as string;
  }

  /** The name of a function, which may be more than an identifier: `f@@VERSION`, `f.part.0`. */
  #symbol(): string {
    const match = /^\s*([\w.@$]+)/.exec(this.#rest);
    if (match === null) throw new PrototypeError("bad identifier");
    this.#at += match[0].length;
    return match[1] as string;
  }

  #accept(sign: string): boolean {
    const match = /^\s*/.exec(this.#rest) as RegExpExecArray;
    if (this.#text[this.#at + match[0].length] !== sign) return false;
    this.#at += match[0].length + 1;
    return true;
  }

  #expect(sign: string): void {
    if (this.#accept(sign)) return;
    const found = this.#rest.trimStart()[0];
    throw new PrototypeError(
      found === undefined ? `expected '${sign}' before the end of the line` : `expected '${sign}' but got '${found}'`,
    );
  }
}
