// The FXSAVE / XSAVE memory image of the x87, MXCSR and vector state. SDM vol. 1, chapters 10.5 and 13.
import { GENERAL_PROTECTION } from "../../machine/processor.js";
import * as layout from "../../machine/state-layout.js";
import { type Core, Exception } from "../core.js";
import { Fpu } from "./fpu.js";

/** State components. */
const X87 = 1;
const SSE = 2;
const AVX = 4;
/** XCR0: all that there are. */
export const XCR0 = X87 | SSE | AVX;

const MXCSR = 24;
const MXCSR_MASK = 0xffff;
const MXCSR_INITIAL = 0x1f80;
const MXCSR_EXCEPTION_FLAGS = 0x3f;
const CONTROL_INITIAL = 0x37f;
const XMM_AREA = 160;
const XMM_END = 416;
const LEGACY_SIZE = 512;
const XSTATE_BV = 512;
const XCOMP_BV = 520;
const COMPACTED = 1n << 63n;
const HEADER_END = 576;
const AVX_AREA = 576;
/** Bytes of an image with these components. */
export const imageSize = (components: number): number => (components & AVX ? AVX_AREA + 256 : HEADER_END);

const viewOf = (image: Uint8Array) => new DataView(image.buffer, image.byteOffset, image.byteLength);

function upperHalf(core: Core, register: number): Uint8Array {
  const at = layout.STATE + layout.OFFSET_VECTOR + register * layout.VECTOR_STRIDE + 16;
  return core.memory.u8.subarray(at, at + 16);
}

function x87Register(core: Core, index: number): Uint8Array {
  const at = layout.STATE + layout.OFFSET_FPU_REGISTERS + index * 16;
  return core.memory.u8.subarray(at, at + 10);
}

/** What of an image depends on the instruction. */
export interface ImageForm {
  /** 64-bit instruction and operand pointers (REX.W), else 32 bits and a selector that processors of today give as 0. */
  readonly wide: boolean;
  /** Vector registers: in compatibility mode 8. */
  readonly vectors: number;
}
const WHOLE: ImageForm = { wide: true, vectors: 16 };

function eachVector({ vectors }: ImageForm, visit: (register: number) => void): void {
  for (let register = 0; register < vectors; register++) visit(register);
}

function writeX87(core: Core, image: Uint8Array, { wide }: ImageForm): void {
  const view = viewOf(image);
  const fpu = new Fpu(core);
  view.setUint16(0, fpu.control, true);
  view.setUint16(2, fpu.status, true);
  image[4] = fpu.tag;
  image[5] = 0;
  view.setUint16(6, core.state32(layout.OFFSET_FPU_OPCODE), true);
  const pointer = (offset: number) => (wide ? core.state64(offset) : core.state64(offset) & 0xffff_ffffn);
  view.setBigUint64(8, pointer(layout.OFFSET_FPU_IP), true);
  view.setBigUint64(16, pointer(layout.OFFSET_FPU_DP), true);
  for (let i = 0; i < 8; i++) {
    image.set(x87Register(core, (fpu.top + i) & 7), 32 + i * 16);
    image.fill(0, 42 + i * 16, 48 + i * 16);
  }
}

/** FIP is kept as wide as an address can be with five levels of page tables, and loaded sign-extended. */
const POINTER_BITS = 57;

function readX87(core: Core, image: Uint8Array, { wide }: ImageForm): void {
  const view = viewOf(image);
  const fpu = new Fpu(core);
  fpu.control = view.getUint16(0, true);
  fpu.status = view.getUint16(2, true);
  fpu.tag = image[4];
  core.setState32(layout.OFFSET_FPU_OPCODE, view.getUint16(6, true) & 0x7ff);
  const pointer = (at: number) => (wide ? view.getBigUint64(at, true) : BigInt(view.getUint32(at, true)));
  core.setState64(layout.OFFSET_FPU_IP, BigInt.asIntN(POINTER_BITS, pointer(8)));
  core.setState64(layout.OFFSET_FPU_DP, pointer(16));
  for (let i = 0; i < 8; i++) x87Register(core, (fpu.top + i) & 7).set(image.subarray(32 + i * 16, 42 + i * 16));
}

function writeMxcsr(core: Core, image: Uint8Array): void {
  viewOf(image).setUint32(MXCSR, core.state32(layout.OFFSET_MXCSR), true);
  viewOf(image).setUint32(MXCSR + 4, MXCSR_MASK, true);
}

const writeXmm = (core: Core, image: Uint8Array, form: ImageForm) =>
  eachVector(form, (i) => {
    image.set(core.xmm(i), XMM_AREA + i * 16);
  });
const readXmm = (core: Core, image: Uint8Array, form: ImageForm) =>
  eachVector(form, (i) => {
    core.xmm(i).set(image.subarray(XMM_AREA + i * 16, XMM_AREA + 16 + i * 16));
  });
const writeAvx = (core: Core, image: Uint8Array, form: ImageForm) =>
  eachVector(form, (i) => {
    image.set(upperHalf(core, i), AVX_AREA + i * 16);
  });
const readAvx = (core: Core, image: Uint8Array, form: ImageForm) =>
  eachVector(form, (i) => {
    upperHalf(core, i).set(image.subarray(AVX_AREA + i * 16, AVX_AREA + 16 + i * 16));
  });

