// A schedulable thread of execution: Linux's task_struct. It holds what the subsystems hang on a task and the signal bookkeeping;
// what a task does is in the rooms around it.
import { SI_USER, SIG_DFL, SIG_IGN, SIGCONT, SIGKILL } from "../../abi/constants/signals.js";
import { type Abi, type Fields, isI386, longBytes, pointerBytes, type Struct } from "../../abi/struct.js";
import { READ, WRITE } from "../../machine/guest-memory.js";
import { type DescriptorTables, GDT_TLS_ENTRIES } from "../../machine/processor.js";
import type { AfterCall } from "../entry/entry-syscall-64.js";
import { KernelStack, TIF_SIGPENDING } from "../entry/kernel-stack.js";
import type { SyscallValue } from "../entry/syscall-table.js";
import type { UserDispatch } from "../entry/user-dispatch.js";
import { NO_LIST } from "../futex/robust-list.js";
import type { Kernel } from "../kernel.js";
import type { MemoryPolicy } from "../mm/memory-policy.js";
import type { Mm } from "../mm/mm.js";
import * as user from "../mm/user-access.js";
import { KernelTracee } from "../ptrace/kernel-tracee.js";
import type { Ptraced } from "../ptrace/ptraced.js";
import type { Tracer } from "../ptrace/tracer.js";
import { noSeccomp, type Seccomp } from "../seccomp/seccomp.js";
import type { Key } from "../security/key.js";
import { AltStack } from "../signal/alt-stack.js";
import { continueProcess, threadsFor, wakeStopped } from "../signal/job-control.js";
import { PendingQueue, type PendingSignal } from "../signal/pending.js";
import { admit } from "../signal/queue-limit.js";
import { defaultDisposition, SA_IMMUTABLE, type Sighand } from "../signal/sighand.js";
import { kernelInfo, senderInfo } from "../signal/siginfo.js";
import { SignalSet } from "../signal/signal-set.js";
import type { Credentials } from "../vfs/credentials.js";
import type { Dentry } from "../vfs/dentry.js";
import type { FilesStruct } from "./files-struct.js";
import type { FsStruct } from "./fs-struct.js";
import type { Namespaces } from "./namespaces.js";
import type { PidNamespace } from "./pid-namespace.js";
import { normalScheduling } from "./schedule-attributes.js";
import type { SignalStruct } from "./signal-struct.js";
import { isStandIn, standIn } from "./stand-in.js";
import type { Sleep, Wait } from "./wait.js";

/** "traced": its tracer holds it until it has taken in what it was told. */
export type TaskState = "running" | "sleeping" | "stopped" | "traced" | "zombie" | "dead";

/** A system call that waits: its generator, and what comes after it. */
export interface SleepingCall {
  readonly call: Sleep<SyscallValue>;
  readonly after: AfterCall;
  wait: Wait | undefined;
}

export interface TaskParts {
  readonly pid: number;
  readonly kernel: Kernel;
  readonly mm: Mm;
  readonly fs: FsStruct;
  readonly files: FilesStruct;
  readonly signal: SignalStruct;
  readonly sighand: Sighand;
  readonly cred: Credentials;
  readonly comm: string;
  readonly namespaces: Namespaces;
  readonly pidNamespace: PidNamespace;
}

