// Processor identification, time stamps, state management and fences. SDM vol. 2.

import { GENERAL_PROTECTION } from "../../../machine/processor.js";
import * as layout from "../../../machine/state-layout.js";
import { type Core, Exception } from "../../core.js";
import { LOAD64 } from "../../ir/builder.js";
import { cpuid } from "../cpuid.js";
import type { Emitter } from "../emitter.js";
import {
  componentsInUse,
  type ImageForm,
  imageSize,
  restoreComponents,
  restoreLegacy,
  type SaveForm,
  saveComponents,
  saveLegacy,
  XCR0,
} from "../extended-state.js";
import * as flags from "../flags.js";
import { instruction } from "../opcode-table.js";

instruction("cpuid", ["0F A2"], { memory: true }, (x) =>
  x.runMicrocode((core) => {
    const leaf = cpuid(core.cpuModel, core.vendor, core.gpr32(layout.RAX), core.gpr32(layout.RCX));
    core.setGpr32(layout.RAX, leaf.eax);
    core.setGpr32(layout.RBX, leaf.ebx);
    core.setGpr32(layout.RCX, leaf.ecx);
    core.setGpr32(layout.RDX, leaf.edx);
  }),
);

const readTimestamp = (core: Core) => {
  const now = core.timestamp();
  core.setGpr32(layout.RAX, Number(now & 0xffff_ffffn));
  core.setGpr32(layout.RDX, Number((now >> 32n) & 0xffff_ffffn));
};
instruction("rdtsc", ["0F 31"], { memory: true }, (x) => x.runMicrocode(readTimestamp));
instruction("rdtscp", ["0F 01 /7 reg rm=1"], { memory: true }, (x) =>
  x.runMicrocode((core) => {
    readTimestamp(core);
    core.setGpr32(layout.RCX, 0);
  }),
);

instruction("fence", ["NP 0F AE /5 reg Eq", "NP 0F AE /6 reg Eq", "NP 0F AE /7 reg Eq"], {}, () => {});
/** There is no cache to write back, but the byte must be readable. */
instruction("clflush/clflushopt/clwb", ["NP 0F AE /7 mem M", "66 0F AE /7 mem M", "66 0F AE /6 mem M"], {}, (x) => {
  x.translate(x.effectiveAddress(), 1, false);
});

const imageForm = (x: Emitter): ImageForm => ({ wide: x.i.isWide, vectors: x.vectorCount });
instruction("fxsave", ["NP 0F AE /0 mem M"], { memory: true }, (x) => {
  const form = imageForm(x);
  withAddress(x, 16, (core, at) => {
    probeLegacy(core, at, true);
    const image = core.readBytes(at, LEGACY_WRITTEN);
    saveLegacy(core, image, form);
    core.writeBytes(at, image);
  });
});
instruction("fxrstor", ["NP 0F AE /1 mem M"], { memory: true }, (x) => {
  const form = imageForm(x);
  withAddress(x, 16, (core, at) => {
    probeLegacy(core, at, false);
    restoreLegacy(core, core.readBytes(at, LEGACY_SIZE), form);
  });
});
const LEGACY_SIZE = 512;
const LEGACY_WRITTEN = 416;

/** A fault of the image's last byte comes before one of its first. */
function probeLegacy(core: Core, at: number, write: boolean): void {
  core.linear(at + LEGACY_SIZE - 1, 1, write);
  core.linear(at, LEGACY_SIZE, write);
}

/** edx:eax chooses among the components there are. */
const chosen = (core: Core) => core.gpr32(layout.RAX) & XCR0;

const saveState = (name: string, row: string, save: SaveForm) =>
  instruction(name, [row], { memory: true, level: 3 }, (x) => {
    const form = imageForm(x);
    withAddress(x, 64, (core, at) => {
      const components = chosen(core);
      core.linear(at, imageSize(components), true);
      const image = core.readBytes(at, imageSize(components));
      saveComponents(core, image, components, save, form);
      core.writeBytes(at, image);
    });
  });
saveState("xsave", "NP 0F AE /4 mem M", { compacted: false, optimised: false });
saveState("xsaveopt", "NP 0F AE /6 mem M", { compacted: false, optimised: true });
saveState("xsavec", "NP 0F C7 /4 mem M", { compacted: true, optimised: true });
instruction("xrstor", ["NP 0F AE /5 mem M"], { memory: true, level: 3 }, (x) => {
  const form = imageForm(x);
  withAddress(x, 64, (core, at) => {
    const components = chosen(core);
    restoreComponents(core, core.readBytes(at, imageSize(components)), components, form);
  });
});

