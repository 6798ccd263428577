// Tables in linear memory that say which of an indirect jump's known targets an address is: hash tables without collisions.
import type { GuestMemory } from "../../machine/guest-memory.js";
import { JUMP_MAPS, JUMP_MAPS_END, OFFSET_RIP, STATE } from "../../machine/state-layout.js";
import type { FunctionWriter } from "../../wasm/function-writer.js";
import { I32, I64 } from "../../wasm/module-builder.js";
import * as op from "../../wasm/opcodes.js";

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
      return this.place({ multiplier, bits, addresses });
    }
    return undefined;
  }

  /** A place for a map that was made before; undefined when there is none. */
  place(map: Omit<JumpMap, "offset">): JumpMap | undefined {
    const offset = this.#free.get(map.bits)?.pop() ?? this.#fresh(map.bits);
    return offset === undefined ? undefined : { ...map, offset };
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

/** Branches to the label of the target that rip is, or to `other` if it is none; `pushOffset` pushes where the map lies. */
export function branchByMap(
  w: FunctionWriter,
  { multiplier, bits }: JumpMap,
  pushOffset: () => void,
  labels: readonly object[],
  other: object,
): void {
  const entry = w.borrow(I32);
  const target = w.borrow(I64);
  w.i32(0);
  w.memory(op.I64_LOAD, STATE + OFFSET_RIP);
  w.tee(target);
  w.op(op.I32_WRAP_I64);
  w.i32(multiplier);
  w.op(op.I32_MUL);
  w.i32(32 - bits);
  w.op(op.I32_SHR_U);
  w.i32(4);
  w.op(op.I32_SHL);
  pushOffset();
  w.op(op.I32_ADD);
  w.tee(entry);
  w.memory(op.I64_LOAD, 0);
  w.get(target);
  w.op(op.I64_NE);
  w.branch(other, op.BR_IF);
  w.get(entry);
  w.memory(op.I32_LOAD, 8);
  w.op(op.BR_TABLE);
  w.code.u32(labels.length);
  for (const label of [...labels, other]) w.code.u32(w.depthOf(label));
  w.release(I32, entry);
  w.release(I64, target);
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
