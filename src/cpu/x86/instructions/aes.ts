// AES-NI and PCLMULQDQ. SDM vol. 2; FIPS 197. Microcode on the state's bytes.
import { instruction } from "../opcode-table.js";
import { emitBytes, packedRows } from "../packed-forms.js";

/** Product in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1. */
function multiply(a: number, b: number): number {
  let product = 0;
  for (let x = a, y = b; y !== 0; y >>= 1) {
    if (y & 1) product ^= x;
    x = x & 0x80 ? ((x << 1) ^ 0x11b) & 0xff : x << 1;
  }
  return product;
}

const substitution = new Uint8Array(256);
const inverseSubstitution = new Uint8Array(256);
for (let value = 0; value < 256; value++) {
  let inverse = 0;
  for (let candidate = 1; candidate < 256 && inverse === 0 && value !== 0; candidate++)
    if (multiply(value, candidate) === 1) inverse = candidate;
  const rotated = (by: number) => ((inverse << by) | (inverse >> (8 - by))) & 0xff;
  substitution[value] = inverse ^ rotated(1) ^ rotated(2) ^ rotated(3) ^ rotated(4) ^ 0x63;
}
for (let value = 0; value < 256; value++) inverseSubstitution[substitution[value]] = value;

type State = Uint8Array;

/** Row r of the state (bytes r, r+4, r+8, r+12) turns left by r, or right. */
const shiftRows = (state: State, direction: 1 | -1): State =>
  state.map((_, n) => state[(n + direction * 4 * (n & 3)) & 15]);
const substitute = (state: State, box: Uint8Array): State => state.map((byte) => box[byte]);

function mixColumns(state: State, [a, b, c, d]: readonly number[]): State {
  return state.map((_, n) => {
    const column = n & ~3;
    const at = (row: number) => state[column + ((n + row) & 3)];
    return multiply(at(0), a) ^ multiply(at(1), b) ^ multiply(at(2), c) ^ multiply(at(3), d);
  });
}
const MIX = [2, 3, 1, 1];
const INVERSE_MIX = [14, 11, 13, 9];

const rows = (row: string, operands = "+H") => packedRows(row, operands, "WIG", 128);

const round = (name: string, opcode: string, compute: (state: State) => State) =>
  instruction(
    name,
    rows(`66 0F 38 ${opcode} /r Vx,Wx`),
    { memory: true },
    emitBytes((state, key) => compute(state).map((byte, n) => byte ^ key[n])),
  );
round("aesenc", "DC", (state) => mixColumns(substitute(shiftRows(state, 1), substitution), MIX));
round("aesenclast", "DD", (state) => substitute(shiftRows(state, 1), substitution));
round("aesdec", "DE", (state) => mixColumns(substitute(shiftRows(state, -1), inverseSubstitution), INVERSE_MIX));
round("aesdeclast", "DF", (state) => substitute(shiftRows(state, -1), inverseSubstitution));

instruction(
  "aesimc",
  rows("66 0F 38 DB /r Vx,Wx", ""),
  { memory: true },
  emitBytes((_, source) => mixColumns(source, INVERSE_MIX)),
);

instruction(
  "aeskeygenassist",
  rows("66 0F 3A DF /r Vx,Wx,Ib", ""),
  { memory: true },
  emitBytes((_, key, immediate) => {
    const source = substitute(key, substitution);
    // Words 1 and 3, each also rotated by a byte and with the round constant.
    return Uint8Array.from({ length: 16 }, (_unused, n) => {
      const word = n < 8 ? 4 : 12;
      const rotated = (n & 4) !== 0;
      return source[word + ((n + (rotated ? 1 : 0)) & 3)] ^ ((n & 7) === 4 ? immediate & 0xff : 0);
    });
  }),
);

instruction(
  "pclmulqdq",
  rows("66 0F 3A 44 /r Vx,Wx,Ib"),
  { memory: true },
  emitBytes((first, second, immediate) => {
    const half = (bytes: Uint8Array, upper: boolean) =>
      new DataView(bytes.buffer, bytes.byteOffset, 16).getBigUint64(upper ? 8 : 0, true);
    const a = half(first, (immediate & 1) !== 0);
    const b = half(second, (immediate & 0x10) !== 0);
    let product = 0n;
    for (let bit = 0n; bit < 64n; bit++) if ((b >> bit) & 1n) product ^= a << bit;
    return Uint8Array.from({ length: 16 }, (_, n) => Number((product >> BigInt(8 * n)) & 0xffn));
  }),
);
