// Tables in linear memory that say which of an indirect jump's known targets an address is: hash tables without collisions.
import type { GuestMemory } from "../../machine/guest-memory.js";
import { JUMP_MAPS, JUMP_MAPS_END } from "../../machine/state-layout.js";

/** Place = (low half of the address * multiplier) >>> (32 - bits), 16 bytes a place: guest address and number of the target. */
export interface JumpMap {
  readonly multiplier: number;
  readonly bits: number;
  /** Where it lies in linear memory. */
  readonly offset: number;
  readonly addresses: readonly number[];
}

const ENTRY_SIZE = 16;
const MULTIPLIER_TRIES = 200;

/** Gives out the room for jump maps. */
export class JumpMapRoom {
  #next = JUMP_MAPS;
  /** By bits: maps given back. */
  readonly #free = new Map<number, number[]>();

  /** Undefined when there is no room, or no multiplier. */
  make(addresses: readonly number[]): JumpMap | undefined {
    const least = 33 - Math.clz32(addresses.length); // at least twice as many places as targets
    for (let bits = least; bits < least + 3; bits++) {
      const multiplier = perfectMultiplier(addresses, bits);
      if (multiplier === undefined) continue;
      const offset = this.#free.get(bits)?.pop() ?? this.#fresh(bits);
      return offset === undefined ? undefined : { multiplier, bits, offset, addresses };
    }
    return undefined;
  }

  #fresh(bits: number): number | undefined {
    const offset = this.#next;
    const end = offset + (ENTRY_SIZE << bits);
    if (end > JUMP_MAPS_END) return undefined;
    this.#next = end;
    return offset;
  }

  giveBack({ bits, offset }: JumpMap): void {
    const free = this.#free.get(bits);
    if (free) free.push(offset);
    else this.#free.set(bits, [offset]);
  }
}

export function writeJumpMap(memory: GuestMemory, { multiplier, bits, offset, addresses }: JumpMap): void {
  memory.fill(0xff, offset, offset + (ENTRY_SIZE << bits));
  addresses.forEach((address, which) => {
    const entry = offset + jumpPlace(address, multiplier, bits) * ENTRY_SIZE;
    memory.view.setBigUint64(entry, BigInt(address), true);
    memory.view.setInt32(entry + 8, which, true);
  });
}

const jumpPlace = (address: number, multiplier: number, bits: number) =>
  Math.imul(address | 0, multiplier) >>> (32 - bits);

/** A multiplier that sends each address to a place of its own, or undefined when none is found soon. */
function perfectMultiplier(addresses: readonly number[], bits: number): number | undefined {
  const taken = new Uint8Array(1 << bits);
  let multiplier = 0x9e3779b1;
  for (let tried = 1; tried <= MULTIPLIER_TRIES; tried++) {
    if (addresses.every((address) => take(taken, jumpPlace(address, multiplier, bits), tried))) return multiplier;
    multiplier = (Math.imul(multiplier, 0x2c1b3c6d) + 0x297a2d39) | 1;
  }
  return undefined;
}

/** False when the place was taken in the same try. */
function take(taken: Uint8Array, place: number, tried: number): boolean {
  if (taken[place] === tried) return false;
  taken[place] = tried;
  return true;
}
