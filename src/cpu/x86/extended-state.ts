// The FXSAVE / XSAVE memory image of the x87, MXCSR and vector state. SDM vol. 1, 13.4.
import * as layout from "../../machine/state-layout.js";
import type { Core } from "../core.js";

const LEGACY_SIZE = 512;
const MXCSR_MASK = 0xffff;
const MXCSR_EXCEPTION_FLAGS = 0x3f;
const MXCSR_DEFAULT = 0x1f80;
const XSTATE_BV = 512;
const AVX_AREA = 576;

/** The 512-byte legacy image. */
export function saveLegacy(core: Core): Uint8Array {
  const image = new Uint8Array(LEGACY_SIZE);
  writeLegacy(core, image);
  return image;
}

function writeLegacy(core: Core, image: Uint8Array): void {
  const view = new DataView(image.buffer, image.byteOffset);
  const top = core.state32(layout.OFFSET_FPU_TOP) & 7;
  view.setUint16(0, core.state32(layout.OFFSET_FPU_CONTROL), true);
  view.setUint16(2, core.state32(layout.OFFSET_FPU_STATUS) | (top << 11), true);
  image[4] = core.state32(layout.OFFSET_FPU_TAG);
  view.setUint16(6, core.state32(layout.OFFSET_FPU_OPCODE), true);
  view.setBigUint64(8, core.state64(layout.OFFSET_FPU_IP), true);
  view.setBigUint64(16, core.state64(layout.OFFSET_FPU_DP), true);
  view.setUint32(24, core.state32(layout.OFFSET_MXCSR), true);
  view.setUint32(28, MXCSR_MASK, true);
  const u8 = core.memory.u8;
  for (let i = 0; i < 8; i++) {
    const at = layout.STATE + layout.OFFSET_FPU_REGISTERS + ((top + i) & 7) * 16;
    image.set(u8.subarray(at, at + 10), 32 + i * 16);
  }
  for (let i = 0; i < 16; i++) image.set(core.xmm(i), 160 + i * 16);
}

export function restoreLegacy(core: Core, image: Uint8Array): void {
  const view = new DataView(image.buffer, image.byteOffset);
  const status = view.getUint16(2, true);
  const top = (status >> 11) & 7;
  core.setState32(layout.OFFSET_FPU_CONTROL, view.getUint16(0, true));
  core.setState32(layout.OFFSET_FPU_STATUS, status & ~0x3800);
  core.setState32(layout.OFFSET_FPU_TOP, top);
  core.setState32(layout.OFFSET_FPU_TAG, image[4]);
  core.setState32(layout.OFFSET_FPU_OPCODE, view.getUint16(6, true));
  core.setState64(layout.OFFSET_FPU_IP, view.getBigUint64(8, true));
  core.setState64(layout.OFFSET_FPU_DP, view.getBigUint64(16, true));
  const mxcsr = view.getUint32(24, true) & MXCSR_MASK;
  // Flags alone may be another thread's.
  if ((mxcsr & ~MXCSR_EXCEPTION_FLAGS) !== MXCSR_DEFAULT) core.wantExactFloat();
  core.setState32(layout.OFFSET_MXCSR, mxcsr);
  const u8 = core.memory.u8;
  for (let i = 0; i < 8; i++) {
    const at = layout.STATE + layout.OFFSET_FPU_REGISTERS + ((top + i) & 7) * 16;
    u8.set(image.subarray(32 + i * 16, 42 + i * 16), at);
  }
  for (let i = 0; i < 16; i++) core.xmm(i).set(image.subarray(160 + i * 16, 176 + i * 16));
}

/** The standard-format XSAVE image: legacy area, header, the upper halves of ymm. */
export function saveExtended(core: Core, image: Uint8Array): void {
  image.fill(0);
  writeLegacy(core, image);
  image[XSTATE_BV] = 7;
  for (let i = 0; i < 16; i++) image.set(upperHalf(core, i), AVX_AREA + i * 16);
}

export function restoreExtended(core: Core, image: Uint8Array): void {
  restoreLegacy(core, image);
  for (let i = 0; i < 16; i++) upperHalf(core, i).set(image.subarray(AVX_AREA + i * 16, AVX_AREA + 16 + i * 16));
}

function upperHalf(core: Core, register: number): Uint8Array {
  const at = layout.STATE + layout.OFFSET_VECTOR + register * layout.VECTOR_STRIDE + 16;
  return core.memory.u8.subarray(at, at + 16);
}
