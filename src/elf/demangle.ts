// C++ names as they were written, from what compilers make of them. Itanium C++ ABI, 5.1. Expressions are not taken apart.
import { abbreviations, builtinTypes, literalSuffixes, operators, spelledOut } from "./demangle-types.js";

const DEEPEST = 64;

/** A type as text around the place of a name: int (*NAME)(char). */
interface Piece {
  readonly left: string;
  readonly right: string;
  /** Of constructors. */
  readonly last: string;
  /** A function or an array: a pointer to it needs parentheses. */
  readonly wraps?: boolean;
}

interface Name extends Piece {
  /** Behind the parameters: const and the like. */
  readonly suffix: string;
  readonly hasReturnType: boolean;
}

class NotMangled extends Error {}

/** undefined for what is no such name, or has in it what is not understood. */
export function demangle(name: string): string | undefined {
  if (!name.startsWith("_Z")) return undefined;
  try {
    const parser = new Demangler(name, 2);
    const text = parser.encoding(true);
    return text + parser.clones();
  } catch (error) {
    if (error instanceof NotMangled) return undefined;
    throw error;
  }
}

const plain = (left: string, last = ""): Piece => ({ left, right: "", last });
const textOf = ({ left, right }: Piece): string => `${left}${right}`.replace(/ $/, "");

class Demangler {
  readonly #text: string;
  #at: number;
  #depth = 0;
  readonly #substitutions: Piece[] = [];
  #templateArguments: readonly Piece[] = [];

  constructor(text: string, at: number) {
    this.#text = text;
    this.#at = at;
  }

