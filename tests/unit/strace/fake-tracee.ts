// A tracee that is only registers and memory: what the tracer sees of a stopped task, set by the test.
import type { Tracee, TraceeSocket } from "../../../src/abi/tracee.js";

export class FakeTracee implements Tracee {
  readonly pid: number;
  readonly tgid: number;
  readonly personality = "x86_64";
  syscallNumber = 0;
  readonly #arguments = [0n, 0n, 0n, 0n, 0n, 0n];
  #result = 0n;
  /** Memory from `base` on. */
  readonly base: number;
  readonly memory: Uint8Array;
  paths: Record<number, string> = {};
  time = 0;

  constructor(pid = 1000, base = 0x404000, size = 1 << 22) {
    this.pid = pid;
    this.tgid = pid;
    this.base = base;
    this.memory = new Uint8Array(size);
  }

  call(number: number, values: readonly bigint[]): void {
    this.syscallNumber = number;
    for (let i = 0; i < 6; i++) this.#arguments[i] = BigInt.asUintN(64, values[i] ?? 0n);
    this.#result = -38n;
  }

  returns(value: bigint): void {
    this.#result = value;
  }

  argumentLow(index: number): number {
    return Number(BigInt.asIntN(32, this.#arguments[index] as bigint));
  }

  argumentHigh(index: number): number {
    return Number(BigInt.asIntN(32, (this.#arguments[index] as bigint) >> 32n));
  }

  setArgument(index: number, low: number, high: number): void {
    this.#arguments[index] = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  }

  resultLow(): number {
    return Number(BigInt.asIntN(32, this.#result));
  }

  resultHigh(): number {
    return Number(BigInt.asIntN(32, this.#result >> 32n));
  }

  setResult(low: number, high: number): void {
    this.#result = BigInt.asIntN(64, (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0));
  }

  instructionPointer(): number {
    return 0x401000;
  }

  stackPointer(): number {
    return this.base + this.memory.length - 4096;
  }

  peek(address: number, length: number): Uint8Array | undefined {
    const at = address - this.base;
    return at < 0 || at + length > this.memory.length ? undefined : this.memory.subarray(at, at + length);
  }

  poke(address: number, bytes: Uint8Array): boolean {
    const at = address - this.base;
    if (at < 0 || at + bytes.length > this.memory.length) return false;
    this.memory.set(bytes, at);
    return true;
  }

  /** The protocol of the netlink sockets that descriptors are. */
  netlinkProtocol: number | undefined;

  fdSocket(): TraceeSocket | undefined {
    const { netlinkProtocol } = this;
    return netlinkProtocol === undefined ? undefined : { protocol: "NETLINK", inode: 0, names: "", netlinkProtocol };
  }

  fdPath(fd: number): string | undefined {
    return this.paths[fd];
  }

  cwd(): string {
    return "/home";
  }

  comm(): string {
    return "probe";
  }

  systemTime(): number {
    return this.time;
  }
}