/** XCR0, and with ecx 1 those of its components that are in use. */
instruction("xgetbv", ["NP 0F 01 /2 reg rm=0"], { memory: true, level: 3 }, (x) =>
  x.runMicrocode((core) => {
    const register = core.gpr32(layout.RCX);
    if (register > 1) throw new Exception(GENERAL_PROTECTION);
    core.setGpr32(layout.RAX, register === 0 ? XCR0 : componentsInUse(core));
    core.setGpr32(layout.RDX, 0);
  }),
);

/** Always ready: CF is set. */
instruction(
  "rdrand/rdseed",
  ["/6", "/7"].flatMap((digit) => [
    `NP 0F C7 ${digit} reg Ev`,
    `66 W0 0F C7 ${digit} reg Ew`,
    `66 W1 0F C7 ${digit} reg Eq`,
  ]),
  { writes: "OSZAPC", memory: true, level: 3 },
  (x) => {
    x.runMicrocode((core) => {
      core.entropy(core.scratchVector().subarray(0, 8));
    });
    const value = x.stateLoad(layout.OFFSET_SCRATCH, LOAD64);
    const bits = x.bits(0);
    x.write(0, bits === 64 ? value : x.cut(x.wrap(value), bits));
    x.setLazy(flags.EXPLICIT, 8, x.i32(layout.CF));
  },
);

/** Hands the operand's address to microcode; misaligned is #GP. */
function withAddress(x: Emitter, alignment: number, run: (core: Core, address: number) => void): void {
  const address = x.effectiveAddress();
  if (alignment > 1) x.trapWhen(x.and(x.wrap(address), x.i32(alignment - 1)), 13);
  x.stateStoreScratch(address);
  x.runMicrocode((core) => run(core, core.scratchAddress()));
}

/** FSGSBASE is not reported, but Linux enables it: programs may use it. */
const baseAccess = (name: string, digit: number, offset: number, write: boolean) =>
  instruction(name, [`o64 F3 0F AE /${digit} reg Ey`], { faults: write }, (x) => {
    if (!write) {
      const base = x.stateLoad(offset, LOAD64);
      return x.write(0, x.bits(0) === 64 ? base : x.wrap(base));
    }
    const value = x.bits(0) === 64 ? x.requireCanonical(x.read(0)) : x.read(0);
    x.stateStore(offset, LOAD64, x.bits(0) === 64 ? value : x.extendU(value));
  });
baseAccess("rdfsbase", 0, layout.OFFSET_FS_BASE, false);
baseAccess("rdgsbase", 1, layout.OFFSET_GS_BASE, false);
baseAccess("wrfsbase", 2, layout.OFFSET_FS_BASE, true);
baseAccess("wrgsbase", 3, layout.OFFSET_GS_BASE, true);

instruction("cmpxchg8b/16b", ["0F C7 /1 mem M"], { writes: "Z", lock: true, memory: true }, (x) => {
  const wide = x.i.operandSize === 64;
  const address = x.effectiveAddress();
  if (wide) x.requireAligned(address);
  x.stateStoreScratch(address);
  x.runMicrocode((core) => compareExchangePair(core, wide));
});

function compareExchangePair(core: Core, wide: boolean): void {
  const bits = wide ? 64n : 32n;
  const bytes = wide ? 16 : 8;
  const mask = (1n << bits) - 1n;
  const address = core.scratchAddress();
  core.linear(address, bytes, true);
  const memory = core.readBytes(address, bytes);
  const view = new DataView(memory.buffer);
  const half = (at: number) => (wide ? view.getBigUint64(at, true) : BigInt(view.getUint32(at, true)));
  const [low, high] = [half(0), half(bytes / 2)];
  const flags = core.arithmeticFlags & ~layout.ZF;
  const put = (at: number, value: bigint) =>
    wide ? view.setBigUint64(at, value, true) : view.setUint32(at, Number(value & mask), true);
  if (low === (core.gpr(layout.RAX) & mask) && high === (core.gpr(layout.RDX) & mask)) {
    put(0, core.gpr(layout.RBX) & mask);
    put(bytes / 2, core.gpr(layout.RCX) & mask);
    core.writeBytes(address, memory);
    core.arithmeticFlags = flags | layout.ZF;
  } else {
    core.setGpr(layout.RAX, low);
    core.setGpr(layout.RDX, high);
    core.arithmeticFlags = flags;
  }
}
