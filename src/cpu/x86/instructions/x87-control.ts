// The x87 control instructions and environment images. SDM vol. 2.
import { C1, type Float80 } from "../../../lib/float80/float80.js";
import * as layout from "../../../machine/state-layout.js";
import type { Core } from "../../core.js";
import { LOAD16 } from "../../ir/builder.js";
import type { Emitter } from "../emitter.js";
import { Fpu } from "../fpu.js";
import { instruction } from "../opcode-table.js";
import { atMemory, bitsOf, bytesOf, fromMemory, MEMORY, x87 } from "../x87-forms.js";

x87("ffree", ["DD /0 reg Eq"], (fpu, index) => {
  fpu.free(index);
  fpu.setCodes(C1, 0);
});
x87("ffreep", ["DF /0 reg Eq"], (fpu, index) => {
  fpu.free(index);
  fpu.setCodes(C1, 0);
  fpu.pop();
});
x87("fdecstp", ["D9 /6 reg rm=6 Eq"], (fpu) => {
  fpu.top--;
  fpu.setCodes(C1, 0);
});
x87("fincstp", ["D9 /6 reg rm=7 Eq"], (fpu) => {
  fpu.top++;
  fpu.setCodes(C1, 0);
});
x87("fnop", ["D9 /2 reg rm=0 Eq"], () => {});
x87("fwait", ["9B"], () => {}, MEMORY, "waiting control");

const control = (name: string, rows: readonly string[], run: (x: Emitter, fpu: (core: Core) => Fpu) => void) =>
  instruction(name, rows, MEMORY, (x) => run(x, (core) => new Fpu(core)));
/** Bytes: of a register form, and an FWAIT. */
const LONGEST_COMPARISON = 3;
/** The exception flags are read, cleared or replaced: by <fenv.h>, which does the same to MXCSR's. */
const looking = (fpu: Fpu): Fpu => {
  fpu.core.wantExactFloat();
  return fpu;
};
control("fninit", ["DB /4 reg rm=3 Eq"], (x, fpu) => x.runMicrocode((core) => fpu(core).initialise()));
control("fneni/fndisi/fnsetpm", ["DB /4 reg rm=0 Eq", "DB /4 reg rm=1 Eq", "DB /4 reg rm=4 Eq"], () => {});
control("fnclex", ["DB /4 reg rm=2 Eq"], (x, fpu) =>
  x.runMicrocode((core) => {
    const unit = looking(fpu(core));
    unit.status = unit.status & 0x7f00;
  }),
);
control("fnstsw", ["DF /4 reg rm=0 Eq"], (x, fpu) =>
  x.runMicrocode((core) => {
    const unit = fpu(core);
    // Right behind FXAM, FCOM or FPREM it is their condition codes that are wanted.
    const distance = core.state32(layout.OFFSET_RIP) - core.state32(layout.OFFSET_FPU_IP);
    if (distance < 2 || distance > LONGEST_COMPARISON) looking(unit);
    core.setGpr(0, (core.gpr(0) & ~0xffffn) | BigInt(unit.status));
  }),
);
atMemory(
  "fnstsw",
  ["DD /7 mem M16"],
  (fpu, address) => fpu.core.writeBytes(address, bytesOf(BigInt(looking(fpu).status), 2)),
  "control",
);
atMemory(
  "fnstcw",
  ["D9 /7 mem M16"],
  (fpu, address) => fpu.core.writeBytes(address, bytesOf(BigInt(fpu.control), 2)),
  "control",
);
fromMemory(
  "fldcw",
  "D9 /5 mem M16",
  LOAD16,
  (fpu, bits) => {
    fpu.control = Number(bits);
  },
  "waiting control",
);

/** Bytes of an environment, and of the registers behind it. */
const environmentSize = (narrow: boolean) => (narrow ? 14 : 28);
const REGISTERS_SIZE = 80;

