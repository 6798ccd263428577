// Linux's network namespace: all sockets of the machine, the names they are bound to, and the one interface there is, lo.

import { SIGIO } from "../../abi/constants/signals.js";
import { DEV_SOCK, FileSystem } from "../fs/file-system.js";
import type { Kernel } from "../kernel.js";
import type { KernelTimer } from "../time/timer-queue.js";
import type { File } from "../vfs/file.js";
import { notifyOwner, signalOwner } from "../vfs/file-owner.js";
import type { IpPacket } from "./inet/ip-packet.js";
import { PortTable } from "./inet/port-table.js";
import { NetlinkPorts } from "./netlink/netlink-ports.js";
import type { Outside } from "./outside/outside.js";
import type { Sock } from "./sock.js";
import { collectUnixGarbage, UnixInFlight } from "./unix/in-flight.js";
import { UnixNames } from "./unix/unix-names.js";

const SOCKFS_MAGIC = 0x534f434b;
const FIRST_INO = 20001n;

/** A raw or packet socket. */
export interface Tap {
  /** Shows it a packet; true when it is of the protocol it is for. */
  takeIp(packet: IpPacket): boolean;
}

export class Net {
  readonly sockFs: FileSystem;
  readonly sockets = new Set<Sock>();
  /** Raw and packet sockets, which are shown what others send. */
  readonly taps = new Set<Tap>();
  readonly unixNames = new UnixNames();
  readonly inFlight = new UnixInFlight();
  readonly tcpPorts = new PortTable();
  readonly udpPorts = new PortTable();
  readonly netlinkPorts = new NetlinkPorts();
  readonly #kernel: Kernel;
  /** What lies beyond lo; undefined for a machine that is on no network. */
  outside: Outside | undefined;
  /** What lo has carried. */
  readonly traffic = { packets: 0, bytes: 0 };
  /** What TCP connections hold altogether. */
  readonly tcpMemory = { bytes: 0 };

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.sockFs = new FileSystem(
      { name: "sockfs", dev: DEV_SOCK, magic: SOCKFS_MAGIC, now: () => this.now() },
      FIRST_INO,
    );
  }

  /** Nanoseconds since the epoch, and on the monotonic clock. */
  now(): bigint {
    return this.#kernel.clock.realtime();
  }

  monotonic(): number {
    return this.#kernel.clock.monotonic();
  }

  /** Calls `expire` when `nanoseconds` have passed. */
  after(nanoseconds: number, expire: () => void): KernelTimer {
    const timer = { deadline: this.monotonic() + nanoseconds, expire };
    this.#kernel.timers.start(timer);
    return timer;
  }

  cancel(timer: KernelTimer): void {
    this.#kernel.timers.cancel(timer);
  }

  /** Sends a signal to the process that owns a socket: F_SETOWN. */
  tellOwner(file: File, signal: number): void {
    signalOwner(this.#kernel, file, signal);
  }

  /** O_ASYNC: POLL_* says what happened. */
  tellAsync(file: File, code: number): void {
    notifyOwner(this.#kernel, file, file.asyncFd, SIGIO, code);
  }

  /** Descriptors that are on their way in messages. */
  filesInFlight = 0;

  departing(files: readonly File[]): void {
    this.filesInFlight += files.length;
    this.inFlight.add(files);
  }

  departed(files: readonly File[]): void {
    this.filesInFlight -= files.length;
    this.inFlight.remove(files);
  }

  count(bytes: number): void {
    this.traffic.packets++;
    this.traffic.bytes += bytes;
  }

  /** Shows a packet to raw and packet sockets. True when a raw one is there for it. */
  tap(packet: IpPacket): boolean {
    let isTaken = false;
    for (const sock of [...this.taps]) isTaken = sock.takeIp(packet) || isTaken;
    return isTaken;
  }

  /** Releases sockets that only messages waiting in themselves hold. */
  collectGarbage(): void {
    collectUnixGarbage(this);
  }
}
