// Makes the IR of one block. Arithmetic picks the operator by its operands' type, so that an instruction is written once
// for all its operand sizes.
import { F32, F64, I32, I64, V128, type ValueType } from "../../wasm/module-builder.js";
import * as kind from "./node.js";
import { type Access, type Microcode, Node } from "./node.js";
import { type Operator, operatorNamed } from "./operators.js";

export const LOAD8: Access = { size: 1, type: I32, load: 0x2d, store: 0x3a, simd: false };
export const LOAD16: Access = { size: 2, type: I32, load: 0x2f, store: 0x3b, simd: false };
export const LOAD32: Access = { size: 4, type: I32, load: 0x28, store: 0x36, simd: false };
export const LOAD64: Access = { size: 8, type: I64, load: 0x29, store: 0x37, simd: false };
export const LOAD128: Access = { size: 16, type: V128, load: 0x00, store: 0x0b, simd: true };
/** 4 or 8 bytes into the low lane, zeros above; loads only. */
export const LOAD32_ZERO: Access = { size: 4, type: V128, load: 0x5c, store: -1, simd: true };
export const LOAD64_ZERO: Access = { size: 8, type: V128, load: 0x5d, store: -1, simd: true };

const pair = (name: string) => ({ [I32]: operatorNamed(`i32_${name}`), [I64]: operatorNamed(`i64_${name}`) });
type Pair = ReturnType<typeof pair>;
const ADD = pair("add");
const SUB = pair("sub");
const MUL = pair("mul");
const AND = pair("and");
const OR = pair("or");
const XOR = pair("xor");
const SHL = pair("shl");
const SHR_S = pair("shr_s");
const SHR_U = pair("shr_u");
const ROTL = pair("rotl");
const ROTR = pair("rotr");
const EQ = pair("eq");
const NE = pair("ne");
const LT_S = pair("lt_s");
const LT_U = pair("lt_u");
const LE_S = pair("le_s");
const LE_U = pair("le_u");
const EQZ = pair("eqz");
const CLZ = pair("clz");
const CTZ = pair("ctz");
const POPCNT = pair("popcnt");
const WRAP = operatorNamed("i32_wrap_i64");
const EXTEND_U = operatorNamed("i64_extend_i32_u");
const EXTEND_S = operatorNamed("i64_extend_i32_s");
const SELECT: Readonly<Record<number, Operator>> = {
  [I32]: operatorNamed("select_i32"),
  [I64]: operatorNamed("select_i64"),
  [F32]: operatorNamed("select_f32"),
  [F64]: operatorNamed("select_f64"),
  [V128]: operatorNamed("select_v128"),
};

export class Builder {
  /** The block so far; inside `when`, its body. */
  nodes: Node[] = [];
  /** Number of the instruction being translated, noted in everything that can fault. */
  instruction = 0;
  #index = 0;
  /** Instruction that had the last microcode, and how much of it. */
  #microcoded = -1;
  #ordinal = 0;

  /** Puts a node at the end of the block. */
  protected place(node: Node): Node {
    node.index = ++this.#index;
    node.instruction = this.instruction;
    this.nodes.push(node);
    return node;
  }

  /** Applies a pure operator. */
  apply(operator: Operator, a: Node, b?: Node, c?: Node): Node {
    const node = new Node(kind.PURE, operator.result);
    node.operator = operator;
    node.a = a;
    node.b = b;
    node.c = c;
    return this.place(node);
  }

  /** An operator with a lane number. */
  lane(operator: Operator, lane: number, a: Node, b?: Node): Node {
    const node = this.apply(operator, a, b);
    node.low = lane;
    return node;
  }

  /** i8x16_shuffle with its 16 lane numbers. */
  shuffle(a: Node, b: Node, lanes: readonly number[]): Node {
    const node = this.apply(operatorNamed("i8x16_shuffle"), a, b);
    node.bytes = Uint8Array.from(lanes);
    return node;
  }

