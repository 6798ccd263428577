// Cases and outcomes as the bytes that travel: records side by side in one buffer, so that millions need no object each.
// The layouts are struct test_case and struct outcome of run-cases.c.
import {
  type CpuCase,
  type CpuOutcome,
  DATA_WINDOW,
  DEFAULT_CODE_OFFSET,
  DEFAULT_DATA_OFFSET,
  MAX_CODE,
  NO_STRAY,
  normalizeXsave,
  XSAVE_SIZE,
} from "./cpu-case.js";

export const CASE_SIZE = 1312;
/** `quick`, in what the processor does not read, is not 0 when floating point of the quick kind has to be right too. */
export const CASE = {
  length: 0,
  codeOffset: 4,
  dataOffset: 8,
  rflags: 12,
  gpr: 16,
  code: 144,
  data: 208,
  xsave: 464,
  mxcsr: 488,
  quick: 1296,
  /** 1: compatibility mode. */
  is32: 1300,
};
export const OUTCOME_SIZE = 1280;
export const OUTCOME = {
  gpr: 0,
  rip: 128,
  rflags: 136,
  cr2: 144,
  trap: 152,
  error: 156,
  stray: 160,
  segments: 172,
  data: 176,
  xsave: 432,
  fsBase: 1264,
  gsBase: 1272,
};

/** `capacity` records of `size` bytes and the views on them. Offsets are bytes from the first record. */
export class Records {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly words: Int32Array;
  readonly size: number;

  constructor(size: number, capacity: number) {
    this.size = size;
    this.bytes = new Uint8Array(size * capacity);
    this.view = new DataView(this.bytes.buffer);
    this.words = new Int32Array(this.bytes.buffer);
  }

  get capacity(): number {
    return this.bytes.length / this.size;
  }
}

export function encodeCase(test: CpuCase, { bytes, view }: Records, at: number): void {
  if (test.code.length > MAX_CODE) throw new RangeError(`${test.code.length} bytes of code`);
  if (test.data.length !== DATA_WINDOW || test.xsave.length !== XSAVE_SIZE || test.gpr.length !== 16)
    throw new RangeError("a case's data, xsave or gpr has the wrong length");
  view.setUint32(at + CASE.length, test.code.length, true);
  view.setUint32(at + CASE.codeOffset, test.codeOffset ?? DEFAULT_CODE_OFFSET, true);
  view.setUint32(at + CASE.dataOffset, test.dataOffset ?? DEFAULT_DATA_OFFSET, true);
  view.setUint32(at + CASE.rflags, test.rflags, true);
  view.setUint32(at + CASE.is32, test.mode === 32 ? 1 : 0, true);
  test.gpr.forEach((value, index) => {
    view.setBigUint64(at + CASE.gpr + index * 8, value, true);
  });
  bytes.set(test.code, at + CASE.code);
  bytes.set(test.data, at + CASE.data);
  bytes.set(test.xsave, at + CASE.xsave);
}

export function decodeCase({ bytes, view }: Records, at: number): CpuCase {
  return {
    mode: view.getUint32(at + CASE.is32, true) ? 32 : 64,
    code: bytes.slice(at + CASE.code, at + CASE.code + view.getUint32(at + CASE.length, true)),
    gpr: Array.from({ length: 16 }, (_, index) => view.getBigUint64(at + CASE.gpr + index * 8, true)),
    rflags: view.getUint32(at + CASE.rflags, true),
    xsave: bytes.slice(at + CASE.xsave, at + CASE.xsave + XSAVE_SIZE),
    data: bytes.slice(at + CASE.data, at + CASE.data + DATA_WINDOW),
    codeOffset: view.getUint32(at + CASE.codeOffset, true),
    dataOffset: view.getUint32(at + CASE.dataOffset, true),
  };
}

/** Brings an outcome, the processor's or ours, to the form in which they are compared. */
export function normalizeOutcome({ bytes }: Records, at: number): void {
  normalizeXsave(bytes.subarray(at + OUTCOME.xsave, at + OUTCOME.xsave + XSAVE_SIZE));
}

/** Of a normalised record. */
export function decodeOutcome({ bytes, view }: Records, at: number): CpuOutcome {
  const first = view.getInt32(at + OUTCOME.stray, true);
  return {
    gpr: Array.from({ length: 16 }, (_, index) => view.getBigUint64(at + OUTCOME.gpr + index * 8, true)),
    rip: view.getBigUint64(at + OUTCOME.rip, true),
    rflags: Number(view.getBigUint64(at + OUTCOME.rflags, true)),
    cr2: view.getBigUint64(at + OUTCOME.cr2, true),
    trap: view.getUint32(at + OUTCOME.trap, true),
    error: view.getUint32(at + OUTCOME.error, true),
    stray:
      first < 0
        ? NO_STRAY
        : {
            first,
            last: view.getInt32(at + OUTCOME.stray + 4, true),
            hash: view.getUint32(at + OUTCOME.stray + 8, true),
          },
    data: bytes.slice(at + OUTCOME.data, at + OUTCOME.data + DATA_WINDOW),
    xsave: bytes.slice(at + OUTCOME.xsave, at + OUTCOME.xsave + XSAVE_SIZE),
    fsBase: view.getBigUint64(at + OUTCOME.fsBase, true),
    gsBase: view.getBigUint64(at + OUTCOME.gsBase, true),
    segments: view.getUint32(at + OUTCOME.segments, true),
  };
}
