// One simulated CPU as the entry code sees it: MSRs, interrupt descriptor table, privilege level and the per-CPU area.
import type { Processor } from "../../machine/processor.js";
import { OFFSET_GS_BASE, STATE } from "../../machine/state-layout.js";
import type { Task } from "../task/task.js";
import type { Idt } from "./idt.js";
import { MsrFile } from "./msr.js";

/** State that matters to a step of the entry path: bigints are registers and addresses, texts are names. */
export type PathValues = Readonly<Record<string, bigint | number | string | boolean>>;

/** Watches the entry path: `step` is called after each named step. What it is told is only put together when there is an observer. */
export interface PathObserver {
  step(name: string, task: Task, values: PathValues): void;
}

/** Address of the per-CPU area: what GS base holds in the kernel. */
export const PER_CPU_LOW = 0x3fc00000;
export const PER_CPU_HIGH = 0xffff8800 | 0;

export class Cpu {
  readonly processor: Processor;
  readonly msr = new MsrFile();
  readonly idt: Idt;
  /** X86_FEATURE_SYSCALL32: the maker's processors have SYSCALL in compatibility mode. arch/x86/kernel/cpu/amd.c */
  readonly hasSyscall32: boolean;
  /** Current privilege level. */
  cpl = 3;
  /** What the processor's rflags are while in the kernel; the user's own stay in the processor until they change. */
  kernelFlags = 0;
  /** Who watches the entry path: see `watch`. */
  observer: PathObserver | undefined;
  readonly #observers = new Set<PathObserver>();

  // The per-CPU area.
  rspScratchLow = 0;
  rspScratchHigh = 0;
  topOfStackLow = 0;
  topOfStackHigh = 0;

  constructor(processor: Processor, idt: Idt) {
    this.processor = processor;
    this.idt = idt;
    this.hasSyscall32 = processor.vendorId === "AuthenticAMD";
  }

  watch(observer: PathObserver): void {
    this.#observers.add(observer);
    this.#choose();
  }

  unwatch(observer: PathObserver): void {
    this.#observers.delete(observer);
    this.#choose();
  }

  #choose(): void {
    const all = [...this.#observers];
    const tellAll: PathObserver = {
      step: (name, task, values) => {
        for (const each of all) each.step(name, task, values);
      },
    };
    this.observer = all.length > 1 ? tellAll : all[0];
  }

  get gsBase(): bigint {
    const { i32 } = this.processor.memory;
    const index = (STATE + OFFSET_GS_BASE) >>> 2;
    return (BigInt(i32[index + 1] >>> 0) << 32n) | BigInt(i32[index] >>> 0);
  }

  /** GS base <-> IA32_KERNEL_GS_BASE. */
  swapgs(): void {
    const { i32 } = this.processor.memory;
    const index = (STATE + OFFSET_GS_BASE) >>> 2;
    const low = i32[index];
    const high = i32[index + 1];
    const other = this.msr.kernelGsBase;
    i32[index] = other.low;
    i32[index + 1] = other.high;
    other.low = low;
    other.high = high;
  }
}
