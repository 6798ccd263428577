// ELF programs of a few instructions, for tests that need no compiler.

const BASE = 0x40_0000;
const HEADERS = 64 + 56;
/** Memory of the programs, behind their code. */
export const DATA = 0x50_0000;
export const DATA_SIZE = 64 << 20;

/** An ELF program of this code, in one segment that may be read, written and executed. */
export function program(code: readonly number[]): Uint8Array {
  const image = Buffer.alloc(HEADERS + code.length);
  image.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  image.writeUInt16LE(2, 16); // ET_EXEC
  image.writeUInt16LE(62, 18); // EM_X86_64
  image.writeUInt32LE(1, 20);
  image.writeBigUInt64LE(BigInt(BASE + HEADERS), 24);
  image.writeBigUInt64LE(64n, 32);
  for (const [value, at] of [
    [64, 52],
    [56, 54],
    [1, 56],
    [64, 58],
  ])
    image.writeUInt16LE(value, at);
  image.writeUInt32LE(1, 64); // PT_LOAD
  image.writeUInt32LE(7, 68);
  image.writeBigUInt64LE(BigInt(BASE), 80);
  image.writeBigUInt64LE(BigInt(BASE), 88);
  image.writeBigUInt64LE(BigInt(image.length), 96);
  image.writeBigUInt64LE(BigInt(DATA + DATA_SIZE - BASE), 104);
  image.writeBigUInt64LE(4096n, 112);
  image.set(code, HEADERS);
  return image;
}

/** A 32-bit immediate. */
export const word = (value: number) => [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];
