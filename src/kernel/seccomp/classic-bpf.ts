// Classic BPF as seccomp filters use it: checked once, run on struct seccomp_data. net/core/filter.c, kernel/seccomp.c
import { EINVAL, Errno } from "../../abi/errno.js";

export const SECCOMP_DATA_SIZE = 64;
const INSTRUCTION_SIZE = 8;
const BPF_MEMWORDS = 16;

// Classes, and what the other bits say within them.
const [LD, LDX, ST, STX, ALU, JMP, RET, MISC] = [0, 1, 2, 3, 4, 5, 6, 7];
const X = 8;
const [IMM, ABS, MEM, LEN] = [0x00, 0x20, 0x60, 0x80];
const [ADD, SUB, MUL, DIV, OR, AND, LSH, RSH, NEG, XOR] = [0x00, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x80, 0xa0];
const [JA, JEQ, JGT, JGE, JSET] = [0x00, 0x10, 0x20, 0x30, 0x40];
const RET_A = 0x10;
const TXA = 0x80;

const ALLOWED = new Set([
  LD | ABS,
  LD | IMM,
  LD | MEM,
  LD | LEN,
  LDX | IMM,
  LDX | MEM,
  LDX | LEN,
  ST,
  STX,
  ...[ADD, SUB, MUL, DIV, OR, AND, LSH, RSH, XOR].flatMap((operation) => [ALU | operation, ALU | operation | X]),
  ALU | NEG,
  JMP | JA,
  ...[JEQ, JGT, JGE, JSET].flatMap((test) => [JMP | test, JMP | test | X]),
  RET,
  RET | RET_A,
  MISC,
  MISC | TXA,
]);

interface Instruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

export class ClassicBpf {
  readonly #code: readonly Instruction[];
  /** As it was given. */
  readonly bytes: Uint8Array;

  /** `bytes` is an array of struct sock_filter; throws EINVAL when it is no filter. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    this.#code = Array.from({ length: bytes.length / INSTRUCTION_SIZE }, (_, index) => ({
      code: view.getUint16(index * INSTRUCTION_SIZE, true),
      jt: view.getUint8(index * INSTRUCTION_SIZE + 2),
      jf: view.getUint8(index * INSTRUCTION_SIZE + 3),
      k: view.getUint32(index * INSTRUCTION_SIZE + 4, true),
    }));
    this.#code.forEach((instruction, at) => this.#check(instruction, at));
    const last = this.#code.at(-1);
    if (last === undefined || (last.code & 7) !== RET) throw new Errno(EINVAL);
    this.#checkMemory();
  }

  get length(): number {
    return this.#code.length;
  }

  #check({ code, jt, jf, k }: Instruction, at: number): void {
    const left = this.#code.length - at - 1;
    const kind = code & 7;
    const isBad =
      !ALLOWED.has(code) ||
      (code === (LD | ABS) && (k >= SECCOMP_DATA_SIZE || (k & 3) !== 0)) ||
      ((code === (LD | MEM) || code === (LDX | MEM) || kind === ST || kind === STX) && k >= BPF_MEMWORDS) ||
      (code === (ALU | DIV) && k === 0) ||
      ((code === (ALU | LSH) || code === (ALU | RSH)) && k >= 32) ||
      (code === (JMP | JA) ? k >= left : kind === JMP && (jt >= left || jf >= left));
    if (isBad) throw new Errno(EINVAL);
  }

  /** check_load_and_stores: no word of M[] is read on a way on which it was not written. */
  #checkMemory(): void {
    const reached = new Uint16Array(this.#code.length).fill(0xffff);
    let valid = 0;
    this.#code.forEach(({ code, jt, jf, k }, at) => {
      valid &= reached[at];
      const kind = code & 7;
      if (kind === ST || kind === STX) valid |= 1 << k;
      else if ((code === (LD | MEM) || code === (LDX | MEM)) && !(valid & (1 << k))) throw new Errno(EINVAL);
      else if (code === (JMP | JA)) {
        reached[at + 1 + k] &= valid;
        valid = 0xffff;
      } else if (kind === JMP) {
        reached[at + 1 + jt] &= valid;
        reached[at + 1 + jf] &= valid;
        valid = 0xffff;
      }
    });
  }

  /** What the filter returns for a call, as an unsigned number. */
  run(data: DataView): number {
    const memory = new Uint32Array(BPF_MEMWORDS);
    let [a, x] = [0, 0];
    for (let at = 0; ; at++) {
      const { code, jt, jf, k } = this.#code[at];
      const operand = code & X ? x : k;
      switch (code & 7) {
        case LD:
          a = load(code, k, data, memory);
          break;
        case LDX:
          x = load(code, k, data, memory);
          break;
        case ST:
          memory[k] = a;
          break;
        case STX:
          memory[k] = x;
          break;
        case ALU:
          if ((code & 0xf0) === DIV && operand === 0) return 0;
          a = compute(code & 0xf0, a, operand);
          break;
        case JMP:
          at += (code & 0xf0) === JA ? k : test(code & 0xf0, a, operand) ? jt : jf;
          break;
        case RET:
          return code & RET_A ? a : k;
        default:
          if (code & TXA) a = x;
          else x = a;
      }
    }
  }
}

function load(code: number, k: number, data: DataView, memory: Uint32Array): number {
  switch (code & 0xe0) {
    case ABS:
      return data.getUint32(k, true);
    case MEM:
      return memory[k];
    case LEN:
      return SECCOMP_DATA_SIZE;
    default:
      return k;
  }
}

function compute(operation: number, a: number, operand: number): number {
  switch (operation) {
    case ADD:
      return (a + operand) >>> 0;
    case SUB:
      return (a - operand) >>> 0;
    case MUL:
      return Math.imul(a, operand) >>> 0;
    case DIV:
      return Math.floor(a / operand);
    case OR:
      return (a | operand) >>> 0;
    case AND:
      return (a & operand) >>> 0;
    case XOR:
      return (a ^ operand) >>> 0;
    case LSH:
      return operand > 31 ? 0 : (a << operand) >>> 0;
    case RSH:
      return operand > 31 ? 0 : a >>> operand;
    default:
      return -a >>> 0;
  }
}

function test(kind: number, a: number, operand: number): boolean {
  switch (kind) {
    case JEQ:
      return a === operand;
    case JGT:
      return a > operand;
    case JGE:
      return a >= operand;
    default:
      return (a & operand) !== 0;
  }
}