  #fail(): never {
    throw new NotMangled();
  }

  #peek(length = 1): string {
    return this.#text.slice(this.#at, this.#at + length);
  }

  #accept(expected: string): boolean {
    if (!this.#text.startsWith(expected, this.#at)) return false;
    this.#at += expected.length;
    return true;
  }

  #match(expression: RegExp): string | undefined {
    const found = expression.exec(this.#text.slice(this.#at))?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #remember(piece: Piece): Piece {
    this.#substitutions.push(piece);
    return piece;
  }

  /** What optimizers append to the names of their variants. */
  clones(): string {
    let text = "";
    while (this.#at < this.#text.length) {
      const part = this.#match(/^\.[a-zA-Z_]+(\.[0-9]+)*/) ?? this.#fail();
      text += ` [clone ${part}]`;
    }
    return text;
  }

  encoding(withReturnType: boolean): string {
    if (++this.#depth > DEEPEST) this.#fail();
    const thunk = this.#match(/^T(hn?[0-9]+_|vn?[0-9]+_n?[0-9]+_)/);
    if (thunk !== undefined) return `${thunk[1] === "h" ? "non-virtual" : "virtual"} thunk to ${this.encoding(true)}`;
    if (this.#accept("GTt")) return `transaction clone for ${this.encoding(true)}`;
    if (/^[TG]/.test(this.#peek())) this.#fail();
    const name = this.#name();
    const text = textOf(name);
    if (this.#at >= this.#text.length || this.#peek() === "E" || this.#peek() === ".") return text + name.suffix;
    const returned = name.hasReturnType ? this.#type() : undefined;
    const signature = `${text}(${this.#parameters()})${name.suffix}`;
    if (returned === undefined || !withReturnType) return signature;
    return `${returned.left}${returned.left.endsWith("*") && returned.right !== "" ? "" : " "}${signature}${returned.right}`;
  }

  #parameters(): string {
    const types: string[] = [];
    while (this.#at < this.#text.length && this.#peek() !== "E" && this.#peek() !== ".") {
      const text = textOf(this.#type());
      if (text !== "") types.push(text);
    }
    if (types.length === 0) this.#fail();
    return types.length === 1 && types[0] === "void" ? "" : types.join(", ");
  }

  #name(): Name {
    if (this.#accept("N")) return this.#nested();
    if (this.#accept("Z")) return this.#local();
    let piece: Piece;
    let special = false;
    if (this.#peek() === "S" && this.#peek(2) !== "St") {
      piece = this.#substitution();
      if (this.#peek() !== "I") this.#fail();
    } else {
      const inside = this.#accept("St") ? "std::" : "";
      special = this.#peek(2) === "cv";
      const own = this.#unqualified("");
      piece = { ...own, left: inside + own.left };
      if (this.#peek() === "I") this.#remember(piece);
    }
    const hasReturnType = this.#peek() === "I" && !special;
    if (this.#peek() === "I") piece = this.#withArguments(piece);
    return { ...piece, suffix: "", hasReturnType };
  }

  #nested(): Name {
    const qualifiers = this.#qualifiers();
    const reference = this.#accept("R") ? " &" : this.#accept("O") ? " &&" : "";
    let piece: Piece | undefined;
    let hasReturnType = false;
    while (!this.#accept("E")) {
      const next = this.#peek();
      const first = piece === undefined;
      let known = false;
      hasReturnType = false;
      if (next === "S" && this.#peek(2) !== "St") {
        if (!first) this.#fail();
        piece = this.#substitution(/^S[siod][CD]/.test(this.#peek(3)));
        known = true;
      } else if (first && this.#accept("St")) {
        const own = this.#unqualified("");
        piece = { ...own, left: `std::${own.left}` };
      } else if (first && next === "T") {
        piece = this.#templateParameter();
      } else if (next === "I") {
        if (piece === undefined) this.#fail();
        hasReturnType = !this.#special;
        piece = this.#withArguments(piece);
      } else {
        const own: Piece = this.#unqualified(piece?.last ?? "");
        piece = { ...own, left: piece === undefined ? own.left : `${textOf(piece)}::${own.left}` };
      }
      if (!known && this.#peek() !== "E") this.#remember(piece);
    }
    if (piece === undefined) this.#fail();
    return { ...piece, suffix: qualifiers + reference, hasReturnType };
  }

  /** The unqualified name read last is a constructor, a destructor or a conversion: it has no return type. */
  #special = false;

  #local(): Name {
    const outer = this.#templateArguments;
    const enclosing = this.encoding(false);
    if (!this.#accept("E")) this.#fail();
    this.#templateArguments = outer;
    if (this.#accept("s")) {
      this.#match(/^_([0-9]|_[0-9]+_)/);
      return { left: `${enclosing}::string literal`, right: "", last: "", suffix: "", hasReturnType: false };
    }
    const name = this.#name();
    this.#match(/^_([0-9]|_[0-9]+_)/);
    return { ...name, left: `${enclosing}::${name.left}` };
  }

  #unqualified(enclosing: string): Piece {
    this.#special = false;
    this.#accept("L");
    const piece = this.#unqualifiedName(enclosing);
    let { left } = piece;
    while (this.#accept("B")) left += `[abi:${this.#sourceName()}]`;
    return { ...piece, left };
  }

  #unqualifiedName(enclosing: string): Piece {
    const next = this.#peek();
    if (next >= "0" && next <= "9") {
      const name = this.#sourceName();
      return name.startsWith("_GLOBAL__N")
        ? plain("(anonymous namespace)", "(anonymous namespace)")
        : plain(name, name);
    }
    if (this.#match(/^C[1-3]/) !== undefined || this.#match(/^D[0-2]/) !== undefined) {
      if (enclosing === "") this.#fail();
      this.#special = true;
      return plain((this.#text[this.#at - 2] === "D" ? "~" : "") + enclosing, enclosing);
    }
    if (this.#accept("Ul")) {
      const parameters = this.#parameters();
      if (!this.#accept("E")) this.#fail();
      return plain(`{lambda(${parameters})#${this.#ordinal()}}`);
    }
    if (this.#accept("Ut")) return plain(`{unnamed type#${this.#ordinal()}}`);
    if (this.#accept("cv")) {
      const type = textOf(this.#type());
      this.#special = true;
      return plain(`operator ${type}`);
    }
    if (this.#accept("li")) return plain(`operator"" ${this.#sourceName()}`);
    const operator = operators[this.#peek(2)];
    if (operator === undefined) this.#fail();
    this.#at += 2;
    return plain(`operator${/^[a-z]/.test(operator) ? " " : ""}${operator}`);
  }

  /** A number from 1, counted as compilers do: _ is the first, 0_ the second. */
  #ordinal(): number {
    const digits = this.#match(/^[0-9]*_/) ?? this.#fail();
    return digits === "_" ? 1 : Number(digits.slice(0, -1)) + 2;
  }

  #sourceName(): string {
    const length = Number(this.#match(/^[1-9][0-9]*/) ?? this.#fail());
    const name = this.#peek(length);
    if (name.length < length) this.#fail();
    this.#at += length;
    return name;
  }

  #substitution(spelled = false): Piece {
    if (!this.#accept("S")) this.#fail();
    const letter = this.#peek();
    const short = abbreviations[letter];
    if (short !== undefined) {
      this.#at++;
      return plain((spelled ? spelledOut[letter] : undefined) ?? short[0], short[1]);
    }
    const digits = this.#match(/^[0-9A-Z]*_/) ?? this.#fail();
    const index = digits === "_" ? 0 : Number.parseInt(digits.slice(0, -1), 36) + 1;
    return this.#substitutions[index] ?? this.#fail();
  }

  #templateParameter(): Piece {
    const digits = this.#match(/^T[0-9]*_/) ?? this.#fail();
    return this.#templateArguments[digits === "T_" ? 0 : Number(digits.slice(1, -1)) + 1] ?? this.#fail();
  }

  #withArguments(piece: Piece): Piece {
    if (!this.#accept("I")) this.#fail();
    const all: Piece[] = [];
    while (!this.#accept("E")) all.push(this.#templateArgument());
    this.#templateArguments = all;
    const text = all
      .map(textOf)
      .filter((argument) => argument !== "")
      .join(", ");
    const gap = piece.left.endsWith("<") ? " " : "";
    return { ...piece, left: `${piece.left}${gap}<${text}${text.endsWith(">") ? " " : ""}>` };
  }

  #templateArgument(): Piece {
    if (this.#accept("J")) {
      const pack: string[] = [];
      while (!this.#accept("E")) pack.push(textOf(this.#templateArgument()));
      return plain(pack.join(", "));
    }
    if (!this.#accept("L")) return this.#type();
    const kind = this.#peek();
    const type = textOf(this.#type());
    const value = (this.#match(/^n?[0-9]+E/) ?? this.#fail()).slice(0, -1).replace("n", "-");
    if (kind === "b" && (value === "0" || value === "1")) return plain(value === "1" ? "true" : "false");
    const suffix = literalSuffixes[kind];
    return plain(suffix === undefined ? `(${type})${value}` : value + suffix);
  }

  #qualifiers(): string {
    const letters = this.#match(/^r?V?K?/) ?? "";
    const words: Readonly<Record<string, string>> = { r: " __restrict", V: " volatile", K: " const" };
    return [...letters]
      .reverse()
      .map((letter) => words[letter])
      .join("");
  }

  #type(): Piece {
    if (++this.#depth > DEEPEST) this.#fail();
    try {
      return this.#anyType();
    } finally {
      this.#depth--;
    }
  }

  #anyType(): Piece {
    const next = this.#peek();
    const builtin = builtinTypes[next === "D" ? this.#peek(2) : next];
    if (builtin !== undefined) {
      this.#at += next === "D" ? 2 : 1;
      return plain(builtin);
    }
    const qualifiers = this.#qualifiers();
    if (qualifiers !== "") {
      const type = this.#type();
      return this.#remember(type.wraps ? this.#fail() : { ...type, left: type.left + qualifiers });
    }
    const sign = { P: "*", R: "&", O: "&&" }[next];
    if (sign !== undefined) {
      this.#at++;
      return this.#remember(pointerTo(this.#type(), sign));
    }
    if (this.#accept("F")) {
      const returned = this.#type();
      const parameters = this.#parameters();
      if (!this.#accept("E")) this.#fail();
      const right = `(${parameters})${returned.right}`;
      return this.#remember({ left: `${returned.left} `, right, last: "", wraps: true });
    }
    if (this.#accept("A")) {
      const count = this.#match(/^[0-9]+_/) ?? this.#fail();
      const type = this.#type();
      const right = ` [${count.slice(0, -1)}]`;
      return this.#remember({ left: `${type.left} `, right: right.trim() + type.right, last: "", wraps: true });
    }
    if (this.#accept("Dp")) return this.#type();
    if (next === "T") {
      const parameter = this.#remember(this.#templateParameter());
      return this.#peek() === "I" ? this.#remember(this.#argumentsOfType(parameter)) : parameter;
    }
    if (next === "S" && this.#peek(2) !== "St") {
      const known = this.#substitution();
      return this.#peek() === "I" ? this.#remember(this.#argumentsOfType(known)) : known;
    }
    return this.#classType();
  }

  /** Arguments of a type are not what T_ stands for. */
  #argumentsOfType(piece: Piece): Piece {
    const outer = this.#templateArguments;
    const type = this.#withArguments(piece);
    this.#templateArguments = outer;
    return type;
  }

  #classType(): Piece {
    if (!/^[0-9NZS]/.test(this.#peek())) this.#fail();
    const outer = this.#templateArguments;
    const { left, right, last } = this.#name();
    this.#templateArguments = outer;
    return this.#remember({ left, right, last });
  }
}

/** A pointer or reference. References to references are one. */
function pointerTo(type: Piece, sign: string): Piece {
  if (type.wraps)
    return {
      left: `${type.left}(${sign}`,
      right: type.right.startsWith("[") ? `) ${type.right}` : `)${type.right}`,
      last: "",
    };
  if (sign !== "*" && type.left.endsWith("&") && type.right === "") {
    return sign === "&" ? { ...type, left: type.left.replace(/&+$/, "&") } : type;
  }
  return { ...type, left: type.left + sign, last: "" };
}
