// What CPUID answers: the machine's own settings, never the host's. SDM vol. 2, CPUID.

import { imageSize, XCR0 } from "./extended-state.js";
import { MAKERS, type Vendor } from "./vendor.js";

export interface CpuidLeaf {
  eax: number;
  ebx: number;
  ecx: number;
  edx: number;
}

/** Those whose instructions are all there. */
export const MODELS: readonly string[] = ["x86-64", "x86-64-v2", "x86-64-v3"];
/** 1 to 3. */
export const levelOf = (model: string): number => MODELS.indexOf(model) + 1;

const bits = (...positions: number[]) => positions.reduce((mask, position) => (mask | (1 << position)) >>> 0, 0);
const text = (four: string) =>
  (four.charCodeAt(0) | (four.charCodeAt(1) << 8) | (four.charCodeAt(2) << 16) | (four.charCodeAt(3) << 24)) >>> 0;

// Leaf 1 edx: fpu tsc msr pae cx8 apic sep cmov pat clfsh mmx fxsr sse sse2. Linux also gives it to programs as AT_HWCAP.
export const HWCAP = bits(0, 2, 4, 5, 6, 8, 9, 11, 12, 13, 14, 15, 16, 17, 19, 23, 24, 25, 26);
// Leaf 1 ecx.
const SSE3 = 0;
const PCLMULQDQ = 1;
const SSSE3 = 9;
const FMA = 12;
const CX16 = 13;
const SSE41 = 19;
const SSE42 = 20;
const MOVBE = 22;
const POPCNT = 23;
const AES = 25;
const XSAVE = 26;
const OSXSAVE = 27;
const AVX = 28;
const F16C = 29;
const RDRAND = 30;
const HYPERVISOR = 31;
// Leaf 7 ebx.
const FSGSBASE = 0;
const BMI1 = 3;
const AVX2 = 5;
const BMI2 = 8;
const ERMS = 9;
const RDSEED = 18;
const ADX = 19;
// Leaf 0x80000001 ecx.
const LAHF = 0;
const LZCNT = 5;
const TOPOEXT = 22;

/** What Linux passes as AT_HWCAP2: programs may use FSGSBASE. */
export const hwcap2 = (model: string): number => (levelOf(model) >= 3 ? bits(1) : 0);

export function cpuid(model: string, vendor: Vendor, leaf: number, subleaf: number): CpuidLeaf {
  const level = levelOf(model);
  const none = { eax: 0, ebx: 0, ecx: 0, edx: 0 };
  const own = vendor === "amd" ? amdLeaf(level, leaf, subleaf) : undefined;
  if (own) return own;
  switch (leaf) {
    case 0:
      return { eax: level >= 3 ? 0xd : 7, ...vendorName(vendor) };
    case 1: {
      let ecx = bits(HYPERVISOR);
      if (level >= 2) ecx |= bits(SSE3, SSSE3, CX16, SSE41, SSE42, POPCNT);
      if (level >= 3) ecx |= bits(FMA, MOVBE, XSAVE, OSXSAVE, AVX, F16C, PCLMULQDQ, AES, RDRAND);
      return { eax: MAKERS[vendor].signature(level), ebx: 0x00010800, ecx: ecx >>> 0, edx: HWCAP };
    }
    case 2:
      return { eax: 0x76036301, ebx: 0x00f0b5ff, ecx: 0, edx: 0x00c30000 };
    case 4:
      return cacheLeaf(subleaf);
    case 7:
      // ERMS: libc then copies large blocks with rep movsb, which runs at bulk speed here.
      if (subleaf !== 0) return none;
      return { ...none, ebx: bits(ERMS) | (level >= 3 ? bits(FSGSBASE, BMI1, AVX2, BMI2, RDSEED, ADX) : 0) };
    case 0xd:
      return level >= 3 ? stateLeaf(subleaf) : none;
    case 0x80000000:
      return { ...none, eax: 0x80000008 };
    case 0x80000001:
      return { ...none, ...extendedFeatures(level) };
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

const vendorName = (vendor: Vendor): Pick<CpuidLeaf, "ebx" | "ecx" | "edx"> => {
  const { id } = MAKERS[vendor];
  return { ebx: text(id.slice(0, 4)), edx: text(id.slice(4, 8)), ecx: text(id.slice(8)) };
};

/** SYSCALL, NX, RDTSCP and 64-bit mode in edx. */
const extendedFeatures = (level: number): Pick<CpuidLeaf, "ecx" | "edx"> => ({
  ecx: bits(LAHF) | (level >= 3 ? bits(LZCNT) : 0),
  edx: bits(11, 20, 27, 29),
});

/** Leaves of AMD's that are not as Intel's; undefined for those that are. APM vol. 3, appendix E. */
function amdLeaf(level: number, leaf: number, subleaf: number): CpuidLeaf | undefined {
  const none = { eax: 0, ebx: 0, ecx: 0, edx: 0 };
  switch (leaf) {
    case 2:
    case 4:
      return none;
    case 0x80000000:
      return { eax: 0x8000001e, ...vendorName("amd") };
    case 0x80000001: {
      const { ecx, edx } = extendedFeatures(level);
      // Most bits of leaf 1 edx once more.
      return { ...none, eax: MAKERS.amd.signature(), ecx: ecx | bits(TOPOEXT), edx: edx | (HWCAP & 0x0183f3ff) };
    }
    case 0x80000005:
      return { ...none, ecx: 0x20080140, edx: 0x20080140 };
    case 0x80000006:
      return { ...none, ecx: 0x01006140, edx: 0x00408140 };
    case 0x8000001d:
      return cacheLeaf(subleaf);
    default:
      return undefined;
  }
}

/** XSAVE: components, sizes and forms. */
function stateLeaf(subleaf: number): CpuidLeaf {
  const size = imageSize(XCR0);
  const legacy = imageSize(0);
  if (subleaf === 0) return { eax: XCR0, ebx: size, ecx: size, edx: 0 };
  // XSAVEOPT, XSAVEC, XGETBV of what is in use.
  if (subleaf === 1) return { eax: bits(0, 1, 2), ebx: size, ecx: 0, edx: 0 };
  return subleaf === 2 ? { eax: size - legacy, ebx: legacy, ecx: 0, edx: 0 } : { eax: 0, ebx: 0, ecx: 0, edx: 0 };
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
