// The filters of seccomp: what is no filter is refused, what is one computes as BPF does.
import { describe, expect, test } from "vitest";
import { ClassicBpf } from "../../../src/kernel/seccomp/classic-bpf.js";

type Instruction = readonly [code: number, jt: number, jf: number, k: number];

function program(...code: Instruction[]): ClassicBpf {
  const view = new DataView(new ArrayBuffer(code.length * 8));
  code.forEach(([op, jt, jf, k], index) => {
    view.setUint16(index * 8, op, true);
    view.setUint8(index * 8 + 2, jt);
    view.setUint8(index * 8 + 3, jf);
    view.setUint32(index * 8 + 4, k, true);
  });
  return new ClassicBpf(new Uint8Array(view.buffer));
}

const data = new DataView(new ArrayBuffer(64));
data.setUint32(0, 39, true);
data.setUint32(16, 7, true);

const [LD_ABS, LD_IMM, LDX_IMM, ST, LD_MEM, RET_A, RET_K, TAX] = [0x20, 0, 1, 2, 0x60, 0x16, 6, 7];

describe("filters", () => {
  test.each<[string, Instruction[], number]>([
    ["a constant", [[RET_K, 0, 0, 5]], 5],
    [
      "the call",
      [
        [LD_ABS, 0, 0, 0],
        [RET_A, 0, 0, 0],
      ],
      39,
    ],
    [
      "a jump",
      [
        [LD_ABS, 0, 0, 0],
        [0x15, 0, 1, 39],
        [RET_K, 0, 0, 1],
        [RET_K, 0, 0, 2],
      ],
      1,
    ],
    [
      "a jump over",
      [
        [5, 0, 0, 1],
        [RET_K, 0, 0, 1],
        [RET_K, 0, 0, 2],
      ],
      2,
    ],
    [
      "a product that overflows",
      [
        [LD_IMM, 0, 0, 0x10001],
        [0x24, 0, 0, 0x10001],
        [RET_A, 0, 0, 0],
      ],
      0x20001,
    ],
    [
      "a difference below zero",
      [
        [LD_IMM, 0, 0, 1],
        [0x14, 0, 0, 2],
        [RET_A, 0, 0, 0],
      ],
      0xffffffff,
    ],
    [
      "memory",
      [
        [LD_ABS, 0, 0, 16],
        [ST, 0, 0, 3],
        [LD_IMM, 0, 0, 0],
        [LD_MEM, 0, 0, 3],
        [RET_A, 0, 0, 0],
      ],
      7,
    ],
    [
      "division by X",
      [
        [LD_IMM, 0, 0, 9],
        [LDX_IMM, 0, 0, 2],
        [0x3c, 0, 0, 0],
        [RET_A, 0, 0, 0],
      ],
      4,
    ],
    [
      "division by a zero in X",
      [
        [LD_IMM, 0, 0, 0],
        [TAX, 0, 0, 0],
        [0x3c, 0, 0, 0],
        [RET_K, 0, 0, 9],
      ],
      0,
    ],
  ])("%s", (_, code, result) => {
    expect(program(...code).run(data)).toBe(result);
  });
});

describe("no filters", () => {
  test.each<[string, Instruction[]]>([
    ["no end", [[LD_ABS, 0, 0, 0]]],
    [
      "a jump beyond the end",
      [
        [5, 0, 0, 5],
        [RET_K, 0, 0, 0],
      ],
    ],
    [
      "memory that was never written",
      [
        [LD_MEM, 0, 0, 1],
        [RET_A, 0, 0, 0],
      ],
    ],
    [
      "memory written on one way only",
      [
        [0x15, 0, 1, 0],
        [ST, 0, 0, 1],
        [LD_MEM, 0, 0, 1],
        [RET_A, 0, 0, 0],
      ],
    ],
    [
      "bytes of a packet",
      [
        [0x30, 0, 0, 0],
        [RET_K, 0, 0, 0],
      ],
    ],
    [
      "a load beyond the data",
      [
        [LD_ABS, 0, 0, 64],
        [RET_K, 0, 0, 0],
      ],
    ],
    [
      "division by zero",
      [
        [0x34, 0, 0, 0],
        [RET_K, 0, 0, 0],
      ],
    ],
  ])("%s", (_, code) => {
    expect(() => program(...code)).toThrow();
  });
});
