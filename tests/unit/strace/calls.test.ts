// Every call of calls.txt must print the line strace 7.2 printed for the same registers and memory.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { errnoNumber } from "../../../src/abi/errno.js";
import { defaultOptions } from "../../../src/strace/options.js";
import { Strace } from "../../../src/strace/tracer.js";
import { syscalls } from "../../../src/syscalls/table.js";
import { FakeTracee } from "./fake-tracee.js";

interface Recorded {
  readonly input: string;
  readonly line: string;
  readonly printed: string;
}

/** Puts a call line's arguments into registers and memory, as the recording program did. */
class Feeder {
  tracee = new FakeTracee();
  #free = this.tracee.base;

  #place(bytes: Uint8Array): bigint {
    const at = this.#free;
    this.tracee.poke(at, bytes);
    this.#free = Math.ceil((at + bytes.length) / 16) * 16;
    return BigInt(at);
  }

  feed(input: string): void {
    const values: bigint[] = [];
    for (const word of input.match(/"[^"]*"|\S+/g) ?? []) {
      if (word.startsWith('"')) values.push(this.#place(Buffer.from(`${word.slice(1, -1)}\0`)));
      else if (word.startsWith("#")) values.push(this.#place(new Uint8Array(Number(word.slice(1)))));
      else if (word.startsWith("@")) values.push(this.#place(bytesOf(word.slice(1), values)));
      else values.push(word.startsWith("-") ? -BigInt(word.slice(1)) : BigInt(word));
    }
    this.tracee.call(Number(values[0]), values.slice(1));
  }
}

function bytesOf(text: string, values: readonly bigint[]): Uint8Array {
  const bytes: number[] = [];
  for (let i = 0; i < text.length; ) {
    if (text[i] === ",") i++;
    else if (text[i] === "&") {
      for (let shift = 0n; shift < 64n; shift += 8n)
        bytes.push(Number(((values[Number(text[i + 1])] ?? 0n) >> shift) & 255n));
      i += 2;
    } else {
      bytes.push(Number.parseInt(text.slice(i, i + 2).padEnd(2, "0"), 16));
      i += 2;
    }
  }
  return Uint8Array.from(bytes);
}

function replay(): Recorded[] {
  const recorded: Recorded[] = [];
  let feeder = new Feeder();
  let result = 0n;
  let printed = "";
  const destination = { immediate: true, write: (text: string) => void (printed += text) };
  const options = { ...defaultOptions(), columns: 1, toFile: true };
  const clock = { realtime: () => 0n, monotonic: () => 0 };
  let tracer = new Strace(options, syscalls, { clock, destination: () => destination, messages: destination });
  let input = "";
  for (const line of readFileSync(new URL("calls.txt", import.meta.url), "utf8").split("\n")) {
    const [word, rest] = [line.split(" ")[0], line.slice(line.indexOf(" ") + 1)];
    if (word === "heap") {
      feeder = new Feeder();
      tracer = new Strace(options, syscalls, { clock, destination: () => destination, messages: destination });
      feeder.tracee.call(0, []);
      tracer.syscallEntry(feeder.tracee);
      tracer.syscallExit(feeder.tracee);
    } else if (word === "result") result = BigInt(rest);
    else if (word === "error") result = -BigInt(errnoNumber(rest) ?? 0);
    else if (word === "netlink") feeder.tracee.netlinkProtocol = Number(rest);
    else if (word === ">") input = rest;
    else if (word === "<") {
      printed = "";
      feeder.feed(input);
      tracer.syscallEntry(feeder.tracee);
      feeder.tracee.returns(result);
      tracer.syscallExit(feeder.tracee);
      if (rest !== "?") recorded.push({ input, line: rest, printed: printed.trimEnd() });
    }
  }
  return recorded;
}

describe("calls as strace 7.2 prints them", () => {
  test.each(replay())("$line", ({ line, printed }) => {
    expect(printed).toBe(line);
  });
});
