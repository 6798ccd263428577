// Linux's tty_struct: settings, line discipline, window size, and whose controlling terminal it is. What it is connected to is a driver:
// the other end of a pty, or the host's terminal.

import { FASYNC, O_NOCTTY } from "../../abi/constants/files.js";
import { POLL_IN, SIG_IGN, SIGCONT, SIGHUP, SIGIO, SIGTTIN, SIGTTOU, SIGWINCH } from "../../abi/constants/signals.js";
import { ICANON, TOSTOP, VMIN, VTIME } from "../../abi/constants/terminals.js";
import { EIO, ERESTARTSYS, Errno } from "../../abi/errno.js";
import type { Kernel } from "../kernel.js";
import { isOrphanedGroup, signalGroup } from "../task/process-group.js";
import type { Task } from "../task/task.js";
import type { File } from "../vfs/file.js";
import { notifyOwner } from "../vfs/file-owner.js";
import { LineDiscipline } from "./line-discipline.js";
import { MOST_FOR_ONE } from "./output-processing.js";
import { Termios } from "./termios.js";

export interface WindowSize {
  rows: number;
  columns: number;
  xPixels: number;
  yPixels: number;
}

export abstract class Tty {
  readonly kernel: Kernel;
  readonly rdev: number;
  readonly termios = new Termios();
  readonly discipline: LineDiscipline;
  size: WindowSize = { rows: 0, columns: 0, xPixels: 0, yPixels: 0 };
  /** The session it is the controlling terminal of, and that session's foreground group; 0 without. */
  session = 0;
  foreground = 0;
  /** Those that have it open. */
  readonly files = new Set<File>();
  hungUp = false;
  exclusive = false;
  #stopped = false;

  constructor(kernel: Kernel, rdev: number) {
    this.kernel = kernel;
    this.rdev = rdev;
    this.discipline = new LineDiscipline({
      termios: this.termios,
      put: (bytes) => this.put(Uint8Array.from(bytes).subarray(0, this.room())),
      signal: (signal) => signalGroup(kernel, this.foreground, signal),
      stopOutput: (stopped) => this.stopOutput(stopped),
    });
  }

  /** Bytes the driver can take. */
  abstract room(): number;
  abstract put(bytes: Uint8Array): void;
  /** Bytes put that have not been taken. */
  get unsent(): number {
    return 0;
  }
  /** Somebody waits for input. */
  wantInput(_length: number): void {}
  /** The program is about to change how the terminal behaves. */
  takeOver(): void {}

  stopOutput(stopped: boolean): void {
    this.#stopped = stopped;
    this.kernel.wake();
  }

  get canWrite(): boolean {
    return this.hungUp || (!this.#stopped && this.room() >= MOST_FOR_ONE);
  }

  /** Writes what fits now; how many of the bytes. */
  write(bytes: Uint8Array): number {
    let done = 0;
    while (done < bytes.length && this.canWrite) {
      const part = bytes.subarray(done, done + Math.max(1, Math.floor(this.room() / MOST_FOR_ONE)));
      this.put(Uint8Array.from(this.discipline.output.process(part)));
      done += part.length;
    }
    return done;
  }

  /** Could a read of `length` bytes return? In non-canonical mode VMIN of them are wanted. */
  isReadable(length = Number.POSITIVE_INFINITY): boolean {
    return this.hungUp || this.discipline.isReadable(Math.min(this.minimum, length));
  }

  get minimum(): number {
    return this.termios.characters[VMIN];
  }

  /** VTIME in nanoseconds; 0 in canonical mode. */
  get readTime(): number {
    return this.termios.has(ICANON) ? 0 : this.termios.characters[VTIME] * 1e8;
  }

  take(limit: number): Uint8Array {
    return this.discipline.take(limit);
  }

  get available(): number {
    return this.discipline.available;
  }

  /** Bytes from the other side. */
  receive(bytes: Uint8Array): void {
    this.discipline.receive(bytes);
    if (this.isReadable()) this.#tellAsync();
    this.kernel.wake();
  }

  /** kill_fasync: who asked for signals learns that there is something to read. */
  #tellAsync(): void {
    for (const file of this.files) {
      if (file.flags & FASYNC) notifyOwner(this.kernel, file, file.asyncFd, SIGIO, POLL_IN);
    }
  }

