// Reading addresses from a process.
import type { Tracee } from "../abi/tracee.js";

const WORD = 8;
const TWO_32 = 0x1_0000_0000;

/** The address in a word of memory; undefined when it cannot be read. */
export function readWord(tracee: Tracee, address: number): number | undefined {
  const bytes = tracee.peek(address, WORD);
  if (bytes === undefined) return undefined;
  const [a, b, c, d, e, f] = bytes;
  // A view would cost more than the word: what is above is no address.
  return (
    (((a as number) | ((b as number) << 8) | ((c as number) << 16) | ((d as number) << 24)) >>> 0) +
    ((e as number) | ((f as number) << 8)) * TWO_32
  );
}
