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

/** By byte. Of what MixColumns makes of a byte in row 0: the column, row 0 lowest; a byte in row r gives it rotated by r. */
interface Tables {
  readonly substitution: Uint8Array;
  readonly inverseSubstitution: Uint8Array;
  readonly mixed: Int32Array;
  readonly inverseMixed: Int32Array;
}

function makeTables(): Tables {
  // 3 generates the field: a number and its inverse are powers of it that make 255.
  const powers = new Uint8Array(256);
  powers[0] = 1;
  for (let exponent = 1; exponent < 256; exponent++) powers[exponent] = multiply(powers[exponent - 1], 3);
  const inverse = new Uint8Array(256);
  for (let exponent = 0; exponent < 255; exponent++) inverse[powers[exponent]] = powers[255 - exponent];
  const substitution = inverse.map((own) => {
    const rotated = (by: number) => (own << by) | (own >> (8 - by));
    return own ^ rotated(1) ^ rotated(2) ^ rotated(3) ^ rotated(4) ^ 0x63;
  });
  const inverseSubstitution = new Uint8Array(256);
  for (let value = 0; value < 256; value++) inverseSubstitution[substitution[value]] = value;
  const column = (factors: readonly number[]) =>
    Int32Array.from({ length: 256 }, (_, byte) =>
      factors.reduce((word, factor, row) => word | (multiply(byte, factor) << (8 * row)), 0),
    );
  return {
    substitution,
    inverseSubstitution,
    mixed: column([2, 1, 1, 3]),
    inverseMixed: column([14, 9, 13, 11]),
  };
}

let made: Tables | undefined;
/** Most programs never ask. */
const tables = (): Tables => (made ??= makeTables());

type State = Uint8Array;

/** Row r of the state (bytes r, r+4, r+8, r+12) turns left by r, or right; then each byte is replaced. */
function shiftAndSubstitute(state: State, direction: 1 | -1, box: Uint8Array): State {
  const out = new Uint8Array(16);
  for (let n = 0; n < 16; n++) out[n] = box[state[(n + direction * 4 * (n & 3)) & 15]];
  return out;
}

function mixColumns(state: State, columns: Int32Array): State {
  const out = new Uint8Array(16);
  for (let at = 0; at < 16; at += 4) {
    let word = columns[state[at]];
    for (let row = 1; row < 4; row++) {
      const its = columns[state[at + row]];
      word ^= (its << (8 * row)) | (its >>> (32 - 8 * row));
    }
    for (let row = 0; row < 4; row++) out[at + row] = word >> (8 * row);
  }
  return out;
}

const rows = (row: string, operands = "+H") => packedRows(row, operands, "WIG", 128);

const round = (name: string, opcode: string, compute: (state: State, tables: Tables) => State) =>
  instruction(
    name,
    rows(`66 0F 38 ${opcode} /r Vx,Wx`),
    { memory: true },
    emitBytes((state, key) => {
      const result = compute(state, tables());
      for (let n = 0; n < 16; n++) result[n] ^= key[n];
      return result;
    }),
  );
round("aesenc", "DC", (state, { substitution, mixed }) =>
  mixColumns(shiftAndSubstitute(state, 1, substitution), mixed),
);
round("aesenclast", "DD", (state, { substitution }) => shiftAndSubstitute(state, 1, substitution));
round("aesdec", "DE", (state, { inverseSubstitution, inverseMixed }) =>
  mixColumns(shiftAndSubstitute(state, -1, inverseSubstitution), inverseMixed),
);
round("aesdeclast", "DF", (state, { inverseSubstitution }) => shiftAndSubstitute(state, -1, inverseSubstitution));

instruction(
  "aesimc",
  rows("66 0F 38 DB /r Vx,Wx", ""),
  { memory: true },
  emitBytes((_, source) => mixColumns(source, tables().inverseMixed)),
);

instruction(
  "aeskeygenassist",
  rows("66 0F 3A DF /r Vx,Wx,Ib", ""),
  { memory: true },
  emitBytes((_, key, immediate) => {
    const { substitution } = tables();
    // Words 1 and 3, each also rotated by a byte and with the round constant.
    return Uint8Array.from({ length: 16 }, (_unused, n) => {
      const word = n < 8 ? 4 : 12;
      const rotated = (n & 4) !== 0;
      return substitution[key[word + ((n + (rotated ? 1 : 0)) & 3)]] ^ ((n & 7) === 4 ? immediate & 0xff : 0);
    });
  }),
);

/** Adds the product without carries of two words to the words of `to` from `at` on. */
function addProduct(to: Int32Array, at: number, a: number, b: number): void {
  let low = 0;
  let high = 0;
  for (let bit = 0; bit < 32; bit++) {
    const taken = -((b >>> bit) & 1);
    low ^= (a << bit) & taken;
    high ^= ((a >>> 1) >>> (31 - bit)) & taken;
  }
  to[at] ^= low;
  to[at + 1] ^= high;
}

instruction(
  "pclmulqdq",
  rows("66 0F 3A 44 /r Vx,Wx,Ib"),
  { memory: true },
  emitBytes((first, second, immediate) => {
    const words = (bytes: Uint8Array, upper: boolean) =>
      new Int32Array(bytes.buffer, bytes.byteOffset + (upper ? 8 : 0), 2);
    const a = words(first, (immediate & 1) !== 0);
    const b = words(second, (immediate & 0x10) !== 0);
    const product = new Int32Array(4);
    for (let n = 0; n < 2; n++) for (let m = 0; m < 2; m++) addProduct(product, n + m, a[n], b[m]);
    return new Uint8Array(product.buffer);
  }),
);
