// The processor's state and memory as microcode and the interpreter use them: registers by number, memory with exact faults.
import { SeededRandom } from "../lib/random.js";
import { EXECUTE, type GuestMemory, READ, WRITE } from "../machine/guest-memory.js";
import {
  ALIGNMENT_CHECK,
  type DescriptorTables,
  GDT_TLS_ENTRIES,
  GENERAL_PROTECTION,
  PAGE_FAULT,
  PF_INSTRUCTION,
  PF_PRESENT,
  PF_USER,
  PF_WRITE,
  STACK_FAULT,
} from "../machine/processor.js";
import * as layout from "../machine/state-layout.js";
import { LONG, modeOf } from "./code-address.js";
import type { FlagsReader } from "./flags-reader.js";
import { operationCode, SUBTRACTION } from "./x86/flags.js";
import { CS, SS, segmentBase, segmentLimit } from "./x86/segments.js";
import type { Vendor } from "./x86/vendor.js";

/** A processor exception on its way to the trap: thrown where it is found, caught where the instruction is retired. */
export class Exception {
  readonly vector: number;
  readonly errorCode: number;
  /** #PF: the address. */
  readonly address: bigint;
  constructor(vector: number, errorCode = 0, address = 0n) {
    this.vector = vector;
    this.errorCode = errorCode;
    this.address = address;
  }
}

/**
 * A time slice must end inside a repeated string instruction too. Its work is counted in elements, and more for each stretch of them: a go of
 * this much takes well under a hundredth of a second at the worst.
 */
export const REPEAT_WORK = 1 << 20;
/** Units of work that cost as much of the time slice as a jump. */
const WORK_PER_FUEL = 64;
const fillFrom = (random: SeededRandom) => (bytes: Uint8Array) => random.fill(bytes);
const STATE_INDEX = layout.STATE >>> 2;
const TWO_32 = 0x1_0000_0000;
const CANONICAL_END = 0x8000_0000_0000;

export class Core {
  memory!: GuestMemory;
  readonly #flags: FlagsReader;
  /** What cpuid says and which instructions exist. */
  cpuModel = "x86-64-v2";
  vendor: Vendor = "intel";
  /** Segment descriptors of the running task. */
  descriptors: DescriptorTables = { tls: new Int32Array(GDT_TLS_ENTRIES * 2), ldt: new Int32Array(0) };
  /** Counts rdtsc's time: the machine's own, never the host's. */
  timestamp: () => bigint = () => 0n;
  /** The instruction was one after which traps wait for the next: a load of ss. */
  inTrapShadow = false;
  /** Work a repeated string instruction may do at a time; it does one iteration at least. */
  repeatLimit = REPEAT_WORK;
  /** It did that and is not done: it is to be run again. */
  repeatAgain = false;
  /** Work of repeated instructions that has not been taken from the time slice. */
  #work = 0;
  /** The vector of an access to no address: #SS when the operand is in the stack segment. */
  #noAddress = GENERAL_PROTECTION;
  /** That of the operand of 32-bit code's microcode, when it is not flat; else -1. */
  #segment = -1;
  /** Told when compiled code with quick floating point must go. */
  onExactFloat: () => void = () => {};
  /** Fills with rdrand's bits: the machine's own, seeded. */
  entropy: (bytes: Uint8Array) => void = fillFrom(new SeededRandom(0));

  constructor(flags: FlagsReader) {
    this.#flags = flags;
  }

  /** Notes work of a repeated instruction. */
  addWork(units: number): void {
    this.#work += units;
  }

  /** There is so much of it that it should be taken from the time slice. */
  get hasWorked(): boolean {
    return this.#work >= REPEAT_WORK;
  }

