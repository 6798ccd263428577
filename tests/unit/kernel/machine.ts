// A kernel on a fake host with a processor that runs no code: tests put a system call in its registers and look at what comes back.
import type { TracerHooks } from "../../../src/abi/tracee.js";
import { entrySyscall64 } from "../../../src/kernel/entry/entry-syscall-64.js";
import { Kernel } from "../../../src/kernel/kernel.js";
import { Mm } from "../../../src/kernel/mm/mm.js";
import { mapAnonymous } from "../../../src/kernel/mm/mmap.js";
import { bytesOf } from "../../../src/kernel/mm/user-access.js";
import { traceCalls } from "../../../src/kernel/ptrace/tracer.js";
import { Sighand } from "../../../src/kernel/signal/sighand.js";
import { FilesStruct } from "../../../src/kernel/task/files-struct.js";
import { openStandardStreams } from "../../../src/kernel/task/first-task.js";
import { FsStruct } from "../../../src/kernel/task/fs-struct.js";
import { Rlimits } from "../../../src/kernel/task/rlimits.js";
import { SignalStruct } from "../../../src/kernel/task/signal-struct.js";
import { Task } from "../../../src/kernel/task/task.js";
import { Credentials } from "../../../src/kernel/vfs/credentials.js";
import { GuestMemory } from "../../../src/machine/guest-memory.js";
import { EXTENDED_STATE_SIZE, type Processor } from "../../../src/machine/processor.js";
import { Registers } from "../../../src/machine/registers.js";
import * as state from "../../../src/machine/state-layout.js";
import { syscalls } from "../../../src/syscalls/table.js";
import { FakeHost, type FakeNode } from "./fake-host.js";

export class FakeProcessor implements Processor {
  #memory = new GuestMemory();
  #registers = new Registers(this.#memory.i32, this.#memory.view);
  rflags = 0x202;
  readonly instructionLength = 2;
  readonly hwcap = 0;
  readonly hwcap2 = 0;
  readonly vendorId = "GenuineIntel";
  readonly family = 6;
  descriptors = { tls: new Int32Array(6), ldt: new Int32Array(0) };
  extended = new Uint8Array(EXTENDED_STATE_SIZE);
  /** What `run` does, one after the other. */
  readonly script: (() => number)[] = [];

  get memory(): GuestMemory {
    return this.#memory;
  }

  set memory(memory: GuestMemory) {
    this.#memory = memory;
    this.#registers = new Registers(memory.i32, memory.view);
  }

  get registers(): Registers {
    return this.#registers;
  }

  run(): number {
    const next = this.script.shift();
    if (next === undefined) throw new Error("the script has ended");
    return next();
  }

  resume(): number {
    return this.run();
  }

  watch(): void {}

  unwatch(): void {}

  loadSegment(segment: number, selector: number): boolean {
    this.registers.setSelector(segment, selector);
    return true;
  }

  saveExtended(image: Uint8Array): void {
    image.set(this.extended);
  }

  restoreExtended(image: Uint8Array): void {
    this.extended.set(image);
  }

  reset(): void {
    for (let index = 0; index < 16; index++) this.registers.set(index, 0, 0);
    this.registers.fsBase = 0n;
    this.registers.gsBase = 0n;
    this.rflags = 0x202;
  }
}

/** A page the tests may write strings and structures to. */
export const SCRATCH = 0x10000000;
const SCRATCH_PAGES = 16;

const numbers = new Map(syscalls.filter(({ nr }) => nr.x64 !== undefined).map(({ name, nr }) => [name, nr.x64]));
const ARGUMENTS = [state.RDI, state.RSI, state.RDX, state.R10, state.R8, state.R9];

export interface MachineOptions {
  readonly tree?: Readonly<Record<string, FakeNode>>;
  readonly uid?: number;
  readonly hooks?: TracerHooks;
  readonly writable?: readonly string[];
}

export class Machine {
  readonly host: FakeHost;
  readonly processor = new FakeProcessor();
  readonly kernel: Kernel;
  readonly task: Task;

  constructor(options: MachineOptions = {}) {
    this.host = new FakeHost(options.tree, options.uid);
    this.kernel = new Kernel({
      host: this.host.host,
      processor: this.processor,
      declarations: syscalls,
      hooks: options.hooks,
      root: "/",
      writable: options.writable ?? [],
      deterministic: true,
      seed: 1,
      aslr: undefined,
      followsForks: false,
      hwcap: 0,
      hwcap2: 0,
    });
    const limits = new Rlimits();
    const uid = options.uid ?? 0;
    this.task = new Task({
      pid: 1000,
      kernel: this.kernel,
      mm: new Mm(limits, this.processor.memory, this.kernel.budget),
      fs: new FsStruct(this.kernel.root, this.kernel.root, 0o022),
      files: new FilesStruct(),
      signal: new SignalStruct(1000, 1000, 1000, limits),
      sighand: new Sighand(),
      cred: new Credentials(uid, uid, []),
      comm: "test",
      namespaces: this.kernel.namespaces,
      pidNamespace: this.kernel.namespaces.pidForChildren,
    });
    this.task.mm.mmapBase = 0x7ffff7fff000;
    this.kernel.tasks.set(1000, this.task);
    this.kernel.cpu.topOfStackLow = this.task.stack.topLow;
    this.kernel.cpu.topOfStackHigh = this.task.stack.topHigh;
    if (this.kernel.tracer) traceCalls(this.task, this.kernel.tracer);
    openStandardStreams(this.kernel, this.task);
    mapAnonymous(this.task.mm, SCRATCH, SCRATCH + SCRATCH_PAGES * state.PAGE_SIZE, 3);
    this.processor.registers.setSelector(1, 0x33);
    this.processor.registers.setSelector(2, 0x2b);
  }

  /** Puts a string at SCRATCH + offset and returns where. */
  string(text: string, offset = 0): number {
    this.task.copyOut(SCRATCH + offset, bytesOf(`${text}\0`));
    return SCRATCH + offset;
  }

  /** Makes the call through the entry path; rax as a signed number. */
  call(name: string, ...values: number[]): number {
    const number = numbers.get(name);
    if (number === undefined) throw new Error(`no call ${name}`);
    return this.callNumber(number, ...values);
  }

  callNumber(number: number, ...values: number[]): number {
    const { registers } = this.processor;
    registers.setAddress(state.RAX, number);
    ARGUMENTS.forEach((register, index) => registers.setAddress(register, values[index] ?? 0));
    entrySyscall64(this.kernel.cpu, this.task, this.processor.instructionLength);
    return Number(BigInt.asIntN(64, registers.get64(state.RAX)));
  }

  /** A path call whose path is the first argument. */
  path(name: string, path: string, ...values: number[]): number {
    return this.call(name, this.string(path), ...values);
  }
}
