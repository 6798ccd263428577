// struct pt_regs: the user's registers where the entry code pushed them, 21 words at the top of the task's kernel stack.
// arch/x86/include/uapi/asm/ptrace.h
const TWO_32 = 0x1_0000_0000;

/** Word index of each register, from the lowest address up. */
export const PT_R15 = 0;
export const PT_R14 = 1;
export const PT_R13 = 2;
export const PT_R12 = 3;
export const PT_BP = 4;
export const PT_BX = 5;
export const PT_R11 = 6;
export const PT_R10 = 7;
export const PT_R9 = 8;
export const PT_R8 = 9;
export const PT_AX = 10;
export const PT_CX = 11;
export const PT_DX = 12;
export const PT_SI = 13;
export const PT_DI = 14;
export const PT_ORIG_AX = 15;
export const PT_IP = 16;
export const PT_CS = 17;
export const PT_FLAGS = 18;
export const PT_SP = 19;
export const PT_SS = 20;
export const PT_WORDS = 21;
export const SIZEOF_PTREGS = PT_WORDS * 8;

/** Where arguments 0 to 5 of a 64-bit call are. */
export const ARGUMENT_WORDS = [PT_DI, PT_SI, PT_DX, PT_R10, PT_R8, PT_R9] as const;
/** And those of a call with the registers of i386: ebx, ecx, edx, esi, edi, ebp. */
export const ARGUMENT_WORDS_32 = [PT_BX, PT_CX, PT_DX, PT_SI, PT_DI, PT_BP] as const;

export class PtRegs {
  /** Each word as low and high half. */
  readonly words: Int32Array;

  constructor(stack: ArrayBuffer, byteOffset: number) {
    this.words = new Int32Array(stack, byteOffset, PT_WORDS * 2);
  }

  low(word: number): number {
    return this.words[word * 2];
  }

  high(word: number): number {
    return this.words[word * 2 + 1];
  }

  set(word: number, low: number, high: number): void {
    this.words[word * 2] = low;
    this.words[word * 2 + 1] = high;
  }

  /** Unsigned; exact below 2^53. */
  address(word: number): number {
    return (this.high(word) >>> 0) * TWO_32 + (this.low(word) >>> 0);
  }

  setAddress(word: number, value: number): void {
    this.set(word, value | 0, Math.floor(value / TWO_32) | 0);
  }

  /** A small signed number, sign-extended: results and error numbers. */
  setSigned(word: number, value: number): void {
    this.set(word, value | 0, Math.floor(value / TWO_32) | 0);
  }

  get64(word: number): bigint {
    return (BigInt(this.high(word) >>> 0) << 32n) | BigInt(this.low(word) >>> 0);
  }

  set64(word: number, value: bigint): void {
    this.set(word, Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)));
  }

  clear(): void {
    this.words.fill(0);
  }

  copyFrom(other: PtRegs): void {
    this.words.set(other.words);
  }
}
