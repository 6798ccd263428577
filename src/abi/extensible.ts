// Structures that grow with Linux: the program says how long the one it knows is, and the kernel takes any length it can make sense of.
import type { ArgumentType } from "./argument.js";
import { unsignedNumber } from "./digits.js";
import { showAddress } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { showHexBytes } from "./strings.js";
import type { Fields, Struct } from "./struct.js";

/** No kernel takes more. */
const PAGE = 4096;

export interface ExtensibleOptions {
  /** Bytes of its first version; what is shorter is shown as an address. */
  readonly minimum: number;
  /** The bytes the program gave, of the call at hand. */
  readonly size: (c: ShowContext) => number;
  /** Fields to print; those in the declaration that lie within the bytes given by default. */
  readonly names?: (view: DataView) => readonly string[];
  /** What follows the fields known: its bytes where they are not zero, or only that there is more. */
  readonly tail?: "bytes" | "ellipsis";
}

/** The address of an extensible structure the program filled in. */
export function extensibleIn(type: Struct<Fields>, options: ExtensibleOptions): ArgumentType<number> {
  return {
    receive: unsignedNumber,
    show: (c, low, high) => {
      const size = options.size(c);
      const given = peekPadded(c, unsignedNumber(low, high), Math.min(size, type.size()), type.size());
      if (size < options.minimum || !c.dereference || given === undefined) {
        showAddress(c, low, high);
        return;
      }
      c.out.punct("{");
      showExtensible(c, type, given, size, options.names?.(given));
      if (options.tail === "ellipsis") {
        if (size > type.size()) c.out.punct(", ...");
      } else showTail(c, unsignedNumber(low, high), type.size(), size);
      c.out.punct("}");
    },
  };
}

/** `length` bytes at `address`, zeros up to `size`. */
export function peekPadded(c: ShowContext, address: number, length: number, size: number): DataView | undefined {
  const bytes = address === 0 ? undefined : c.tracee.peek(address, length);
  if (bytes === undefined) return undefined;
  const whole = new Uint8Array(size);
  whole.set(bytes);
  return new DataView(whole.buffer);
}

/** The fields among `names` that lie within `size` bytes. */
export function showExtensible(
  c: ShowContext,
  type: Struct<Fields>,
  view: DataView,
  size: number,
  names: readonly string[] = Object.keys(type.fields),
): void {
  const within = names.filter((name) => type.offset(name) + (type.fields[name]?.size(c.abi) ?? 0) <= size);
  type.showFields(c, view, within);
}

/** What the program gave beyond the `known` bytes of a structure at `address`: nothing to say of zeros. */
export function showTail(c: ShowContext, address: number, known: number, size: number): void {
  const end = Math.min(size, PAGE);
  if (end <= known) return;
  const rest = c.tracee.peek(address + known, end - known);
  if (rest === undefined) {
    c.out.punct(", ");
    c.out.comment("???");
  } else if (rest.some((byte) => byte !== 0)) {
    c.out.punct(", ");
    c.out.comment(`/* bytes ${known}..${end - 1} */ `);
    showHexBytes(c, rest);
  }
}
