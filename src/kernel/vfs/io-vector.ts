// Linux's iov_iter: where a read puts its bytes and a write takes them from, in user memory or in the kernel's own.

import { EFAULT, Errno } from "../../abi/errno.js";
import { joinBytes } from "../../lib/bytes.js";
import { READ, WRITE } from "../../machine/guest-memory.js";
import type { Mm } from "../mm/mm.js";
import { userSlices } from "../mm/user-access.js";

export abstract class IoVector {
  /** Bytes not transferred yet. */
  abstract readonly remaining: number;
  /** Views of the next `max` bytes that can be reached; throws EFAULT when there are some but none can. */
  abstract slices(max: number): Uint8Array[];
  abstract advance(count: number): void;

  /** Addresses and lengths, or'ed: what they are multiples of. The kernel's own are of all that is asked. */
  get alignment(): number {
    return 0;
  }

  /** Takes up to `max` bytes out, as one array; fewer when memory ends. */
  take(max: number): Uint8Array {
    const slices = this.slices(max);
    if (slices.length === 1) {
      this.advance(slices[0].length);
      return slices[0];
    }
    const bytes = joinBytes(slices);
    this.advance(bytes.length);
    return bytes;
  }

  /** Takes `size` bytes out for good, as datagrams do: all of them or EFAULT. */
  takeAll(size: number): Uint8Array {
    const bytes = this.take(size);
    if (bytes.length < size) throw new Errno(EFAULT);
    return bytes.slice();
  }

  /** Puts bytes in; how many found room. */
  put(bytes: Uint8Array): number {
    let at = 0;
    for (const slice of this.slices(bytes.length)) {
      slice.set(bytes.subarray(at, at + slice.length));
      at += slice.length;
    }
    this.advance(at);
    return at;
  }
}

export class UserVector extends IoVector {
  readonly #mm: Mm;
  readonly #access: number;
  readonly #bases: number[];
  readonly #lengths: number[];
  #segment = 0;
  remaining: number;

  private constructor(mm: Mm, access: number, bases: number[], lengths: number[]) {
    super();
    this.#mm = mm;
    this.#access = access;
    this.#bases = bases;
    this.#lengths = lengths;
    this.remaining = 0;
    for (const length of lengths) this.remaining += length;
  }

  /** Memory a read fills. */
  static into(mm: Mm, bases: number[], lengths: number[]): UserVector {
    return new UserVector(mm, WRITE, bases, lengths);
  }

  /** Memory a write takes from. */
  static from(mm: Mm, bases: number[], lengths: number[]): UserVector {
    return new UserVector(mm, READ, bases, lengths);
  }

  override get alignment(): number {
    let bits = 0;
    for (let i = this.#segment; i < this.#bases.length; i++)
      bits |= (this.#bases[i] % 4096) | (this.#lengths[i] % 4096);
    return bits;
  }

  slices(max: number): Uint8Array[] {
    let wanted = Math.min(max, this.remaining);
    if (wanted === 0) return [];
    let result: Uint8Array[] | undefined;
    for (let i = this.#segment; wanted > 0 && i < this.#bases.length; i++) {
      const length = Math.min(this.#lengths[i], wanted);
      if (length === 0) continue;
      const slices = userSlices(this.#mm, this.#bases[i], length, this.#access);
      result = result ? result.concat(slices) : slices;
      let got = 0;
      for (const slice of slices) got += slice.length;
      if (got < length) break;
      wanted -= length;
    }
    if (result === undefined || result.length === 0) throw new Errno(EFAULT);
    return result;
  }

  advance(count: number): void {
    this.remaining -= count;
    while (count > 0) {
      const step = Math.min(count, this.#lengths[this.#segment]);
      this.#bases[this.#segment] += step;
      this.#lengths[this.#segment] -= step;
      if (this.#lengths[this.#segment] === 0) this.#segment++;
      count -= step;
    }
  }
}

/** The kernel's own bytes: sendfile, copy_file_range, splice. */
export class KernelVector extends IoVector {
  #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    super();
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length;
  }

  slices(max: number): Uint8Array[] {
    return this.#bytes.length === 0 || max === 0 ? [] : [this.#bytes.subarray(0, max)];
  }

  advance(count: number): void {
    this.#bytes = this.#bytes.subarray(count);
  }
}