/** The environment in protected mode's format, of words or doublewords. Selectors are 0, as they are where CPUID says so. */
function environment(fpu: Fpu, narrow: boolean): Uint8Array {
  const { core } = fpu;
  const image = new Uint8Array(environmentSize(narrow));
  const view = new DataView(image.buffer);
  const ip = core.state32(layout.OFFSET_FPU_IP);
  const dp = core.state32(layout.OFFSET_FPU_DP);
  const words = [fpu.control, fpu.status, fullTag(fpu)];
  if (narrow) {
    [...words, ip, 0, dp, 0].forEach((word, n) => {
      view.setUint16(n * 2, word, true);
    });
    return image;
  }
  const opcode = core.state32(layout.OFFSET_FPU_OPCODE) << 16;
  [...words.map((word) => RESERVED | word), ip, opcode, dp, RESERVED].forEach((word, n) => {
    view.setUint32(n * 4, word, true);
  });
  return image;
}
const RESERVED = 0xffff0000;

/** Two bits a register: 0 valid, 1 zero, 2 special, 3 empty. */
function fullTag(fpu: Fpu): number {
  let word = 0;
  for (let physical = 0; physical < 8; physical++) {
    const index = (physical - fpu.top) & 7;
    word |= (fpu.isEmpty(index) ? 3 : classOf(fpu.peek(index))) << (physical * 2);
  }
  return word;
}

function classOf(value: Float80): number {
  const exponent = value.signExponent & 0x7fff;
  if (exponent === 0 && value.mantissa === 0n) return 1;
  return exponent === 0 || exponent === 0x7fff || value.mantissa >> 63n === 0n ? 2 : 0;
}

function loadEnvironment(fpu: Fpu, image: Uint8Array, narrow: boolean): void {
  const { core } = fpu;
  const view = new DataView(image.buffer, image.byteOffset);
  const step = narrow ? 2 : 4;
  let tag = 0;
  const full = view.getUint16(2 * step, true);
  for (let physical = 0; physical < 8; physical++) if (((full >> (physical * 2)) & 3) !== 3) tag |= 1 << physical;
  fpu.tag = tag;
  fpu.control = view.getUint16(0, true);
  fpu.status = view.getUint16(step, true);
  const pointer = (at: number) => BigInt(narrow ? view.getUint16(at * step, true) : view.getUint32(at * step, true));
  core.setState64(layout.OFFSET_FPU_IP, pointer(3));
  core.setState64(layout.OFFSET_FPU_DP, pointer(5));
  core.setState32(layout.OFFSET_FPU_OPCODE, narrow ? 0 : view.getUint16(4 * step + 2, true) & 0x7ff);
}

atMemory(
  "fnstenv",
  ["D9 /6 mem M"],
  (fpu, address, narrow) => {
    fpu.core.writeBytes(address, environment(looking(fpu), narrow));
    fpu.control = fpu.control | 0x3f; // all exceptions masked afterwards
  },
  "control",
);
atMemory(
  "fldenv",
  ["D9 /4 mem M"],
  (fpu, address, narrow) => loadEnvironment(looking(fpu), fpu.core.readBytes(address, environmentSize(narrow)), narrow),
  "waiting control",
);
atMemory(
  "fnsave",
  ["DD /6 mem M"],
  (fpu, address, narrow) => {
    const size = environmentSize(narrow);
    const image = new Uint8Array(size + REGISTERS_SIZE);
    image.set(environment(looking(fpu), narrow));
    for (let index = 0; index < 8; index++) {
      const { mantissa, signExponent } = fpu.peek(index);
      image.set(bytesOf((BigInt(signExponent) << 64n) | mantissa, 10), size + index * 10);
    }
    fpu.core.writeBytes(address, image);
    fpu.initialise();
  },
  "control",
);
atMemory(
  "frstor",
  ["DD /4 mem M"],
  (fpu, address, narrow) => {
    const size = environmentSize(narrow);
    const image = fpu.core.readBytes(address, size + REGISTERS_SIZE);
    loadEnvironment(looking(fpu), image, narrow);
    const { tag } = fpu;
    for (let index = 0; index < 8; index++) {
      const bits = bitsOf(image.subarray(size + index * 10, size + 10 + index * 10));
      fpu.put(index, { mantissa: BigInt.asUintN(64, bits), signExponent: Number(bits >> 64n) });
    }
    fpu.tag = tag;
  },
  "waiting control",
);
