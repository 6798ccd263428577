// What CPUID answers: the machine's own settings, never the host's. SDM vol. 2, CPUID.

export interface CpuidLeaf {
  eax: number;
  ebx: number;
  ecx: number;
  edx: number;
}

/** Those whose instructions are all there. */
export const MODELS: readonly string[] = ["x86-64", "x86-64-v2"];
const bits = (...positions: number[]) => positions.reduce((mask, position) => (mask | (1 << position)) >>> 0, 0);
const text = (four: string) =>
  (four.charCodeAt(0) | (four.charCodeAt(1) << 8) | (four.charCodeAt(2) << 16) | (four.charCodeAt(3) << 24)) >>> 0;

// Leaf 1 edx: fpu tsc msr pae cx8 apic sep cmov pat clfsh mmx fxsr sse sse2. Linux also gives it to programs as AT_HWCAP.
export const HWCAP = bits(0, 2, 4, 5, 6, 8, 9, 11, 12, 13, 14, 15, 16, 17, 19, 23, 24, 25, 26);
const SSE3 = 0;
const SSSE3 = 9;
const CX16 = 13;
const SSE41 = 19;
const SSE42 = 20;
const POPCNT = 23;
const HYPERVISOR = 31;

export function cpuid(model: string, leaf: number, subleaf: number): CpuidLeaf {
  const level = MODELS.indexOf(model);
  const none = { eax: 0, ebx: 0, ecx: 0, edx: 0 };
  switch (leaf) {
    case 0:
      return { eax: 7, ebx: text("Genu"), edx: text("ineI"), ecx: text("ntel") };
    case 1: {
      let ecx = bits(HYPERVISOR);
      if (level >= 1) ecx |= bits(SSE3, SSSE3, CX16, SSE41, SSE42, POPCNT);
      return { eax: 0x000306a9, ebx: 0x00010800, ecx: ecx >>> 0, edx: HWCAP };
    }
    case 2:
      return { eax: 0x76036301, ebx: 0x00f0b5ff, ecx: 0, edx: 0x00c30000 };
    case 4:
      return cacheLeaf(subleaf);
    case 7:
      // ERMS: libc then copies large blocks with rep movsb, which runs at bulk speed here.
      return subleaf === 0 ? { ...none, ebx: bits(9) } : none;
    case 0x80000000:
      return { ...none, eax: 0x80000008 };
    case 0x80000001:
      return { ...none, ecx: bits(0), edx: bits(11, 20, 27, 29) };
    case 0x80000002:
      return brand(0);
    case 0x80000003:
      return brand(16);
    case 0x80000004:
      return brand(32);
    case 0x80000007:
      return { ...none, edx: bits(8) };
    case 0x80000008:
      return { ...none, eax: 0x3028 };
    default:
      return none;
  }
}

/** 32 KiB L1 data and instruction, 256 KiB L2, 8 MiB L3, 64-byte lines. */
function cacheLeaf(subleaf: number): CpuidLeaf {
  const caches = [
    { type: 1, level: 1, ways: 8, sets: 64 },
    { type: 2, level: 1, ways: 8, sets: 64 },
    { type: 3, level: 2, ways: 8, sets: 512 },
    { type: 3, level: 3, ways: 16, sets: 8192 },
  ];
  const cache = caches[subleaf];
  if (!cache) return { eax: 0, ebx: 0, ecx: 0, edx: 0 };
  return {
    eax: cache.type | (cache.level << 5) | (1 << 8),
    ebx: 63 | ((cache.ways - 1) << 22),
    ecx: cache.sets - 1,
    edx: 0,
  };
}

function brand(offset: number): CpuidLeaf {
  const name = "tsstrace virtual CPU".padEnd(48, "\0");
  const word = (at: number) => text(name.slice(offset + at, offset + at + 4));
  return { eax: word(0), ebx: word(4), ecx: word(8), edx: word(12) };
}