  /** Takes the work done from the time slice. Compiled code has its fuel in a local: not while it runs. */
  spendWork(): void {
    this.setState32(layout.OFFSET_FUEL, this.state32(layout.OFFSET_FUEL) - Math.floor(this.#work / WORK_PER_FUEL));
    this.#work = 0;
  }

  state32(offset: number): number {
    return this.memory.i32[STATE_INDEX + (offset >>> 2)];
  }

  setState32(offset: number, value: number): void {
    this.memory.i32[STATE_INDEX + (offset >>> 2)] = value;
  }

  state64(offset: number): bigint {
    return this.memory.view.getBigUint64(layout.STATE + offset, true);
  }

  setState64(offset: number, value: bigint): void {
    this.memory.view.setBigUint64(layout.STATE + offset, BigInt.asUintN(64, value), true);
  }

  gpr(register: number): bigint {
    return this.state64(layout.OFFSET_GPR + register * 8);
  }

  setGpr(register: number, value: bigint): void {
    this.setState64(layout.OFFSET_GPR + register * 8, value);
  }

  /** Unsigned low half. */
  gpr32(register: number): number {
    return this.state32(layout.OFFSET_GPR + register * 8) >>> 0;
  }

  /** As a 32-bit operation writes: zero-extended. */
  setGpr32(register: number, value: number): void {
    this.setState32(layout.OFFSET_GPR + register * 8, value);
    this.setState32(layout.OFFSET_GPR + register * 8 + 4, 0);
  }

  /** As an address: the kernel's half is negative, so that every canonical address is exact. */
  gprAddress(register: number): number {
    return this.state32(layout.OFFSET_GPR + register * 8 + 4) * TWO_32 + this.gpr32(register);
  }

  setGprAddress(register: number, value: number): void {
    this.setState32(layout.OFFSET_GPR + register * 8, value | 0);
    this.setState32(layout.OFFSET_GPR + register * 8 + 4, Math.floor(value / TWO_32) | 0);
  }

  /** While code runs it is a code address: code-address.ts. Exact below 2^53. */
  ripNumber(): number {
    return (this.state32(layout.OFFSET_RIP + 4) >>> 0) * TWO_32 + (this.state32(layout.OFFSET_RIP) >>> 0);
  }

  /** CF PF AF ZF SF OF. */
  get arithmeticFlags(): number {
    return this.#flags.read(this.memory);
  }

  set arithmeticFlags(value: number) {
    this.setState32(layout.OFFSET_CC_OP, 0);
    this.setState64(layout.OFFSET_CC_A, BigInt(value & layout.ARITHMETIC_FLAGS));
  }

  get rflags(): number {
    return this.arithmeticFlags | this.state32(layout.OFFSET_SYSTEM_FLAGS) | 2;
  }

  set rflags(value: number) {
    this.arithmeticFlags = value;
    // RF lasts for the next instruction, and there are no breakpoints it could hold off.
    this.setState32(layout.OFFSET_SYSTEM_FLAGS, value & ~layout.ARITHMETIC_FLAGS & ~layout.RF & ~2);
  }

  /** As CMP leaves them; operands of `bits`, zero-extended. */
  setCompareFlags(bits: number, a: bigint, b: bigint): void {
    this.setState32(layout.OFFSET_CC_OP, operationCode(SUBTRACTION, bits));
    this.setState64(layout.OFFSET_CC_A, a);
    this.setState64(layout.OFFSET_CC_B, b);
  }

  /**
   * The program looks at floating-point exceptions or changes how numbers are rounded: from now on compiled code keeps and obeys MXCSR, as
   * interpreted code always does. For good: a program that did so once does so again.
   */
  wantExactFloat(): void {
    if (this.state32(layout.OFFSET_EXACT_FLOAT) !== 0) return;
    this.setState32(layout.OFFSET_EXACT_FLOAT, 1);
    this.onExactFloat();
  }

  /** MXCSR loaded by an instruction of the program. */
  loadMxcsr(value: number): void {
    if (value !== this.state32(layout.OFFSET_MXCSR)) this.wantExactFloat();
    this.setState32(layout.OFFSET_MXCSR, value);
  }

  /** What an exception says beside its vector, for the kernel. */
  noteException(exception: Exception): void {
    this.setState32(layout.OFFSET_ERROR_CODE, exception.errorCode);
    if (exception.vector === PAGE_FAULT) this.setState64(layout.OFFSET_FAULT_ADDRESS, exception.address);
  }

  /** TF or AC is set: each instruction is a matter of its own. */
  get watched(): boolean {
    return (this.state32(layout.OFFSET_SYSTEM_FLAGS) & (layout.TF | layout.AC)) !== 0;
  }

  /** #AC: accesses of 2, 4 and 8 bytes must be aligned to their size. */
  checkAlignment(address: number, size: number): void {
    if (!(this.state32(layout.OFFSET_SYSTEM_FLAGS) & layout.AC)) return;
    if (size <= 8 && address % size !== 0) throw new Exception(ALIGNMENT_CHECK);
  }

  /** The operand that IR left for microcode. */
  scratch64(): bigint {
    return this.state64(layout.OFFSET_SCRATCH);
  }

  /** Sixteen bytes at `offset` of the scratch area: a vector operand that IR left, or where it finds a result. */
  scratchVector(offset = 0): Uint8Array {
    const at = this.scratchVectorAt + offset;
    return this.memory.u8.subarray(at, at + 16);
  }

  /** Where it is in memory. */
  get scratchVectorAt(): number {
    return layout.STATE + layout.OFFSET_SCRATCH;
  }

  /** As `gprAddress`. */
  scratchAddress(): number {
    return this.state32(layout.OFFSET_SCRATCH + 4) * TWO_32 + (this.state32(layout.OFFSET_SCRATCH) >>> 0);
  }

  /** The 16 bytes of xmm `register`, live. */
  xmm(register: number): Uint8Array {
    const at = this.xmmAt(register);
    return this.memory.u8.subarray(at, at + 16);
  }

  /** Where it is in memory. */
  xmmAt(register: number): number {
    return layout.STATE + layout.OFFSET_VECTOR + register * layout.VECTOR_STRIDE;
  }

  /** Runs microcode whose operand is in `segment`. */
  inSegment(segment: number, run: () => void): void {
    if (segment === SS) this.#noAddress = STACK_FAULT;
    if (this.#is32) this.#segment = segment;
    try {
      run();
    } finally {
      this.#noAddress = GENERAL_PROTECTION;
      this.#segment = -1;
    }
  }

  /** What rip was last stored as is of the mode that runs. */
  get #is32(): boolean {
    return modeOf(this.ripNumber()) !== LONG;
  }

  /** 32-bit code may have `size` bytes at a linear address in a segment. */
  requireAccess(segment: number, address: number, size: number, write: boolean): void {
    const isReadOnly = segment === CS || ((this.state32(layout.OFFSET_READ_ONLY) >> segment) & 1) !== 0;
    const offset = segment === CS ? 0 : (address - this.state32(segmentBase(segment))) >>> 0;
    const limit = segment === CS ? TWO_32 : Number(BigInt.asIntN(64, this.state64(segmentLimit(segment))));
    if ((write && isReadOnly) || offset + size - 1 > limit) throw new Exception(this.#noAddress);
  }

  /** The flat segments of 32-bit code end at 4 GiB. */
  crossesLimit(address: number, size: number): boolean {
    return address < TWO_32 && address + size > TWO_32 && this.#is32;
  }

  /**
   * Linear offset for `size` bytes at `address`, all in one page or in pages that lie side by side; -1 when the bytes are in separate places.
   * Throws the #PF or #GP the processor would raise.
   */
  linear(address: number, size: number, write: boolean): number {
    const access = write ? WRITE : READ;
    if (this.#segment >= 0) this.requireAccess(this.#segment, address, size, write);
    if (address < CANONICAL_END && address + size > CANONICAL_END) throw new Exception(this.#noAddress);
    if (this.crossesLimit(address, size)) throw new Exception(this.#noAddress);
    const first = this.#byte(address, access);
    this.checkAlignment(address, size);
    const room = layout.PAGE_SIZE - (address % layout.PAGE_SIZE);
    if (size <= room) return first;
    const second = this.#byte(address + room, access);
    return second === first + room ? first : -1;
  }

  #byte(address: number, access: number): number {
    if (address >= CANONICAL_END || address < -CANONICAL_END) throw new Exception(this.#noAddress);
    const linear = this.memory.linear(address, access);
    if (linear >= 0) return linear;
    const present = this.memory.protectionOf(Math.floor(address / layout.PAGE_SIZE)) >= 0;
    // x86 has no page that can only be executed or written: anything present and not PROT_NONE can be read.
    if (access === READ && present && this.memory.protectionOf(Math.floor(address / layout.PAGE_SIZE)) !== 0)
      return this.memory.linear(address, 0);
    throw new Exception(
      PAGE_FAULT,
      PF_USER |
        (access === WRITE ? PF_WRITE : 0) |
        (access === EXECUTE ? PF_INSTRUCTION : 0) |
        (present ? PF_PRESENT : 0),
      BigInt.asUintN(64, BigInt(address)),
    );
  }

  /** Reads guest memory. All bytes are checked before any is taken. */
  readBytes(address: number, size: number): Uint8Array {
    const linear = this.linear(address, size, false);
    if (linear >= 0) return this.memory.u8.slice(linear, linear + size);
    const out = new Uint8Array(size);
    const room = layout.PAGE_SIZE - (address % layout.PAGE_SIZE);
    const first = this.#byte(address, READ);
    const second = this.#byte(address + room, READ);
    out.set(this.memory.u8.subarray(first, first + room));
    out.set(this.memory.u8.subarray(second, second + size - room), room);
    return out;
  }

  /** Writes at most a page of guest memory; nothing is written when any byte faults. */
  writeBytes(address: number, bytes: Uint8Array): void {
    const linear = this.linear(address, bytes.length, true);
    if (linear >= 0) {
      this.memory.u8.set(bytes, linear);
      return;
    }
    const room = layout.PAGE_SIZE - (address % layout.PAGE_SIZE);
    const first = this.#byte(address, WRITE);
    const second = this.#byte(address + room, WRITE);
    this.memory.u8.set(bytes.subarray(0, room), first);
    this.memory.u8.set(bytes.subarray(room), second);
  }
}
