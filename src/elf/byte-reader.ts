// Reading numbers one after the other from bytes nobody vouches for. Beyond the end everything is 0 and `failed` says so.

const TWO_32 = 0x1_0000_0000;

/** The unsigned 64-bit word at an offset of `view`, exact below 2^53. */
export const wordAt = (view: DataView, at: number): number =>
  view.getUint32(at + 4, true) * TWO_32 + view.getUint32(at, true);

export class ByteReader {
  readonly #view: DataView;
  readonly #end: number;
  at: number;
  failed = false;

  constructor(
    readonly bytes: Uint8Array,
    at = 0,
    end = bytes.length,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.at = at;
    this.#end = Math.min(end, bytes.length);
  }

  get ended(): boolean {
    return this.failed || this.at >= this.#end;
  }

  #take(size: number): number {
    const { at } = this;
    if (this.failed || size > this.#end - at) {
      this.failed = true;
      return -1;
    }
    this.at += size;
    return at;
  }

  u8(): number {
    const at = this.#take(1);
    return at < 0 ? 0 : this.#view.getUint8(at);
  }

  /** A little-endian number of 1, 2, 4 or 8 bytes. */
  fixed(size: number, signed: boolean): bigint {
    const at = this.#take(size);
    if (at < 0) return 0n;
    let value = 0n;
    for (let i = size; i-- > 0; ) value = (value << 8n) | BigInt(this.#view.getUint8(at + i));
    return signed ? BigInt.asIntN(size * 8, value) : value;
  }

  /** LEB128, cut to 64 bits. */
  leb(signed: boolean): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.u8();
      if (shift < 64n) value |= BigInt(byte & 0x7f) << shift;
      if (byte & 0x80) continue;
      if (!signed) return BigInt.asUintN(64, value);
      return byte & 0x40 && shift + 7n < 64n ? value - (1n << (shift + 7n)) : BigInt.asIntN(64, value);
    }
  }

  uleb(): number {
    return Number(this.leb(false));
  }

  sleb(): number {
    return Number(this.leb(true));
  }

  slice(length: number): Uint8Array {
    const at = this.#take(length);
    return at < 0 ? new Uint8Array(0) : this.bytes.subarray(at, at + length);
  }
}
