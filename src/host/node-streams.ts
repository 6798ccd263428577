// Descriptors 0, 1 and 2 of the Node process as the guest's standard streams.

import * as fs from "node:fs";
import type { ReadStream } from "node:tty";
import { builtin } from "./builtin.js";
import { HostError, type HostStat, type HostStream } from "./host.js";
import { attempt, fromStats } from "./node-files.js";
import { isTerminal } from "./terminal.js";
import { afterTerminalOutput, beforeTerminalOutput, terminalIsTaken } from "./terminal-line.js";

const RETRY_MILLISECONDS = 2;

/** In fdinfo's flags. */
const O_CLOEXEC = 0o2000000;

export class NodeStream implements HostStream {
  readonly #fd: number;
  readonly isTerminal: boolean;
  readonly isFile: boolean;
  readonly #open: boolean;
  #terminal: ReadStream | undefined;
  #position: number | undefined;

  constructor(fd: number) {
    this.#fd = fd;
    this.isTerminal = isTerminal(fd);
    const stats = this.#stats();
    this.#open = stats !== undefined;
    // Node opens /dev/null over a closed descriptor at start-up, so it counts as a file: reading it never waits.
    this.isFile = stats !== undefined && (stats.isFile() || (stats.isCharacterDevice() && !this.isTerminal));
  }

  stat(): HostStat {
    return fromStats(attempt(() => fs.fstatSync(this.#fd, { bigint: true })));
  }

  path(): string {
    try {
      return fs.readlinkSync(`/proc/self/fd/${this.#fd}`, "latin1");
    } catch {
      return this.isTerminal ? "/dev/tty" : `pipe:[${this.#open ? this.stat().ino : 0}]`;
    }
  }

  statusFlags(): number {
    try {
      const line = /^flags:\s*([0-7]+)/m.exec(fs.readFileSync(`/proc/self/fdinfo/${this.#fd}`, "latin1"));
      if (line) return Number.parseInt(line[1], 8) & ~O_CLOEXEC; // Node's own
    } catch {
      // Not a Linux host: the usual access modes.
    }
    return this.isTerminal ? 2 : this.#fd === 0 ? 0 : 1;
  }

  readNow(into: Uint8Array): number {
    const count = attempt(() => fs.readSync(this.#fd, into, 0, into.length, this.#position ?? null));
    if (this.#position !== undefined) this.#position += count;
    return count;
  }

  readLater(length: number, done: (bytes: Uint8Array, error: string | undefined) => void): void {
    if (this.isTerminal) terminalIsTaken();
    if (this.#terminal) return readTerminal(this.#terminal, done);
    const buffer = Buffer.alloc(length);
    const start = (): void =>
      fs.read(this.#fd, buffer, 0, length, null, (error, count) => {
        if (error?.code === "EAGAIN") setTimeout(start, RETRY_MILLISECONDS * 5);
        else done(buffer.subarray(0, count ?? 0), error?.code);
      });
    start();
  }

  write(bytes: Uint8Array): number {
    if (this.isTerminal) beforeTerminalOutput();
    const written = this.#writeAll(bytes);
    if (this.isTerminal) afterTerminalOutput(bytes);
    return written;
  }

  #writeAll(bytes: Uint8Array): number {
    let written = 0;
    while (written < bytes.length) {
      try {
        const rest = bytes.subarray(written);
        const count = fs.writeSync(this.#fd, rest, 0, rest.length, this.#position ?? null);
        written += count;
        if (this.#position !== undefined) this.#position += count;
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? "EIO";
        if (code !== "EAGAIN") {
          if (written > 0) return written;
          throw new HostError(code);
        }
        // The reader is slow and the pipe does not block: wait as write(2) would have.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MILLISECONDS);
      }
    }
    return written;
  }

  truncate(size: number): void {
    attempt(() => fs.ftruncateSync(this.#fd, size));
  }

  windowSize(): { rows: number; columns: number } {
    if (!this.isTerminal) return { rows: 0, columns: 0 };
    const [columns, rows] = new (builtin("node:tty").WriteStream)(this.#fd).getWindowSize();
    return { rows, columns };
  }

  termios(): { flags: readonly number[]; characters: readonly number[] } | undefined {
    try {
      const words = builtin("node:child_process")
        .execFileSync("stty", ["-g"], { stdio: [this.#fd, "pipe", "ignore"] })
        .toString("latin1")
        .trim()
        .split(":")
        .map((word) => Number.parseInt(word, 16));
      return words.length < 5 ? undefined : { flags: words.slice(0, 4), characters: words.slice(4) };
    } catch {
      return undefined;
    }
  }

  /** Node puts the settings back when it ends. Its own raw mode goes on to make line ends of newlines. */
  setRaw(raw: boolean): void {
    if (!this.isTerminal) return;
    terminalIsTaken();
    this.#terminal ??= new (builtin("node:tty").ReadStream)(this.#fd).pause().unref();
    this.#terminal.setRawMode(raw);
    if (!raw) return;
    try {
      builtin("node:child_process").execFileSync("stty", ["-opost"], { stdio: [this.#fd, "ignore", "ignore"] });
    } catch {
      // A host without stty: lines begin where they should, seldom elsewhere.
    }
  }

  seek(position: number, whence: number): number | undefined {
    const stats = this.#stats();
    if (stats?.isCharacterDevice() && !this.isTerminal) return 0; // null_lseek
    if (!stats?.isFile()) return undefined;
    const size = Number(stats.size);
    if (whence > 2 && (position < 0 || position >= size)) throw new HostError("ENXIO");
    // Data is all there is, and the hole is at its end.
    const bases = [0, whence === 1 ? (this.#position ?? this.#hostPosition()) : 0, size, 0, size - position];
    const target = bases[whence] + position;
    if (target < 0) throw new HostError("EINVAL");
    if (whence !== 1 || position !== 0) this.#position = target;
    return target;
  }

  #hostPosition(): number {
    try {
      const line = /^pos:\s*(\d+)/m.exec(fs.readFileSync(`/proc/self/fdinfo/${this.#fd}`, "latin1"));
      return line ? Number(line[1]) : 0;
    } catch {
      return 0;
    }
  }

  #stats(): fs.BigIntStats | undefined {
    try {
      return fs.fstatSync(this.#fd, { bigint: true });
    } catch {
      return undefined;
    }
  }
}

/** Unlike a read of the descriptor, waiting for this does not keep Node from ending. */
function readTerminal(terminal: ReadStream, done: (bytes: Uint8Array, error: string | undefined) => void): void {
  const settle = (bytes: Uint8Array, error?: string): void => {
    terminal.off("data", settle).off("end", onEnd).off("error", onError).pause();
    done(bytes, error);
  };
  const onEnd = (): void => settle(new Uint8Array(0));
  const onError = (error: NodeJS.ErrnoException): void => settle(new Uint8Array(0), error.code ?? "EIO");
  terminal.on("data", settle).on("end", onEnd).on("error", onError).resume();
}
