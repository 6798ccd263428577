// The oracle itself: a case's registers, flags, vectors, memory and faults come back as the processor left them.
import { describe, expect, test } from "vitest";
import {
  CODE_BASE,
  type CpuCase,
  DATA_BASE,
  DATA_WINDOW,
  DEFAULT_CODE_OFFSET,
  DEFAULT_DATA_OFFSET,
  initialDataArea,
  initialXsave,
  NO_STRAY,
  strayOf,
  TRAP_SYSTEM_CALL,
  TRAP_TIMEOUT,
} from "./cpu-case.js";
import { nativeUnavailable, runNative } from "./native-driver.js";

const unavailable = nativeUnavailable();
const AT = BigInt(CODE_BASE + DEFAULT_CODE_OFFSET);
const WINDOW = BigInt(DATA_BASE + DEFAULT_DATA_OFFSET);

function makeCase(code: number[], parts: Partial<CpuCase> = {}): CpuCase {
  return {
    code: Uint8Array.from(code),
    gpr: Array.from({ length: 16 }, (_, index) => BigInt(index) * 0x1111_1111_1111n),
    rflags: 0,
    xsave: initialXsave(),
    data: new Uint8Array(DATA_WINDOW),
    ...parts,
  };
}

function withRegister(index: number, value: bigint): bigint[] {
  return Array.from({ length: 16 }, (_, register) => (register === index ? value : 0n));
}

async function run(test: CpuCase) {
  return (await runNative([test]))[0];
}

describe.skipIf(unavailable)(`native oracle${unavailable ? ` (skipped: ${unavailable})` : ""}`, () => {
  test("general registers and flags go in and come out", async () => {
    const outcome = await run(makeCase([0x48, 0x01, 0xd8], { rflags: 0x400 })); // add rax, rbx
    expect(outcome.trap).toBe(3);
    expect(outcome.rip).toBe(AT + 3n);
    expect(outcome.gpr[0]).toBe(0x3333_3333_3333n);
    expect(outcome.gpr.slice(1)).toEqual(makeCase([]).gpr.slice(1));
    expect(outcome.rflags & 0x8d5).toBe(0x4); // PF of 0x33
    expect(outcome.rflags & 0x400).toBe(0x400);
  });

  test("x87, SSE and AVX state go in and come out", async () => {
    const xsave = initialXsave();
    const view = new DataView(xsave.buffer);
    for (let at = 160; at < 416; at++) xsave[at] = at & 0xff;
    for (let at = 576; at < 832; at++) xsave[at] = (at * 3) & 0xff;
    xsave[4] = 0xff;
    view.setUint16(2, 3 << 11, true);
    for (let register = 0; register < 8; register++) {
      view.setBigUint64(32 + register * 16, 0x8000_0000_0000_0001n + BigInt(register), true);
      view.setUint16(40 + register * 16, 0x3fff, true);
    }
    expect((await run(makeCase([], { xsave }))).xsave).toEqual(xsave);
  });

  test("memory: inside the window, outside it, and past the end", async () => {
    const store = makeCase([0x48, 0x89, 0x03], { gpr: withRegister(3, WINDOW) }); // mov [rbx], rax
    expect((await run({ ...store, gpr: [0x1234n, 0n, 0n, ...store.gpr.slice(3)] })).data.slice(0, 3)).toEqual(
      Uint8Array.of(0x34, 0x12, 0),
    );
    const outside = { ...store, gpr: withRegister(3, BigInt(DATA_BASE + 0x20)) };
    const area = initialDataArea(outside);
    expect(strayOf(area)).toEqual(NO_STRAY);
    area.fill(0, 0x20, 0x28);
    expect((await run(outside)).stray).toEqual(strayOf(area));
    const fault = await run({ ...store, gpr: withRegister(3, BigInt(DATA_BASE + 0x1ffc)) });
    expect(fault).toMatchObject({ trap: 14, error: 6, rip: AT, cr2: BigInt(DATA_BASE + 0x2000), stray: NO_STRAY });
  });

  test("faults, endless loops and system calls end a case", async () => {
    const outcomes = await runNative([
      makeCase([0x0f, 0x0b]), // ud2
      makeCase([0xf7, 0xf1], { gpr: withRegister(0, 1n) }), // div ecx
      makeCase([0xeb, 0xfe]), // jmp .
      makeCase([0x0f, 0x05]), // syscall
      makeCase([0xf4]), // hlt
      makeCase([0x90]),
    ]);
    expect(outcomes.map((outcome) => outcome.trap)).toEqual([6, 0, TRAP_TIMEOUT, TRAP_SYSTEM_CALL, 13, 3]);
  });

  test("large batches", async () => {
    const cases = Array.from({ length: 20_000 }, (_, index) =>
      makeCase([0x48, 0xff, 0xc0], { gpr: withRegister(0, BigInt(index)) }),
    );
    const outcomes = await runNative(cases);
    expect(outcomes.every((outcome, index) => outcome.gpr[0] === BigInt(index) + 1n)).toBe(true);
  });
});
