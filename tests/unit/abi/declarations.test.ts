// The declarations against themselves and against the kernel's tables of numbers.
import { expect, test } from "vitest";
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

test("names are unique", () => {
  expect(new Set(syscalls.map(({ name }) => name)).size).toBe(syscalls.length);
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