  /** The settings as they are now. */
  currentTermios(): Termios {
    return this.termios;
  }

  windowSize(): WindowSize {
    return this.size;
  }

  setTermios(bytes: Uint8Array): void {
    this.takeOver();
    const wasCanonical = this.termios.has(ICANON);
    this.termios.read(bytes);
    this.discipline.modeChanged(wasCanonical);
    this.kernel.wake();
  }

  resize(size: WindowSize): void {
    const { rows, columns, xPixels, yPixels } = this.size;
    const same = size.rows === rows && size.columns === columns && size.xPixels === xPixels && size.yPixels === yPixels;
    this.size = size;
    if (!same) signalGroup(this.kernel, this.foreground, SIGWINCH);
  }

  /** The line is cut: readers see the end, writers an error, the session learns of it. */
  hangUp(): void {
    if (this.hungUp) return;
    this.hungUp = true;
    this.discipline.flush();
    const leader = this.kernel.tasks.get(this.session);
    leader?.sendSignal(SIGHUP, undefined, true);
    leader?.sendSignal(SIGCONT, undefined, true);
    signalGroup(this.kernel, this.foreground, SIGHUP);
    this.leaveSession();
    this.kernel.wake();
  }

  // Job control.

  /** Opening a terminal may make it the controlling one of a session leader that has none. */
  openedBy(task: Task, flags: number): void {
    const { signal } = task;
    if (flags & O_NOCTTY || signal.session !== task.tgid || signal.tty || this.session !== 0) return;
    this.adopt(task);
  }

  /** Gives the terminal to the session `task` leads. */
  adopt(task: Task): void {
    this.leaveSession();
    this.session = task.signal.session;
    this.foreground = task.signal.pgrp;
    for (const other of this.kernel.tasks.values()) {
      if (other.signal.session === this.session && other.tgid === task.tgid) other.signal.tty = this;
    }
  }

  /** The session's leader has ended. disassociate_ctty */
  leaderEnds(): void {
    signalGroup(this.kernel, this.foreground, SIGHUP);
    signalGroup(this.kernel, this.foreground, SIGCONT);
    this.leaveSession();
  }

  /** No process of the session has it any more. */
  leaveSession(): void {
    for (const { signal } of this.kernel.tasks.values()) if (signal.tty === this) signal.tty = undefined;
    this.session = 0;
    this.foreground = 0;
  }

  #isBackground(task: Task): boolean {
    return task.signal.tty === this && this.foreground !== 0 && task.signal.pgrp !== this.foreground;
  }

  /** A background process may not read: SIGTTIN. Throws EIO when it cannot be stopped. */
  checkRead(task: Task): void {
    if (this.#isBackground(task)) this.#stopJob(task, SIGTTIN);
  }

  /** With TOSTOP, a background process may not write. */
  checkWrite(task: Task): void {
    if (this.termios.has(TOSTOP)) this.checkChange(task);
  }

  /** A background process may not change the settings: SIGTTOU, unless it ignores that. tty_check_change */
  checkChange(task: Task): void {
    if (this.#isBackground(task) && !ignores(task, SIGTTOU)) this.#stopJob(task, SIGTTOU);
  }

  #stopJob(task: Task, signal: number): never {
    if (ignores(task, signal) || isOrphanedGroup(this.kernel, task.signal.pgrp)) throw new Errno(EIO);
    signalGroup(this.kernel, task.signal.pgrp, signal);
    throw new Errno(ERESTARTSYS);
  }
}

function ignores(task: Task, signal: number): boolean {
  return task.blocked.has(signal) || task.sighand.get(signal).handler === SIG_IGN;
}
