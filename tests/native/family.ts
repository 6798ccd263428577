// Families of opcode rows, for reports: by what they work on and what they are called.
import type { Row } from "../../src/cpu/x86/instruction.js";

const BY_NAME: readonly (readonly [RegExp, string])[] = [
  [/^v?(aes|pclmul|sha(1|256))/, "crypto"],
  [/^(j|call|ret|loop|int|syscall|ud|iret|xbegin)/, "control transfer"],
  [/^(movs|cmps|stos|lods|scas)[bwdq]?$|^(movs|cmps|stos|lods|scas)$/, "string"],
  [/^(sh|sa)(l|r)|^ro(l|r)|^rc(l|r)/, "shift and rotate"],
  [/^(i?mul|i?div|mulx)/, "multiply and divide"],
  [/^(bt|bs[fr]|popcnt|lzcnt|tzcnt|andn|bextr|bls|bzhi|pdep|pext|rorx|adcx|adox)/, "bits"],
  [/^(cpuid|rd|wr|fence|cl|fx|xsave|xrstor|xgetbv|ldmxcsr|stmxcsr|privileged|prefetch|nop|endbr|pause)/, "system"],
  [/^(cmov|set|mov|push|pop|xchg|lea|cdq|cbw|enter|leave|bswap|xlat|cmpxchg|xadd)/, "data transfer"],
];

export function familyOf(row: Row): string {
  if (row.map === 0 && row.opcode >= 0xd8 && row.opcode <= 0xdf) return "x87";
  const vector = row.operands.some(({ file }) => file === "xmm");
  const name = row.definition.name;
  const prefix = row.vex ? "AVX" : "SSE";
  if (row.operands.some(({ file }) => file === "mmx")) return "MMX";
  if (vector && BY_NAME[0][0].test(name)) return BY_NAME[0][1];
  if (vector) return `${prefix} ${/(ps|pd|ss|sd)(\/.*)?$|^v?cvt/.test(name) ? "float" : "integer"}`;
  return BY_NAME.find(([pattern]) => pattern.test(name))?.[1] ?? "arithmetic and logic";
}
