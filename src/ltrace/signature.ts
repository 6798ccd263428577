// Where a function's arguments and its result are: the System V ABI for AMD64, 3.2.3, for the types that prototypes can describe.
import { ArrayLens, type Lens, StructLens } from "./prototype/lens.js";
import { unknown } from "./prototype/number-lenses.js";
import type { Prototype } from "./prototype/parser.js";
import type { FormatLens } from "./prototype/string-lenses.js";

const GENERAL_REGISTERS = 6;
const VECTOR_REGISTERS = 8;
const EIGHTBYTE = 8;
const LARGEST_IN_REGISTERS = 16;
/** Of a function nobody has told of. */
const UNKNOWN_ARGUMENTS = 4;

/** One eightbyte of a value: in a register of a kind, or on the stack, counted from the first argument there. */
export type Place =
  | { readonly kind: "general"; readonly index: number }
  | { readonly kind: "vector"; readonly index: number }
  | { readonly kind: "stack"; readonly offset: number };

export interface Parameter {
  readonly lens: Lens;
  /** Of a structure in registers, a place for each eightbyte; otherwise one. */
  readonly places: readonly Place[];
}

/** Hands out places in order. */
export class Places {
  #general = 0;
  #vector = 0;
  #stack = 0;

  of(lens: Lens): Parameter {
    const classes = classify(lens);
    const general = classes.filter((kind) => kind === "general").length;
    const vector = classes.length - general;
    const fits = this.#general + general <= GENERAL_REGISTERS && this.#vector + vector <= VECTOR_REGISTERS;
    if (classes.length === 0 || !fits) return { lens, places: [this.#onStack(lens)] };
    const places = classes.map(
      (kind): Place =>
        kind === "general" ? { kind, index: this.#general++ } : { kind: "vector", index: this.#vector++ },
    );
    return { lens, places };
  }

  #onStack({ size, align }: Lens): Place {
    if (align > EIGHTBYTE) this.#stack = Math.ceil(this.#stack / align) * align;
    const offset = this.#stack;
    this.#stack += Math.ceil(Math.max(size, 1) / EIGHTBYTE) * EIGHTBYTE;
    return { kind: "stack", offset };
  }

  /** The address of a large result takes the first register. */
  skipGeneral(): void {
    this.#general++;
  }
}

/** The kind of register for each eightbyte; none when the value is in memory. */
export function classify(lens: Lens): ("general" | "vector")[] {
  if (lens.passing === "integer") return ["general"];
  if (lens.passing === "sse") return ["vector"];
  if (lens.passing !== "aggregate" || lens.size > LARGEST_IN_REGISTERS) return [];
  const leaves = leavesOf(lens, 0);
  if (leaves.some((leaf) => leaf.lens.passing === "x87")) return [];
  const count = Math.ceil(lens.size / EIGHTBYTE);
  return Array.from({ length: count }, (_, eightbyte) =>
    leaves.some(({ lens: leaf, at }) => Math.floor(at / EIGHTBYTE) === eightbyte && leaf.passing !== "sse")
      ? "general"
      : "vector",
  );
}

function leavesOf(lens: Lens, at: number): { readonly lens: Lens; readonly at: number }[] {
  if (lens instanceof StructLens) {
    const { offsets } = lens;
    return lens.fields.flatMap((field, n) => leavesOf(field, at + (offsets[n] as number)));
  }
  if (lens instanceof ArrayLens && lens.element.size > 0) {
    return Array.from({ length: lens.size / lens.element.size }, (_, n) =>
      leavesOf(lens.element, at + n * lens.element.size),
    ).flat();
  }
  return [{ lens, at }];
}

export interface Signature {
  readonly parameters: readonly Parameter[];
  /** Parameters from this one on are shown when the function returns. */
  readonly returnsFrom: number;
  readonly result: Lens;
  readonly resultClasses: readonly ("general" | "vector")[];
  /** The result is a structure in memory whose address is in rax. */
  readonly resultInMemory: boolean;
  /** The parameter whose text says which arguments follow, and where they are found. */
  readonly format: FormatLens | undefined;
  /** Some argument is in a vector register. */
  readonly usesVectors: boolean;
  /** Parameters handed out again, for what follows the declared ones. */
  places(): Places;
}

const results = new Map<Prototype | undefined, Signature>();

/** Without a prototype, a few numbers are all that is known. */
export function signatureOf(prototype: Prototype | undefined): Signature {
  let signature = results.get(prototype);
  if (signature === undefined) results.set(prototype, (signature = makeSignature(prototype)));
  return signature;
}

function makeSignature(prototype: Prototype | undefined): Signature {
  const lenses = prototype?.arguments ?? new Array<Lens>(UNKNOWN_ARGUMENTS).fill(unknown);
  const result = prototype?.result ?? unknown;
  const resultClasses = classify(result);
  const resultInMemory = result.passing === "aggregate" && resultClasses.length === 0;
  const begin = (): Places => {
    const places = new Places();
    if (resultInMemory) places.skipGeneral();
    return places;
  };
  const handOut = (places: Places): Parameter[] => lenses.map((lens) => places.of(lens));
  const parameters = handOut(begin());
  const format = lenses.find((lens): lens is FormatLens => lens.isFormat === true);
  return {
    parameters,
    returnsFrom: Math.min(prototype?.returnsFrom ?? lenses.length, lenses.length),
    result,
    resultClasses,
    resultInMemory,
    format,
    usesVectors: format !== undefined || parameters.some(({ places }) => places.some(({ kind }) => kind === "vector")),
    places: () => {
      const places = begin();
      handOut(places);
      return places;
    },
  };
}
