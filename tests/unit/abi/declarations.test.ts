// The declarations against themselves and against the kernel's tables of numbers.
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ShowContext, type TokenSink } from "../../../src/abi/show.js";
import { defaultOptions } from "../../../src/strace/options.js";
import { syscalls } from "../../../src/syscalls/table.js";
import { FakeTracee } from "../strace/fake-tracee.js";

test("every x86-64 number up to the newest call is declared once", () => {
  const numbers = syscalls.map(({ nr }) => nr.x64).filter((number) => number !== undefined);
  expect(new Set(numbers).size).toBe(numbers.length);
  const all = new Set(numbers);
  for (let number = 0; number <= 334; number++) expect(all.has(number), `${number}`).toBe(true);
  for (let number = 424; number <= 471; number++) expect(all.has(number), `${number}`).toBe(true);
});

test.each(["x64", "i386", "x32"] as const)("names are unique in the table of %s", (table) => {
  const names = syscalls.filter(({ nr }) => nr[table] !== undefined).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length - DOUBLED[table]);
});

/** Calls that two numbers of a table have under one name. */
const DOUBLED = { x64: 0, i386: 0, x32: 0 };

const HEADERS = "/usr/include/x86_64-linux-gnu/asm";
/** The newest number in the headers of 6.1, after which all tables have the same calls; and one that x86-64 alone has got since. */
const NEWEST_IN_HEADERS = 450;
const NR_URETPROBE = 335;

describe.skipIf(!existsSync(`${HEADERS}/unistd_32.h`))("the kernel's own headers", () => {
  test.each([
    ["x64", "unistd_64.h"],
    ["i386", "unistd_32.h"],
    ["x32", "unistd_x32.h"],
  ] as const)("have the numbers of %s, no more and no less", (table, header) => {
    const text = readFileSync(`${HEADERS}/${header}`, "utf8");
    const wanted = [...text.matchAll(/#define __NR_\w+ \(?(?:__X32_SYSCALL_BIT \+ )?(\d+)\)?/g)].map(([, n]) =>
      Number(n),
    );
    const declared = syscalls.map(({ nr }) => nr[table]).filter((number) => number !== undefined);
    const older = (number: number): boolean =>
      (number <= NEWEST_IN_HEADERS && number !== NR_URETPROBE) || number >= 512;
    const byNumber = (a: number, b: number): number => a - b;
    expect(declared.filter(older).sort(byNumber)).toEqual(wanted.filter(older).sort(byNumber));
    expect(new Set(declared).size).toBe(declared.length);
  });
});

test.each(syscalls)("$name names only arguments it has", (call) => {
  const tracee = new FakeTracee();
  const names = Object.keys(call.args);
  const nothing = (): void => {};
  const sink: TokenSink = {
    punct: nothing,
    name: nothing,
    number: nothing,
    address: nothing,
    flag: nothing,
    string: nothing,
    comment: nothing,
    annotation: nothing,
  };
  class Strict extends ShowContext {
    override low(name: string): number {
      expect(names).toContain(name);
      return super.low(name);
    }
    override high(name: string): number {
      expect(names).toContain(name);
      return super.high(name);
    }
    override unsigned(name: string): number {
      expect(names).toContain(name);
      return super.unsigned(name);
    }
  }
  for (const values of [[], Array(6).fill(0x404000n), [1n, 0x404000n, 1n, 0x404100n, 1n, 1n]] as bigint[][]) {
    tracee.call(call.nr.x64 ?? 0, values);
    tracee.returns(1n);
    const context = new Strict(tracee, defaultOptions().style, sink);
    context.argumentNames = names;
    context.exiting = true;
    for (const [index, type] of Object.values(call.args).entries()) {
      context.index = index;
      if (type.present?.(context) === false) continue;
      type.enter?.(context, tracee.argumentLow(index), tracee.argumentHigh(index));
      type.show(context, tracee.argumentLow(index), tracee.argumentHigh(index));
    }
    call.returns.show(context, 1, 0);
  }
});
