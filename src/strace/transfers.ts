// -e read= and -e write=: the bytes a call moved, as hex dumps below its line.
import type { ShowContext } from "../abi/show.js";
import type { Call } from "./call.js";
import { hexDump } from "./dump.js";
import { none, type StraceOptions } from "./options.js";
import type { Output } from "./output.js";

const reading = new Set(["read", "pread64", "recvfrom"]);
const writing = new Set(["write", "pwrite64", "sendto"]);
const readingVectors = new Set(["readv", "preadv", "preadv2"]);
const writingVectors = new Set(["writev", "pwritev", "pwritev2"]);

export function dumpTransfers(output: Output, c: ShowContext, call: Call | undefined, options: StraceOptions): void {
  if (call === undefined || (options.dumpRead === none && options.dumpWrite === none)) return;
  const { name } = call;
  const reads = reading.has(name) || readingVectors.has(name);
  if (!reads && !writing.has(name) && !writingVectors.has(name)) return;
  const fd = c.argumentLow(0);
  if (!(reads ? options.dumpRead(fd) : options.dumpWrite(fd))) return;
  if (readingVectors.has(name) || writingVectors.has(name)) dumpVector(output, c, reads ? c.result() : undefined);
  else dumpBytes(output, c, c.unsigned("buf"), reads ? c.result() : c.unsigned(name === "sendto" ? "len" : "count"));
}

function dumpBytes(output: Output, c: ShowContext, address: number, length: number): void {
  const bytes = c.tracee.peek(address, length);
  if (bytes !== undefined) output.write(hexDump(bytes));
}

function dumpVector(output: Output, c: ShowContext, received: number | undefined): void {
  const count = c.unsigned("iovcnt");
  const start = c.unsigned("iov");
  let left = received ?? Number.POSITIVE_INFINITY;
  for (let i = 0; i < count && left > 0; i++) {
    const element = c.tracee.peek(start + i * 16, 16);
    if (element === undefined) return;
    const view = new DataView(element.buffer, element.byteOffset, 16);
    const length = Math.min(Number(view.getBigUint64(8, true)), left);
    output.write(` * ${length} bytes in buffer ${i}\n`);
    dumpBytes(output, c, Number(view.getBigUint64(0, true)), length);
    left -= length;
  }
}
