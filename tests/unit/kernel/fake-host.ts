// A host with a tree in memory and clocks that stand still: what the kernel's unit tests run on.
import {
  type Host,
  type HostDirent,
  HostError,
  type HostFiles,
  type HostStat,
  type HostStream,
} from "../../../src/host/host.js";

export interface FakeNode {
  mode: number;
  data?: Uint8Array;
  target?: string;
  uid?: number;
}

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

export const directory = (mode = 0o755): FakeNode => ({ mode: 0o040000 | mode });
export const file = (text: string | Uint8Array, mode = 0o644, uid = 0): FakeNode => ({
  mode: 0o100000 | mode,
  data: typeof text === "string" ? bytesOf(text) : text,
  uid,
});
export const link = (target: string): FakeNode => ({ mode: 0o120777, target });

class FakeFiles {
  readonly nodes: Map<string, FakeNode>;
  readonly #open = new Map<number, string>();
  #nextFd = 100;

  constructor(tree: Readonly<Record<string, FakeNode>>) {
    this.nodes = new Map(Object.entries({ "/": directory(), ...tree }));
  }

  lstat(path: string): HostStat | undefined {
    const node = this.nodes.get(path);
    if (node === undefined) return undefined;
    const size = node.data?.length ?? node.target?.length ?? 4096;
    const ino = BigInt([...this.nodes.keys()].indexOf(path) + 2);
    const times = { atime: 1n, mtime: 2n, ctime: 3n, btime: 0n };
    const ids = { uid: node.uid ?? 0, gid: 0, rdev: 0 };
    return { dev: 7, ino, mode: node.mode, nlink: 1, size, blksize: 4096, blocks: 8, ...ids, ...times };
  }

  readlink(path: string): string {
    return this.nodes.get(path)?.target ?? "";
  }

  readdir(path: string): HostDirent[] {
    const prefix = path === "/" ? "/" : `${path}/`;
    return [...this.nodes].flatMap(([name, node]) => {
      const rest = name.slice(prefix.length);
      const isChild = name.startsWith(prefix) && rest !== "" && !rest.includes("/");
      return isChild ? [{ name: rest, ino: this.lstat(name)?.ino ?? 0n, type: node.mode & 0o170000 }] : [];
    });
  }

  open(path: string): number {
    if (!this.nodes.has(path)) throw new HostError("ENOENT");
    this.#open.set(++this.#nextFd, path);
    return this.#nextFd;
  }

  close(fd: number): void {
    this.#open.delete(fd);
  }

  get openCount(): number {
    return this.#open.size;
  }

  fstat(fd: number): HostStat {
    const stat = this.lstat(this.#open.get(fd) ?? "");
    if (stat === undefined) throw new HostError("EBADF");
    return stat;
  }

  read(fd: number, into: Uint8Array, position: number): number {
    const data = this.nodes.get(this.#open.get(fd) ?? "")?.data ?? new Uint8Array(0);
    const part = data.subarray(position, position + into.length);
    into.set(part);
    return part.length;
  }

  statfs(): {
    type: number;
    bsize: number;
    blocks: number;
    bfree: number;
    bavail: number;
    files: number;
    ffree: number;
  } {
    return { type: 1, bsize: 4096, blocks: 10, bfree: 5, bavail: 5, files: 3, ffree: 2 };
  }
}

class FakeStream {
  readonly isTerminal = false;
  readonly isFile = true;
  written = "";
  readonly fd: number;

  constructor(fd: number) {
    this.fd = fd;
  }

  stat(): HostStat {
    const times = { atime: 0n, mtime: 0n, ctime: 0n, btime: 0n };
    const sizes = { size: 0, blksize: 4096, blocks: 0 };
    return { dev: 1, ino: BigInt(this.fd), mode: 0o010600, nlink: 1, uid: 0, gid: 0, rdev: 0, ...sizes, ...times };
  }

  path(): string {
    return `pipe:[${this.fd}]`;
  }

  statusFlags(): number {
    return this.fd === 0 ? 0 : 1;
  }

  readNow(): number {
    return 0;
  }

  write(bytes: Uint8Array): number {
    this.written += String.fromCharCode(...bytes);
    return bytes.length;
  }

  seek(): undefined {
    return undefined;
  }
}

export class FakeHost {
  readonly files: FakeFiles;
  readonly streams = [new FakeStream(0), new FakeStream(1), new FakeStream(2)];
  readonly uid: number;
  now = 1_000_000_000;

  constructor(tree: Readonly<Record<string, FakeNode>> = {}, uid = 0) {
    this.files = new FakeFiles(tree);
    this.uid = uid;
  }

  identity(): ReturnType<Host["identity"]> {
    return { uid: this.uid, gid: this.uid, groups: [], cwd: "/", hostname: "fake", umask: 0o022, limits: [] };
  }

  realtime(): bigint {
    return BigInt(this.now);
  }

  monotonic(): number {
    return this.now;
  }

  uptime(): number {
    return this.now / 1e9;
  }

  cpuTime(): { user: number; system: number } {
    return { user: 0, system: 0 };
  }

  entropy(bytes: Uint8Array): void {
    bytes.fill(0x5a);
  }

  nap(nanoseconds: number): void {
    this.now += nanoseconds;
  }

  timer(milliseconds: number, wake: () => void): () => void {
    this.now += milliseconds * 1e6;
    queueMicrotask(wake);
    return () => {};
  }

  yieldToEvents(): Promise<void> {
    return Promise.resolve();
  }

  onSignal(): () => void {
    return () => {};
  }

  /** What the kernel takes it for: the methods no test reaches are left out. */
  get host(): Host {
    return this as unknown as Host & { files: HostFiles; streams: HostStream[] };
  }
}
