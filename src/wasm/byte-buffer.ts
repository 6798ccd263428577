// A growing byte buffer with the number encodings of the WebAssembly binary format (LEB128, little-endian floats).

export class ByteBuffer {
  bytes = new Uint8Array(1024);
  length = 0;

  #reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  clear(): void {
    this.length = 0;
  }

  byte(value: number): void {
    if (this.length === this.bytes.length) this.#reserve(1);
    this.bytes[this.length++] = value;
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Unsigned LEB128 of a 32-bit value. */
  u32(value: number): void {
    let rest = value >>> 0;
    this.#reserve(5);
    while (rest >= 0x80) {
      this.bytes[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.bytes[this.length++] = rest;
  }

  /** Signed LEB128 of a 32-bit value. */
  s32(value: number): void {
    let rest = value | 0;
    this.#reserve(5);
    while (rest < -64 || rest > 63) {
      this.bytes[this.length++] = (rest & 0x7f) | 0x80;
      rest >>= 7;
    }
    this.bytes[this.length++] = rest & 0x7f;
  }

  /** Signed LEB128 of a 64-bit value given as two signed 32-bit halves. */
  s64(low: number, high: number): void {
    if (high === low >> 31) return this.s32(low);
    this.#reserve(10);
    let lowRest = low;
    let highRest = high;
    for (;;) {
      const group = lowRest & 0x7f;
      lowRest = (lowRest >>> 7) | (highRest << 25);
      highRest >>= 7;
      if ((highRest === 0 && lowRest === 0 && !(group & 0x40)) || (highRest === -1 && lowRest === -1 && group & 0x40)) {
        this.bytes[this.length++] = group;
        return;
      }
      this.bytes[this.length++] = group | 0x80;
    }
  }

  text(value: string): void {
    const bytes = new TextEncoder().encode(value);
    this.u32(bytes.length);
    this.append(bytes);
  }

  /** A copy of what was written. */
  take(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }
}
