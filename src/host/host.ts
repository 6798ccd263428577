// What the kernel asks of the machine it runs on: files, standard streams, clocks, entropy, network. An interface only; node-host.ts is
// the Node one, a browser host can stand beside it. Paths and names are byte strings: one JS character per byte (latin1).

export interface HostStat {
  readonly dev: number;
  readonly ino: bigint;
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdev: number;
  readonly size: number;
  readonly blksize: number;
  readonly blocks: number;
  /** Nanoseconds since the epoch. */
  readonly atime: bigint;
  readonly mtime: bigint;
  readonly ctime: bigint;
  readonly btime: bigint;
}

export interface HostDirent {
  readonly name: string;
  readonly ino: bigint;
  /** S_IFMT bits. */
  readonly type: number;
}

export interface HostStatfs {
  readonly type: number;
  readonly bsize: number;
  readonly blocks: number;
  readonly bfree: number;
  readonly bavail: number;
  readonly files: number;
  readonly ffree: number;
}

/** Every method may throw HostError. */
export interface HostFiles {
  /** undefined when there is no such file. */
  lstat(path: string): HostStat | undefined;
  readlink(path: string): string;
  /** In the host's own order, without "." and "..". */
  readdir(path: string): HostDirent[];
  statfs(path: string): HostStatfs;
  open(path: string, mode: "r" | "r+"): number;
  close(fd: number): void;
  fstat(fd: number): HostStat;
  read(fd: number, into: Uint8Array, position: number): number;
  write(fd: number, from: Uint8Array, position: number): number;
  create(path: string, mode: number): void;
  mkdir(path: string, mode: number): void;
  symlink(target: string, path: string): void;
  link(existing: string, path: string): void;
  unlink(path: string): void;
  rmdir(path: string): void;
  rename(from: string, to: string): void;
  truncate(path: string, size: number): void;
  chmod(path: string, mode: number): void;
  chown(path: string, uid: number, gid: number): void;
  /** Nanoseconds since the epoch. */
  utimes(path: string, atime: bigint, mtime: bigint): void;
}

export class HostError {
  /** Errno name: "ENOENT". */
  readonly code: string;

  constructor(code: string) {
    this.code = code;
  }
}

/** One of the process's own descriptors 0, 1, 2. */
export interface HostStream {
  readonly isTerminal: boolean;
  /** Reading it never waits. */
  readonly isFile: boolean;
  stat(): HostStat;
  /** readlink /proc/self/fd/N, or a fair imitation. */
  path(): string;
  /** O_ACCMODE and O_APPEND bits as fcntl(F_GETFL) would show them. */
  statusFlags(): number;
  /** Reads at once; only for `isFile`. Advances the host's own file position. */
  readNow(into: Uint8Array): number;
  /** Starts a read; `done` is called later, from the event loop, with an errno name when it failed. */
  readLater(length: number, done: (bytes: Uint8Array, error: string | undefined) => void): void;
  /** All of it is written when this returns, unless it throws HostError. */
  write(bytes: Uint8Array): number;
  truncate(size: number): void;
  windowSize(): { rows: number; columns: number };
  /** struct termios' four flag words and 19 control characters, or undefined when they cannot be had. */
  termios(): { flags: readonly number[]; characters: readonly number[] } | undefined;
  /** Raw: the terminal passes on bytes as they are, both ways; otherwise as it was found. */
  setRaw(raw: boolean): void;
  /** File position for seekable files; undefined for what cannot seek. */
  seek(position: number, whence: number): number | undefined;
}

export interface HostIdentity {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  readonly cwd: string;
  readonly hostname: string;
  readonly umask: number;
  /** Resource limits the tool itself has; empty where the host has none. */
  readonly limits: readonly HostLimit[];
}

/** Infinity is no limit. */
export interface HostLimit {
  readonly resource: number;
  readonly soft: number;
  readonly hard: number;
}

/** An address of the host's network: its numeric text, and a port. */
export interface HostEndpoint {
  readonly address: string;
  readonly port: number;
}

/** What becomes of a TCP connection; called from the event loop. Errors are errno names. */
export interface HostConnectionEvents {
  connected(local: HostEndpoint): void;
  data(bytes: Uint8Array): void;
  /** The other side sends no more. */
  ended(): void;
  /** The host has taken bytes that were pending. */
  drained(): void;
  closed(error: string | undefined): void;
}

export interface HostConnection {
  readonly local: HostEndpoint;
  readonly remote: HostEndpoint;
  /** Bytes that were written and that the host has not taken. */
  readonly pending: number;
  write(bytes: Uint8Array): void;
  /** Sends no more after what is pending. */
  end(): void;
  /** Ends it at once, with a reset. */
  destroy(): void;
  /** Whether `data` may be called. */
  setReading(wanted: boolean): void;
}

export interface HostListenerEvents {
  listening(): void;
  failed(error: string): void;
  /** `follow` says who is to hear of the connection. */
  connection(connection: HostConnection, follow: (events: HostConnectionEvents) => void): void;
}

export interface HostDatagramEvents {
  bound(): void;
  failed(error: string): void;
  datagram(bytes: Uint8Array, from: HostEndpoint): void;
}

export interface HostDatagrams {
  send(bytes: Uint8Array, to: HostEndpoint): void;
  close(): void;
}

/** The network the host is on. Nothing here waits. */
export interface HostNetwork {
  connect(to: HostEndpoint, events: HostConnectionEvents): HostConnection;
  listen(at: HostEndpoint, v6Only: boolean, events: HostListenerEvents): { close(): void };
  bindDatagrams(family: 4 | 6, at: HostEndpoint, events: HostDatagramEvents): HostDatagrams;
}

export interface Host {
  /** Used only when the program may use the host's network. */
  readonly network?: HostNetwork | undefined;
  readonly files: HostFiles;
  readonly streams: readonly HostStream[];
  identity(): HostIdentity;
  /** Nanoseconds since the epoch. */
  realtime(): bigint;
  /** Nanoseconds since some fixed point; exact enough as a double. */
  monotonic(): number;
  /** Seconds since the machine was started. */
  uptime(): number;
  /** CPU time this process has used: nanoseconds in user mode and in the system. */
  cpuTime(): { user: number; system: number };
  entropy(bytes: Uint8Array): void;
  /** Stops the tool, as ^Z would; returns when it goes on. */
  suspend(): void;
  /** Blocks the whole process for at most `nanoseconds`: for naps too short for a timer. */
  nap(nanoseconds: number): void;
  /** Lets the event loop run; `wake` is called after `milliseconds` at the latest. Returns a function that cancels. */
  timer(milliseconds: number, wake: () => void): () => void;
  /** Lets pending host events in, then calls back. */
  yieldToEvents(): Promise<void>;
  /** Terminal signals sent to the tool itself. Returns a function that stops listening. */
  onSignal(listener: (name: "SIGINT" | "SIGTERM" | "SIGQUIT" | "SIGHUP" | "SIGWINCH") => void): () => void;
}
