// One running kernel: the machine it runs on and what all its tasks share. The composition of its rooms; no policy of its own.

import type { TracerHooks } from "../abi/tracee.js";
import type { Host } from "../host/host.js";
import { SeededRandom } from "../lib/random.js";
import { MemoryPool } from "../machine/memory-pool.js";
import type { Processor } from "../machine/processor.js";
import { Budget, type BudgetLimits, DEFAULT_LIMITS } from "./budget.js";
import { bootCpu, DEFAULT_CONFIG, type KernelConfig } from "./entry/boot.js";
import type { Cpu } from "./entry/cpu.js";
import {
  type Implementation,
  makeIa32Table,
  makeSyscallTable,
  type SyscallTable,
  type TableName,
} from "./entry/syscall-table.js";
import { AnonFs } from "./fs/anonfs/anon-fs.js";
import { Stream } from "./fs/devfs/stream.js";
import { DEV_MEMFD, DEV_PIPE, FileSystem } from "./fs/file-system.js";
import { mountTree } from "./fs/mount-tree.js";
import { commitChanges } from "./fs/overlay/commit.js";
import type { OverlayInode } from "./fs/overlay/overlay-inode.js";
import { FutexQueues } from "./futex/queues.js";
import { IpcNamespace } from "./ipc/ipc-namespace.js";
import type { SwapArea } from "./mm/swap.js";
import { Net } from "./net/net.js";
import { HostOutside } from "./net/outside/host-outside.js";
import { InotifyCounts } from "./notify/inotify.js";
import { Tracer } from "./ptrace/tracer.js";
import { Keys } from "./security/key.js";
import { notifyParent } from "./task/exit.js";
import { firstNamespaces } from "./task/first-namespaces.js";
import type { Namespaces } from "./task/namespaces.js";
import { PidNamespace } from "./task/pid-namespace.js";
import type { Task } from "./task/task.js";
import { type Clock, HostClock, VirtualClock } from "./time/clock.js";
import { CpuTimers } from "./time/cpu-timers.js";
import { ClockDiscipline } from "./time/discipline.js";
import { TimerQueue } from "./time/timer-queue.js";
import { Console } from "./tty/console.js";
import { hostPtyNumber, PtyTable } from "./tty/pty.js";
import type { Dentry } from "./vfs/dentry.js";
import type { File } from "./vfs/file.js";
import { FileHandles } from "./vfs/file-handle.js";
import type { MountNamespace } from "./vfs/mount.js";

export interface KernelOptions {
  readonly host: Host;
  readonly processor: Processor;
  readonly declarations: Iterable<Implementation>;
  readonly hooks?: TracerHooks | undefined;
  readonly onInvalidOpcode?: ((rip: number, bytes: Uint8Array) => void) | undefined;
  /** Host directory that is the guest's "/". */
  readonly root: string;
  /** Host directories whose changes are real. */
  readonly writable: readonly string[];
  /** Its inet sockets reach the host's network. */
  readonly usesHostNetwork?: boolean;
  readonly deterministic: boolean;
  readonly seed: number;
  /** Seed of address-space randomisation; none when undefined. */
  readonly aslr: number | undefined;
  readonly followsForks: boolean;
  /** FIRST_PID when undefined. */
  readonly firstPid?: number | undefined;
  /** AT_HWCAP: CPUID.1:EDX. */
  readonly hwcap: number;
  readonly config?: Partial<KernelConfig> | undefined;
  /** What the machine may use of the host. */
  readonly limits?: Partial<BudgetLimits> | undefined;
  /** AT_HWCAP2. */
  readonly hwcap2: number;
}

export const FIRST_PID = 1000;
/** How many pids a machine has. */
export const PIDS_OF_A_MACHINE = 10000;
/** What uname(2) says. */
export const RELEASE = "6.1.0-tsstrace";
export const VERSION = "#1 SMP PREEMPT_DYNAMIC tsstrace";

export class Kernel {
  /** Where swapon(2) would have pages go. */
  readonly swaps: SwapArea[] = [];
  /** Where acct(2) has records of ended processes go. */
  accounts: File | undefined;
  /** Settings of /proc/sys that were written, by path. */
  readonly sysctls = new Map<string, string>();
  readonly host: Host;
  readonly cpu: Cpu;
  readonly config: KernelConfig;
  readonly clock: Clock;
  readonly discipline = new ClockDiscipline();
  readonly timers = new TimerQueue();
  readonly cpuTimers = new CpuTimers();
  readonly budget: Budget;
  readonly futexes = new FutexQueues();
  readonly keys = new Keys();
  readonly ipc = new IpcNamespace();
  readonly inotifyCounts = new InotifyCounts();
  readonly fileHandles = new FileHandles();
  /** The first program's tracer. */
  readonly tracer: Tracer | undefined;
  readonly onInvalidOpcode: ((rip: number, bytes: Uint8Array) => void) | undefined;
  readonly syscallTable: SyscallTable;
  /** Without CONFIG_X86_X32_ABI there is none. */
  readonly x32Table: SyscallTable | undefined;
  #ia32Table: SyscallTable | undefined;
  readonly tasks = new Map<number, Task>();
  /** Processes that only have a number: task/stand-in.ts. */
  readonly standIns = new Map<number, Task>();
  /** The task that has the processor, or had it last. */
  running: Task | undefined;
  readonly memories = new MemoryPool();
  readonly streams: readonly Stream[];
  /** The host's terminal, if there is one. */
  readonly console: Console | undefined;
  readonly ptys: PtyTable;
  readonly anonFs: AnonFs;
  readonly pipeFs: FileSystem;
  readonly memfdFs: FileSystem;
  readonly net: Net;
  /** The numbers of all tasks. */
  readonly pids = new PidNamespace(undefined);
  /** The mounts that the first program finds. */
  readonly mounts: MountNamespace;
  readonly root: Dentry;
  readonly namespaces: Namespaces;
  readonly overlayRoot: OverlayInode | undefined;
  readonly randomized: SeededRandom | undefined;
  readonly hwcap: number;
  readonly hwcap2: number;
  readonly deterministic: boolean;
  readonly bootTime: bigint;
  /** Its pids are from here on, PIDS_OF_A_MACHINE of them. The one before is the tool's own. */
  readonly firstPid: number;
  #nextPid: number;
  #pidsWrapped = false;
  readonly #declarations: Iterable<Implementation>;
  readonly #seeded: SeededRandom | undefined;
  #wake: (() => void) | undefined;

