// Model-specific registers that system calls depend on. 64-bit values are kept as two 32-bit halves.
// SDM vol. 4, 2.1; arch/x86/include/asm/msr-index.h
export const IA32_SYSENTER_CS = 0x174;
export const IA32_SYSENTER_ESP = 0x175;
export const IA32_SYSENTER_EIP = 0x176;
export const IA32_STAR = 0xc0000081;
export const IA32_LSTAR = 0xc0000082;
export const IA32_CSTAR = 0xc0000083;
export const IA32_FMASK = 0xc0000084;
export const IA32_KERNEL_GS_BASE = 0xc0000102;

export class Msr {
  low = 0;
  high = 0;

  set(low: number, high: number): void {
    this.low = low | 0;
    this.high = high | 0;
  }

  get value(): bigint {
    return (BigInt(this.high >>> 0) << 32n) | BigInt(this.low >>> 0);
  }
}

export class MsrFile {
  readonly star = new Msr();
  readonly lstar = new Msr();
  readonly cstar = new Msr();
  readonly fmask = new Msr();
  readonly kernelGsBase = new Msr();
  readonly sysenterCs = new Msr();
  readonly sysenterEsp = new Msr();
  readonly sysenterEip = new Msr();

  /** By number, as rdmsr; undefined is #GP. */
  find(number: number): Msr | undefined {
    switch (number >>> 0) {
      case IA32_STAR:
        return this.star;
      case IA32_LSTAR:
        return this.lstar;
      case IA32_CSTAR:
        return this.cstar;
      case IA32_FMASK:
        return this.fmask;
      case IA32_KERNEL_GS_BASE:
        return this.kernelGsBase;
      case IA32_SYSENTER_CS:
        return this.sysenterCs;
      case IA32_SYSENTER_ESP:
        return this.sysenterEsp;
      case IA32_SYSENTER_EIP:
        return this.sysenterEip;
      default:
        return undefined;
    }
  }
}
