// What a tracer may see and do at a stop: the registers, the memory, the descriptors' names. It is what ptrace(2) and
// /proc/PID would show, and all that strace/ and ltrace/ know of the kernel.

/** A socket as the kernel's tables of sockets (sock_diag(7)) have it. */
export interface TraceeSocket {
  /** "TCP", "UDPv6", "UNIX-STREAM", "NETLINK". */
  readonly protocol: string;
  readonly inode: number;
  /** Its addresses, or its inode's number and that of its peer; undefined when there is nothing to tell but the inode. */
  readonly names: string | undefined;
  /** sun_path of a Unix socket's own name. */
  readonly path?: Uint8Array | undefined;
  /** NETLINK_ROUTE...: of a netlink socket that has an address. */
  readonly netlinkProtocol?: number | undefined;
}

/** A file a tracer may read, whatever its name leads to by now. */
export interface TraceeFile {
  /** The same while it is open. */
  readonly opening: object;
  /** The same for the same file; its contents are what they were if `version` is. */
  readonly inode: object;
  version(): string;
  readonly size: number;
  /** Undefined unless all of it is there. */
  read(offset: number, length: number): Uint8Array | undefined;
}

/** A line of /proc/PID/maps. */
export interface TraceeMapping {
  readonly start: number;
  readonly executable: boolean;
  /** Of `start` in the file. */
  readonly offset: number;
  /** A path, or "[vdso]" and the like. */
  readonly path: string;
  readonly file: TraceeFile | undefined;
}

/** The registers of a task that has come to a watched instruction. */
export interface UserRegisters {
  /** A general register's halves, signed, by the processor's own numbers: rax 0, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8 to r15. */
  low(register: number): number;
  high(register: number): number;
  /** As an unsigned number, exact below 2^53. */
  address(register: number): number;
  readonly rip: number;
  /** The 16 bytes of an xmm register. Valid until the task runs again. */
  xmm(register: number): Uint8Array;
  /** The ten bytes on top of the x87 stack. */
  st0(): Uint8Array;
}

/** A task at one of its stops. 64-bit values come as two signed 32-bit halves. */
export interface Tracee {
  readonly pid: number;
  /** Thread-group id. */
  readonly tgid: number;
  /** Which system call table the current call uses. */
  readonly personality: "x86_64" | "i386" | "x32";
  /** orig_rax: the number of the current call; a tracer may set it at the entry stop (-1 skips the call). */
  syscallNumber: number;
  /** Argument 0..5 from the saved pt_regs. */
  argumentLow(index: number): number;
  argumentHigh(index: number): number;
  setArgument(index: number, low: number, high: number): void;
  /** rax of the saved pt_regs: -ENOSYS at entry, the result at exit. -4095..-1 is an error, -512.. a restart code. */
  resultLow(): number;
  resultHigh(): number;
  setResult(low: number, high: number): void;
  /** User rip and rsp, exact below 2^53. */
  instructionPointer(): number;
  stackPointer(): number;
  /** A general register by its DWARF number (rax 0, rdx, rcx, rbx, rsi, rdi, rbp, rsp, r8 to r15), rip by 16. */
  register?(number: number): bigint | undefined;
  /** What is mapped at an address. */
  mapping?(address: number): TraceeMapping | undefined;
  /** /proc/PID/auxv. */
  auxiliaryVector?(): Uint8Array;
  /** Everything that is mapped, in order. */
  mappings?(): TraceeMapping[];
  /** From now on tasks stop before the instruction at an address, in whatever address space. Counted. */
  watch?(address: number): void;
  unwatch?(address: number): void;
  /** A regular file by its path from the task's root. */
  openFile?(path: string): TraceeFile | undefined;
  /** The bytes of user memory, or undefined unless all of them are mapped and readable. Valid until the task runs again. */
  peek(address: number, length: number): Uint8Array | undefined;
  /** Writes user memory even where it is read-only, as PTRACE_POKEDATA does; false when unmapped. */
  poke(address: number, bytes: Uint8Array): boolean;
  /** Sends the task a signal, as PTRACE_CONT does with one: its siginfo says SI_KERNEL. */
  sendSignal?(signal: number): void;
  /** PTRACE_DETACH: no more stops. */
  detach?(): void;
  /** readlink /proc/PID/fd/N. */
  fdPath(fd: number): string | undefined;
  /** What stat(2) says of a descriptor that is a device. */
  fdDevice?(
    fd: number,
  ): { readonly kind: "char" | "block"; readonly major: number; readonly minor: number } | undefined;
  /** Of a descriptor that is a socket. */
  fdSocket?(fd: number): TraceeSocket | undefined;
  /** readlink /proc/PID/cwd. */
  cwd(): string;
  /** /proc/PID/comm. */
  comm(): string;
  /** CPU time charged to the task in the kernel, in nanoseconds (what -c sums without -w). */
  systemTime(): number;
}

/** Where the kernel calls its tracer. Every hook runs while the task is stopped, synchronously. */
export interface TracerHooks {
  /** Whether the call makes the task stop at all; every call does when absent. Asked once for each number there is a call of. */
  wants?(syscallNumber: number): boolean;
  syscallEntry(tracee: Tracee): void;
  syscallExit(tracee: Tracee): void;
  /** Signal-delivery stop; `siginfo` is the 128-byte siginfo_t. Not called for SIGKILL. */
  signalDelivery(tracee: Tracee, signal: number, siginfo: Uint8Array): void;
  /** The task stopped for job control. */
  groupStop(tracee: Tracee, signal: number): void;
  /** After a successful execve, before its exit stop. `formerPid` differs when another thread called it. */
  exec(tracee: Tracee, formerPid: number): void;
  /** A child task was created and is traced too (strace -f). */
  attached(tracee: Tracee, parent: Tracee | undefined): void;
  /** A task that was seized has trapped: its registers are those of the call this interrupted, or orig_rax is -1. */
  seized?(tracee: Tracee): void;
  /** The task is before a watched instruction, outside of the kernel: only `registers` tell of it. */
  watched?(tracee: Tracee, registers: UserRegisters): void;
  /** Whether tasks wait until the tracer has caught up: asked after exit stops, and again while one waits and something has happened. */
  holds?(): boolean;
  /** The task is gone: `status` is a wait(2) status word. A call it was in never returned. */
  exited(tracee: Tracee, status: number): void;
}