  constructor(options: KernelOptions) {
    this.host = options.host;
    this.budget = new Budget({ ...DEFAULT_LIMITS, ...options.limits });
    this.config = { ...DEFAULT_CONFIG, ...options.config };
    this.cpu = bootCpu(options.processor, this.config);
    this.deterministic = options.deterministic;
    this.clock = options.deterministic ? new VirtualClock() : new HostClock(options.host);
    this.bootTime = this.clock.realtime() - BigInt(Math.floor(this.clock.monotonic()));
    this.firstPid = options.firstPid ?? FIRST_PID;
    this.#nextPid = this.firstPid;
    this.tracer = options.hooks && new Tracer(options.hooks, options.followsForks, this.firstPid - 1);
    this.onInvalidOpcode = options.onInvalidOpcode;
    this.#declarations = options.declarations;
    this.syscallTable = makeSyscallTable(options.declarations);
    if (this.config.x32) this.x32Table = makeSyscallTable(options.declarations, "x32");
    this.#seeded = options.deterministic ? new SeededRandom(options.seed) : undefined;
    this.randomized = options.aslr === undefined ? undefined : new SeededRandom(options.aslr);
    this.hwcap = options.hwcap;
    this.hwcap2 = options.hwcap2;
    this.streams = options.host.streams.map((stream) => new Stream(stream, () => this.wake()));
    const terminals = this.streams.filter((stream) => stream.host.isTerminal);
    this.console = terminals.length > 0 ? new Console(this, terminals[0], terminals[terminals.length - 1]) : undefined;
    this.ptys = new PtyTable(this, new Set(terminals.map(hostPtyNumber).filter((number) => number !== undefined)));
    const now = (): bigint => this.clock.realtime();
    this.anonFs = new AnonFs(now);
    this.pipeFs = new FileSystem({ name: "pipefs", dev: DEV_PIPE, magic: 0x50495045, now }, 10001n);
    this.memfdFs = new FileSystem(
      { name: "tmpfs", dev: DEV_MEMFD, magic: 0x01021994, now, budget: this.budget },
      1001n,
    );
    this.net = new Net(this);
    if (options.usesHostNetwork && options.host.network) {
      this.net.outside = new HostOutside(this.net, options.host.network, () => this.wake());
    }
    const tree = mountTree(this, options.root, options.writable, now);
    this.mounts = tree.namespace;
    this.root = this.mounts.root.root;
    const hostname = options.deterministic ? "tsstrace" : options.host.identity().hostname;
    this.namespaces = firstNamespaces(this, hostname);
    this.overlayRoot = tree.overlay;
  }

  /** The next one that is free, in turns, as pid_max has it. */
  allocatePid(): number {
    for (;;) {
      const pid = this.#nextPid++;
      if (this.#nextPid === this.firstPid + PIDS_OF_A_MACHINE - 1) {
        this.#nextPid = this.firstPid;
        this.#pidsWrapped = true;
      }
      if (!this.#isInUse(pid)) return pid;
    }
  }

  /** As a process, or as the group or session of one. */
  #isInUse(pid: number): boolean {
    if (this.tasks.has(pid)) return true;
    if (!this.#pidsWrapped) return false;
    for (const { signal } of this.tasks.values()) if (signal.pgrp === pid || signal.session === pid) return true;
    return false;
  }

  /** ia32_sys_call_table, made when it is first needed. */
  get ia32Table(): SyscallTable {
    this.#ia32Table ??= makeIa32Table(this.#declarations);
    return this.#ia32Table;
  }

  /** What the table has in the slot. */
  symbolOf(number: number, table: TableName): string {
    for (const { nr, name, run } of this.#declarations) if (nr[table] === number && run) return `sys_${name}`;
    return "sys_ni_syscall";
  }

  random(bytes: Uint8Array): void {
    if (this.#seeded) this.#seeded.fill(bytes);
    else this.host.entropy(bytes);
  }

  /** Something happened that a sleeping task may wait for. */
  wake(): void {
    this.#wake?.();
  }

  /** Calls `wake` at the next event; undefined when nobody waits any more. */
  set onWake(wake: (() => void) | undefined) {
    this.#wake = wake;
  }

  /** A task stopped, went on or died: its parent may be waiting. */
  childChanged(task: Task): void {
    notifyParent(task);
    this.wake();
  }

  /** Tasks that can still run, now or some time. */
  get liveTasks(): number {
    let count = 0;
    for (const task of this.tasks.values()) if (!task.isDead) count++;
    return count;
  }

  /** Makes the changes in memory the host's; what could not be done, a line for each. */
  commit(): string[] {
    return this.overlayRoot ? commitChanges(this.host.files, this.overlayRoot) : [];
  }

  /** Files of the host's tree that were changed in memory. */
  get filesChanged(): number {
    return this.overlayRoot?.countChanges() ?? 0;
  }
}
