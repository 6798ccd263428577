// Outputs of the tracer on this host: stderr, files, a command's stdin; and the host's clocks.

import { closeSync, fstatSync, openSync, readFileSync, writeSync } from "node:fs";
import { errnoMessage } from "../abi/errno.js";
import { UserError } from "../lib/errors.js";
import { builtin } from "./builtin.js";
import { beforeTerminalOutput } from "./terminal-line.js";

export interface TextOutput {
  /** One character per byte. */
  write(text: string): void;
  readonly immediate: boolean;
}

export interface ClosableOutput extends TextOutput {
  /** Ends it. Throws a UserError when something written did not get through. */
  close(): void | Promise<void>;
}

const STDERR = 2;

function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text, "latin1");
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EPIPE") return;
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
  }
}

/** Other writers share it, the program among them: nothing is kept back. When it fails there is nobody to tell. */
export function standardError(): TextOutput {
  return {
    write: (text) => {
      try {
        beforeTerminalOutput();
        writeAll(STDERR, text);
      } catch {}
    },
    immediate: true,
  };
}

/** Opens a file to write to. The program goes on when a full disk cuts its trace short: the end of the run says it. */
export function openOutput(path: string, append: boolean): ClosableOutput {
  const fd = explained(`Can't fopen '${path}'`, () => openSync(path, append ? "a" : "w", 0o666));
  let failure: unknown;
  return {
    write: (text) => {
      if (failure !== undefined) return;
      try {
        explained(path, () => writeAll(fd, text));
      } catch (error) {
        failure = error;
      }
    },
    immediate: sameFile(fd, STDERR),
    close: () => {
      closeSync(fd);
      if (failure !== undefined) throw failure;
    },
  };
}

/** A file's text, one character per byte. */
export function readText(path: string): string {
  return explained(`Can't open '${path}'`, () => readFileSync(path, "latin1"));
}

/** The same; undefined when it cannot be read. */
export function readTextIfAny(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}

/** Runs `call`; what the host says against it becomes the user's. */
function explained<T>(subject: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException;
    if (errno === undefined) throw error;
    throw new UserError(`${subject}: ${errnoMessage(-errno)}`);
  }
}

function sameFile(a: number, b: number): boolean {
  try {
    const first = fstatSync(a);
    const second = fstatSync(b);
    return first.dev === second.dev && first.ino === second.ino;
  } catch {
    return false;
  }
}

/** The input of a shell command. `close` ends it and waits for the command. */
export function outputPipe(command: string): ClosableOutput {
  const child = builtin("node:child_process").spawn("/bin/sh", ["-c", command], {
    stdio: ["pipe", "inherit", "inherit"],
  });
  const ended = new Promise<void>((resolve) => {
    child.on("close", () => resolve());
    child.on("error", () => resolve());
  });
  child.stdin.on("error", () => {});
  return {
    write: (text) => child.stdin.write(text, "latin1"),
    immediate: false,
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

export function tracerClock(): { realtime(): bigint; monotonic(): number } {
  const start = process.hrtime.bigint();
  const epoch = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6));
  return {
    realtime: () => epoch + (process.hrtime.bigint() - start),
    monotonic: () => Math.round(performance.now() * 1e6),
  };
}