export class Task {
  /** The machine's number; a thread that executes a program gets its leader's. */
  pid: number;
  readonly kernel: Kernel;
  readonly stack = new KernelStack();
  readonly tracee: KernelTracee;
  mm: Mm;
  fs: FsStruct;
  files: FilesStruct;
  readonly signal: SignalStruct;
  sighand: Sighand;
  cred: Credentials;
  namespaces: Namespaces;
  /** The one it has its own number in. */
  readonly pidNamespace: PidNamespace;
  comm: string;
  state: TaskState = "running";
  /** Its call has the registers of i386: TS_COMPAT. */
  compat = false;
  /** How the structures of its call are laid out: in_ia32_syscall, in_x32_syscall. */
  abi: Abi = "x86_64";
  /** It has made calls of other ABIs under its tracer, who wants to see where it changes: all its calls stop. */
  mixesAbis = false;
  /** Who watches it: PT_PTRACED. */
  tracer: Tracer | undefined;
  /** It traps for its tracer before it sees user mode again: JOBCTL_TRAP_STOP. */
  trapPending = false;
  sleeping: SleepingCall | undefined;
  /** On the way out of the kernel, not there yet (stopped, or just forked): how to go on. */
  pendingExit: { readonly inSyscall: boolean } | undefined;
  /** It is traced by another task: ptrace(2). */
  ptraced: Ptraced | undefined;
  /** The tasks it traces. */
  tracees: Set<Task> | undefined;
  /** Its calls stop for the task that traces it: PTRACE_SYSCALL. */
  callsStop = false;
  /** The tool's tracer has seen its call begin, and wants to see it end. */
  tracerSeesCall = false;
  /** How it goes on when the task that traces it lets it go, and the signal it is given. */
  afterStop: (() => void) | undefined;
  resumedWith = 0;
  /** What its tracer has made of the signal that stopped it: acted on before any other. */
  deliverNext: PendingSignal | undefined;
  /** Its tracer has written registers that the processor holds a copy of. */
  registersWritten = false;
  /** Its tracer holds it at a watched instruction that it has been told of. */
  heldAtWatch = false;
  /** rflags as the processor holds them while the task is in the kernel; -1 when they are not known. */
  flagsInProcessor = -1;
  /** Register file while another task of the same address space runs. */
  savedState: Uint8Array | undefined;
  /** The GDT entries that are its own: TLS_MIN and the two after it. */
  readonly threadArea = new Int32Array(2 * GDT_TLS_ENTRIES);
  readonly descriptors: DescriptorTables;
  savedGs: { low: number; high: number } | undefined;
  blocked = new SignalSet();
  /** The mask while rt_sigtimedwait lets some of it through: what it waits for is not ignored. */
  realBlocked: SignalSet | undefined;
  /** The mask to come back to after sigsuspend and its kin. TIF_RESTORE_SIGMASK */
  savedMask: SignalSet | undefined;
  readonly pending = new PendingQueue();
  altStack = new AltStack();
  /** thread_struct: the last exception, for the signal frame. */
  trapVector = 0;
  trapErrorCode = 0;
  faultAddress = 0n;

  // Registered by the C library.
  clearChildTid = 0;
  robustList = NO_LIST;
  rseq: { address: number; length: number; signature: number } | undefined;

  // prctl and personality.
  personality = 0;
  parentDeathSignal = 0;
  dumpable = 1;
  noNewPrivileges = false;
  /** Where fanotify allowed it to open a file, until it does. */
  allowedOpen: Dentry | undefined;
  /** PR_SET_TSC: 1, or 2 where reading the counter should fault. */
  tscMode = 1;
  /** PR_SET_IO_FLUSHER. */
  isFlusher = false;
  seccomp: Seccomp = noSeccomp;
  userDispatch: UserDispatch | undefined;
  timerSlack = 50000;
  /** What a slack of 0 sets: its parent's when it was made. */
  defaultTimerSlack = 50000;
  /** Its thread keyring, once it has one. */
  keyring: Key | undefined;
  nice = 0;
  scheduling = normalScheduling;
  /** set_mempolicy(2)'s; undefined is the default. */
  memoryPolicy: MemoryPolicy | undefined;
  ioPriority = 0;

  /** wait(2) status when it is a zombie. */
  exitStatus = 0;
  /** Wakes the parent of a vfork. */
  vforkDone: (() => void) | undefined;
  /** What restart_syscall goes on with. */
  restart: (() => SyscallValue | Sleep<SyscallValue>) | undefined;

  // Accounting.
  /** Nanoseconds it had the processor before, and since when it has it now (0: not now). */
  ranFor = 0;
  runsSince = 0;
  readonly startTime: number;
  #systemTime = 0;
  #accounts = false;
  #enteredAt = 0;
  contextSwitches = 0;

  constructor(parts: TaskParts) {
    this.pid = parts.pid;
    this.kernel = parts.kernel;
    this.mm = parts.mm;
    this.fs = parts.fs;
    this.files = parts.files;
    this.signal = parts.signal;
    this.sighand = parts.sighand;
    this.cred = parts.cred;
    this.namespaces = parts.namespaces;
    this.pidNamespace = parts.pidNamespace;
    this.comm = parts.comm;
    this.startTime = parts.kernel.clock.monotonic();
    this.tracee = new KernelTracee(this);
    this.signal.threads.add(this);
    const task = this;
    this.descriptors = {
      tls: this.threadArea,
      get ldt() {
        return task.mm.ldt;
      },
    };
  }