/** XINUSE: the components that are not in their initial state. */
export function componentsInUse(core: Core): number {
  const legacy = new Uint8Array(LEGACY_SIZE);
  writeX87(core, legacy, WHOLE);
  const view = viewOf(legacy);
  const initial = view.getUint16(0, true) === CONTROL_INITIAL && legacy.every((byte, at) => at < 2 || byte === 0);
  const zero = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);
  let inUse = initial ? 0 : X87;
  eachVector(WHOLE, (i) => {
    if (!zero(core.xmm(i))) inUse |= SSE;
    if (!zero(upperHalf(core, i))) inUse |= AVX;
  });
  return inUse;
}

/** FXSAVE writes the first 416 bytes of `image`. */
export function saveLegacy(core: Core, image: Uint8Array, form: ImageForm): void {
  writeX87(core, image, form);
  writeMxcsr(core, image);
  writeXmm(core, image, form);
}

export function restoreLegacy(core: Core, image: Uint8Array, form: ImageForm): void {
  restoreMxcsr(core, image);
  readX87(core, image, form);
  readXmm(core, image, form);
}

/** Reserved bits are #GP. */
function restoreMxcsr(core: Core, image: Uint8Array): void {
  const mxcsr = viewOf(image).getUint32(MXCSR, true);
  if (mxcsr & ~MXCSR_MASK) throw new Exception(GENERAL_PROTECTION);
  core.loadMxcsr(mxcsr);
}

/** What XSAVE and its variants differ in. */
export interface SaveForm {
  /** XSAVEC: the compacted format. */
  readonly compacted: boolean;
  /** XSAVEOPT and XSAVEC: components in their initial state are not written. */
  readonly optimised: boolean;
}

/** XSAVE, XSAVEOPT and XSAVEC of `components` into the image found in memory. SDM vol. 1, 13.7 to 13.10. */
export function saveComponents(
  core: Core,
  image: Uint8Array,
  components: number,
  save: SaveForm,
  form: ImageForm,
): void {
  let inUse = componentsInUse(core);
  // MXCSR is no part of what XINUSE says, but these two look at it.
  if (save.optimised && core.state32(layout.OFFSET_MXCSR) !== MXCSR_INITIAL) inUse |= SSE;
  const written = save.optimised ? components & inUse : components;
  if (written & X87) writeX87(core, image, form);
  if (save.compacted ? written & SSE : components & (SSE | AVX)) writeMxcsr(core, image);
  if (written & SSE) writeXmm(core, image, form);
  if (written & AVX) writeAvx(core, image, form);
  const view = viewOf(image);
  const before = save.compacted ? 0n : view.getBigUint64(XSTATE_BV, true);
  view.setBigUint64(XSTATE_BV, (before & ~BigInt(components)) | BigInt(components & inUse), true);
  if (save.compacted) view.setBigUint64(XCOMP_BV, COMPACTED | BigInt(components), true);
}

/** XRSTOR. Components that the image has not go to their initial state. SDM vol. 1, 13.8. */
export function restoreComponents(core: Core, image: Uint8Array, components: number, form: ImageForm): void {
  const view = viewOf(image);
  const present = view.getBigUint64(XSTATE_BV, true);
  const compaction = view.getBigUint64(XCOMP_BV, true);
  const compacted = (compaction & COMPACTED) !== 0n;
  const allowed = compacted ? compaction & ~COMPACTED : BigInt(XCR0);
  const reserved = compacted ? image.subarray(XCOMP_BV + 8, HEADER_END) : image.subarray(XCOMP_BV, XCOMP_BV + 16);
  if (present & ~allowed || allowed & ~BigInt(XCR0) || reserved.some((byte) => byte !== 0))
    throw new Exception(GENERAL_PROTECTION);
  const loaded = Number(present) & components;
  if (compacted) {
    if (loaded & SSE) restoreMxcsr(core, image);
    else if (components & SSE) core.loadMxcsr(MXCSR_INITIAL);
  } else if (components & (SSE | AVX)) restoreMxcsr(core, image);
  const initial = new Uint8Array(imageSize(AVX));
  viewOf(initial).setUint16(0, CONTROL_INITIAL, true);
  const source = (component: number) => (loaded & component ? image : initial);
  if (components & X87) readX87(core, source(X87), form);
  if (components & SSE) readXmm(core, source(SSE), form);
  if (components & AVX) readAvx(core, source(AVX), form);
}

/** The standard-format image the kernel keeps, all components written. */
export function saveExtended(core: Core, image: Uint8Array): void {
  image.fill(0);
  saveLegacy(core, image.subarray(0, XMM_END), WHOLE);
  writeAvx(core, image, WHOLE);
  image[XSTATE_BV] = XCR0;
}

export function restoreExtended(core: Core, image: Uint8Array): void {
  const mxcsr = viewOf(image).getUint32(MXCSR, true) & MXCSR_MASK;
  // Flags alone may be another thread's.
  if ((mxcsr & ~MXCSR_EXCEPTION_FLAGS) !== MXCSR_INITIAL) core.wantExactFloat();
  core.setState32(layout.OFFSET_MXCSR, mxcsr);
  readX87(core, image, WHOLE);
  readXmm(core, image, WHOLE);
  readAvx(core, image, WHOLE);
}