  v128(bytes: Uint8Array): Node {
    const node = new Node(kind.PURE, V128);
    node.operator = operatorNamed("v128_const");
    node.bytes = bytes;
    return this.place(node);
  }

  i32(value: number): Node {
    const node = new Node(kind.CONST, I32);
    node.low = value | 0;
    return this.place(node);
  }

  i64(low: number, high: number = low >> 31): Node {
    const node = new Node(kind.CONST, I64);
    node.low = low | 0;
    node.high = high | 0;
    return this.place(node);
  }

  /** An address constant, exact below 2^53. */
  address(value: number): Node {
    return this.i64(value | 0, Math.floor(value / 0x1_0000_0000) | 0);
  }

  /** A constant of the given integer type, sign-extended. */
  constant(type: ValueType, value: number): Node {
    return type === I64 ? this.i64(value) : this.i32(value);
  }

  #binary(operators: Pair, a: Node, b: Node): Node {
    return this.apply(a.type === I64 ? operators[I64] : operators[I32], a, b);
  }

  #unary(operators: Pair, a: Node): Node {
    return this.apply(a.type === I64 ? operators[I64] : operators[I32], a);
  }

  add(a: Node, b: Node): Node {
    if (b.kind === kind.CONST && b.low === 0 && b.high === 0) return a;
    return this.#binary(ADD, a, b);
  }
  sub(a: Node, b: Node): Node {
    return this.#binary(SUB, a, b);
  }
  mul(a: Node, b: Node): Node {
    return this.#binary(MUL, a, b);
  }
  and(a: Node, b: Node): Node {
    return this.#binary(AND, a, b);
  }
  or(a: Node, b: Node): Node {
    return this.#binary(OR, a, b);
  }
  xor(a: Node, b: Node): Node {
    return this.#binary(XOR, a, b);
  }
  shl(a: Node, b: Node): Node {
    return this.#binary(SHL, a, b);
  }
  shrS(a: Node, b: Node): Node {
    return this.#binary(SHR_S, a, b);
  }
  shrU(a: Node, b: Node): Node {
    return this.#binary(SHR_U, a, b);
  }
  rotl(a: Node, b: Node): Node {
    return this.#binary(ROTL, a, b);
  }
  rotr(a: Node, b: Node): Node {
    return this.#binary(ROTR, a, b);
  }
  eq(a: Node, b: Node): Node {
    return this.#binary(EQ, a, b);
  }
  ne(a: Node, b: Node): Node {
    return this.#binary(NE, a, b);
  }
  ltS(a: Node, b: Node): Node {
    return this.#binary(LT_S, a, b);
  }
  ltU(a: Node, b: Node): Node {
    return this.#binary(LT_U, a, b);
  }
  leS(a: Node, b: Node): Node {
    return this.#binary(LE_S, a, b);
  }
  leU(a: Node, b: Node): Node {
    return this.#binary(LE_U, a, b);
  }
  eqz(a: Node): Node {
    return this.#unary(EQZ, a);
  }
  clz(a: Node): Node {
    return this.#unary(CLZ, a);
  }
  ctz(a: Node): Node {
    return this.#unary(CTZ, a);
  }
  popcnt(a: Node): Node {
    return this.#unary(POPCNT, a);
  }
  /** i64 -> i32. */
  wrap(a: Node): Node {
    return this.apply(WRAP, a);
  }
  extendU(a: Node): Node {
    return this.apply(EXTEND_U, a);
  }
  extendS(a: Node): Node {
    return this.apply(EXTEND_S, a);
  }
  /** `condition` (i32) not zero ? a : b, both evaluated. */
  select(condition: Node, a: Node, b: Node): Node {
    return this.apply(SELECT[a.type], a, b, condition);
  }

  get(register: number): Node {
    const node = new Node(kind.GET, kind.registerType(register));
    node.low = register;
    return this.place(node);
  }

  set(register: number, value: Node): void {
    const node = new Node(kind.SET, I32);
    node.low = register;
    node.a = value;
    this.place(node);
  }

  /** Arithmetic rflags for a lazy state whose operation is not known while translating. */
  flags(op: Node, a: Node, b: Node, c: Node): Node {
    const node = new Node(kind.FLAGS, I32);
    node.a = op;
    node.b = a;
    node.c = b;
    node.d = c;
    return this.place(node);
  }

  /** Checks an access of `size` bytes at guest address `address` (i64) and gives its linear offset. Faults leave the block. */
  translate(address: Node, size: number, write: boolean): Node {
    const node = new Node(kind.TRANSLATE, I32);
    node.a = address;
    node.low = size;
    node.high = write ? 1 : 0;
    node.stack = address.stack;
    return this.place(node);
  }

  /** Marks an address as relative to the stack segment. */
  onStack(address: Node): Node {
    address.stack = true;
    return address;
  }

  rawLoad(access: Access, linear: Node): Node {
    const node = new Node(kind.RAW_LOAD, access.type);
    node.a = linear;
    node.access = access;
    return this.place(node);
  }

  rawStore(access: Access, linear: Node, value: Node): void {
    const node = new Node(kind.RAW_STORE, I32);
    node.a = linear;
    node.b = value;
    node.access = access;
    this.place(node);
  }

  load(access: Access, address: Node): Node {
    return this.rawLoad(access, this.translate(address, access.size, false));
  }

  store(access: Access, address: Node, value: Node): void {
    this.rawStore(access, this.translate(address, access.size, true), value);
  }

  /** `count` bytes (i32) from a linear offset on, which must all have been checked. */
  fill(linear: Node, byte: Node, count: Node): void {
    this.#bulk(kind.FILL, linear, byte, count);
  }

  copy(to: Node, from: Node, count: Node): void {
    this.#bulk(kind.COPY, to, from, count);
  }

  #bulk(what: number, a: Node, b: Node, c: Node): void {
    const node = new Node(what, I32);
    node.a = a;
    node.b = b;
    node.c = c;
    this.place(node);
  }

  /** Not 0: compiled code did the operation, whose number is given. */
  x87(operation: number): Node {
    const node = new Node(kind.X87, I32);
    node.low = operation;
    return this.place(node);
  }

  stateLoad(offset: number, access: Access): Node {
    const node = new Node(kind.STATE_LOAD, access.type);
    node.low = offset;
    node.access = access;
    return this.place(node);
  }

  stateStore(offset: number, access: Access, value: Node): void {
    const node = new Node(kind.STATE_STORE, I32);
    node.low = offset;
    node.access = access;
    node.a = value;
    this.place(node);
  }

  microcode(handler: Microcode): void {
    const node = new Node(kind.MICROCODE, I32);
    node.handler = handler;
    if (this.#microcoded !== this.instruction) this.#ordinal = 0;
    this.#microcoded = this.instruction;
    node.low = this.#ordinal++;
    this.place(node);
  }

  /** `body` happens only when `condition` (i32) is not zero. */
  when(condition: Node, body: () => void): void {
    const node = new Node(kind.WHEN, I32);
    node.a = condition;
    this.place(node);
    const outer = this.nodes;
    this.nodes = [];
    body();
    node.body = this.nodes;
    this.nodes = outer;
  }

  /** What follows only the interpreter does right when `condition` is not zero; the instruction must have changed nothing yet. */
  interpretWhen(condition: Node): void {
    this.trapWhen(condition, kind.INTERPRET_THIS);
  }

  /** Exception `vector` when `condition` is not zero; the instruction must have changed nothing yet. */
  trapWhen(condition: Node, vector: number): void {
    const node = new Node(kind.TRAP_WHEN, I32);
    node.a = condition;
    node.low = vector;
    this.place(node);
  }
}