  get tgid(): number {
    return this.signal.tgid;
  }

  /** The number another task knows it by; 0 when it is not to be seen from there. */
  pidFor(viewer: Task): number {
    return viewer.pidNamespace.inside(this.pid);
  }

  /** getpid(2), gettid(2): its own numbers. */
  get ownPid(): number {
    return this.pidNamespace.inside(this.pid);
  }

  get ownTgid(): number {
    return this.pidNamespace.inside(this.tgid);
  }

  /** find_task_by_vpid: whom it means by a number. */
  find(pid: number): Task | undefined {
    const number = this.pidNamespace.outside(pid);
    return this.kernel.tasks.get(number) ?? standIn(this.kernel, number);
  }

  get isRunnable(): boolean {
    return this.state === "running";
  }

  get isDead(): boolean {
    return this.state === "zombie" || this.state === "dead";
  }

  /** The call begins to wait; the scheduler takes it from here. */
  sleepIn(call: Sleep<SyscallValue>, after: AfterCall): void {
    this.state = "sleeping";
    this.sleeping = { call, after, wait: undefined };
  }

  /** The call's time begins to count, once somebody has asked for it; the time it sleeps does not. */
  startAccounting(): void {
    if (this.#accounts && this.#enteredAt === 0) this.#enteredAt = this.kernel.clock.accounting();
  }

  stopAccounting(): void {
    if (this.#enteredAt === 0) return;
    this.#systemTime += this.kernel.clock.accounting() - this.#enteredAt;
    this.#enteredAt = 0;
  }

  /** Nanoseconds charged for calls. Looking at the clock twice a call is not free: it is done from the first question on. */
  get systemTime(): number {
    if (!this.#accounts) {
      this.#accounts = true;
      this.startAccounting();
    }
    return this.#systemTime;
  }

  // Signals: kernel/signal.c

  get signalPending(): boolean {
    return (this.stack.flags & TIF_SIGPENDING) !== 0;
  }

  /** recalc_sigpending */
  recalculatePending(): void {
    const any = this.pending.next(this.blocked) || this.signal.pending.next(this.blocked);
    const traps = this.trapPending || this.deliverNext || this.ptraced?.trapPending || this.ptraced?.notifyPending;
    if (any || traps) this.stack.setFlag(TIF_SIGPENDING);
    else this.stack.clearFlag(TIF_SIGPENDING);
  }

  setBlocked(mask: SignalSet): void {
    this.blocked = mask.blockable();
    this.recalculatePending();
    if (this.signal.threads.size > 1) this.retargetSignals();
  }

  /** Blocks `mask` until the call's signal has been dealt with. set_user_sigmask, sigsuspend */
  blockTemporarily(mask: SignalSet): void {
    this.savedMask = this.blocked;
    this.setBlocked(mask);
  }

  restoreSavedMask(): void {
    if (this.savedMask === undefined) return;
    const mask = this.savedMask;
    this.savedMask = undefined;
    this.setBlocked(mask);
  }

  /** send_signal: queues it for this thread, or for the whole process. */
  sendSignal(signal: number, info = kernelInfo(signal), toProcess = false, taken?: PendingSignal["taken"]): void {
    if (isStandIn(this)) return;
    if (this.isDead) {
      // A leader may have ended before its threads.
      const [other] = this.signal.threads;
      if (toProcess && other) other.sendSignal(signal, info, true, taken);
      return;
    }
    if (signal === SIGCONT) continueProcess(this);
    else if (signal === SIGKILL) wakeStopped(this, true);
    if (defaultDisposition(signal) === "stop") this.signal.pending.discard(SIGCONT);
    // An ignored signal that is not blocked leaves no trace, but a tracer sees it.
    const isBlocked = this.blocked.has(signal) || this.realBlocked?.has(signal);
    if (this.sighand.ignores(signal) && !isBlocked && !this.tracer && !this.ptraced) return;
    const queue = toProcess ? this.signal.pending : this.pending;
    queue.add(signal, info, taken);
    if (toProcess) for (const thread of threadsFor(this, signal)) thread.recalculatePending();
    else this.recalculatePending();
    this.kernel.wake();
  }

  /** retarget_shared_pending: it will not take the process's signals that it had been chosen for. */
  retargetSignals(): void {
    for (const thread of this.signal.threads) if (thread !== this) thread.recalculatePending();
  }

  /** As kill(2) from `sender`, or from itself. */
  killedBy(sender: Task, signal: number): void {
    this.sendSignal(signal, admit(this, signal, senderInfo(signal, SI_USER, sender, this)), true);
  }

  /** send_sig(signal, current, 0): what a call of its own has brought on. The siginfo says that it sent it itself. */
  raiseSignal(signal: number): void {
    this.sendSignal(signal, senderInfo(signal, SI_USER, this, this));
  }

  /** force_sig_info: an exception cannot be blocked or ignored. */
  forceSignal(signal: number, info: Uint8Array, flags = 0): void {
    const { handler } = this.sighand.get(signal);
    if (this.blocked.has(signal) || handler === SIG_IGN || flags !== 0) {
      this.sighand.reset(signal, flags);
      const mask = this.blocked.copy();
      mask.remove(signal);
      this.blocked = mask;
    }
    if (this.sighand.get(signal).handler === SIG_DFL) this.pending.discard(signal);
    this.pending.add(signal, info);
    this.recalculatePending();
  }

  /** force_fatal_sig: the end of the process. The tracer is not asked. */
  forceFatalSignal(signal: number): void {
    this.forceSignal(signal, kernelInfo(signal), SA_IMMUTABLE);
  }

  /** The next signal to act on, taken off its queue. */
  dequeueSignal(blocked = this.blocked): PendingSignal | undefined {
    const own = this.pending.next(blocked);
    const shared = this.signal.pending.next(blocked);
    const taken = own !== 0 ? this.pending.take(own) : shared !== 0 ? this.signal.pending.take(shared) : undefined;
    this.recalculatePending();
    if (taken?.taken?.() === false) return this.dequeueSignal(blocked); // a timer's, which has been set anew
    return taken;
  }

  // User memory: mm/user-access.ts on this task's address space.

  copyIn(address: number, length: number): Uint8Array {
    return user.copyIn(this.mm, address, length);
  }

  copyOut(address: number, bytes: Uint8Array): void {
    user.copyOut(this.mm, address, bytes);
  }

  copyInPath(address: number): string {
    return user.copyInPath(this.mm, address);
  }

  readU32(address: number): number {
    return user.readU32(this.mm, address);
  }

  readI32(address: number): number {
    return user.readI32(this.mm, address);
  }

  readU64(address: number): number {
    return user.readU64(this.mm, address);
  }

  readI64(address: number): number {
    return user.readI64(this.mm, address);
  }

  writeU32(address: number, value: number): void {
    user.writeU32(this.mm, address, value);
  }

  writeU64(address: number, value: number): void {
    user.writeU64(this.mm, address, value);
  }

  /** A pointer or a size_t of its call's ABI. */
  readPointer(address: number): number {
    return this.abi === "x86_64" ? user.readU64(this.mm, address) : user.readU32(this.mm, address);
  }

  /** An unsigned long. */
  readWord(address: number): number {
    return isI386(this.abi) ? user.readU32(this.mm, address) : user.readU64(this.mm, address);
  }

  /** A long. */
  readSignedWord(address: number): number {
    return isI386(this.abi) ? user.readI32(this.mm, address) : user.readI64(this.mm, address);
  }

  writePointer(address: number, value: number): void {
    if (this.abi === "x86_64") user.writeU64(this.mm, address, value);
    else user.writeU32(this.mm, address, value);
  }

  writeWord(address: number, value: number): void {
    if (isI386(this.abi)) user.writeU32(this.mm, address, value);
    else user.writeU64(this.mm, address, value);
  }

  get pointerBytes(): number {
    return pointerBytes(this.abi);
  }

  get longBytes(): number {
    return longBytes(this.abi);
  }

  /** The structure at an address, as its call's ABI lays it out. */
  readStruct(type: Struct<Fields>, address: number): DataView {
    return new DataView(this.copyIn(address, type.size(this.abi)).buffer);
  }

  /** Writes a whole structure: the fields given, and zeros. */
  writeStruct<F extends Fields>(
    type: Struct<F>,
    address: number,
    values: Readonly<Partial<Record<keyof F, number | bigint | Uint8Array>>>,
  ): void {
    this.copyOut(address, type.encode(values, this.abi));
  }

  readable(address: number, length: number): Uint8Array[] {
    return user.userSlices(this.mm, address, length, READ);
  }

  writable(address: number, length: number): Uint8Array[] {
    return user.userSlices(this.mm, address, length, WRITE);
  }
}
