// Character devices: what each device number does when it is opened.
import { EINVAL, ENOSPC, ENXIO, Errno } from "../../../abi/errno.js";
import type { Task } from "../../task/task.js";
import { UNIX98_PTY_SLAVE_MAJOR } from "../../tty/pty.js";
import { TtyFile } from "../../tty/tty-file.js";
import type { Dentry } from "../../vfs/dentry.js";
import { File } from "../../vfs/file.js";
import type { IoVector } from "../../vfs/io-vector.js";
import { makeDev } from "../file-system.js";

const MAX_TRANSFER = 0x7ffff000;
const CHUNK = 1 << 16;
const RNDGETENTCNT = 0x80045200;

class NullFile extends File {
  override get seekable(): boolean {
    return true;
  }

  override get splices(): boolean {
    return true;
  }

  override read(_into: IoVector, _task: Task, _position?: number): number {
    return 0;
  }

  /** Looks at no byte: a bad address is as good as any. */
  override write(from: IoVector, _task: Task, _position?: number): number {
    return Math.min(from.remaining, MAX_TRANSFER);
  }

  override seek(): number {
    this.position = 0;
    return 0;
  }
}

class ZeroFile extends NullFile {
  override read(into: IoVector): number {
    return fill(into, (slice) => slice.fill(0));
  }

  override mappable(): "zero" {
    return "zero";
  }
}

class FullFile extends ZeroFile {
  override write(): number {
    throw new Errno(ENOSPC);
  }
}

class RandomFile extends NullFile {
  override read(into: IoVector, task: Task): number {
    return fill(into, (slice) => task.kernel.random(slice));
  }

  override ioctl(command: number, argument: number, task: Task): number {
    if (command !== RNDGETENTCNT) throw new Errno(EINVAL);
    task.writeU32(argument, 256);
    return 0;
  }
}

/** Fills all of `into` that can be reached. */
function fill(into: IoVector, write: (slice: Uint8Array) => void): number {
  let done = 0;
  while (into.remaining > 0 && done < MAX_TRANSFER) {
    let step = 0;
    for (const slice of into.slices(CHUNK)) {
      write(slice);
      step += slice.length;
    }
    into.advance(step);
    done += step;
    if (step < Math.min(CHUNK, into.remaining)) break;
  }
  return done;
}

export function openCharacterDevice(dentry: Dentry, flags: number, task: Task): File {
  const { rdev } = dentry.inode.stat();
  switch (rdev) {
    case makeDev(1, 3):
      return new NullFile(dentry, flags);
    case makeDev(1, 5):
      return new ZeroFile(dentry, flags);
    case makeDev(1, 7):
      return new FullFile(dentry, flags);
    case makeDev(1, 8):
    case makeDev(1, 9):
      return new RandomFile(dentry, flags);
    case makeDev(5, 0): {
      const { tty } = task.signal;
      if (tty === undefined) throw new Errno(ENXIO);
      return new TtyFile(dentry, flags, tty);
    }
    case makeDev(5, 2):
      return task.kernel.ptys.open(dentry, flags, task);
    default:
      if (rdev >>> 8 === UNIX98_PTY_SLAVE_MAJOR) return task.kernel.ptys.openSlave(rdev & 0xff, dentry, flags, task);
      throw new Errno(ENXIO);
  }
}
