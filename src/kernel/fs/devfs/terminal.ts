// Terminal ioctls on a stream that is one. drivers/tty/tty_io.c: tty_ioctl
import {
  ICANON,
  ISIG,
  TCFLSH,
  TCGETS,
  TCSBRK,
  TCSETS,
  TCSETSF,
  TCSETSW,
  TCXONC,
  TIOCGPGRP,
  TIOCGPTN,
  TIOCGSID,
  TIOCGWINSZ,
  TIOCNOTTY,
  TIOCSCTTY,
  TIOCSPGRP,
  TIOCSWINSZ,
} from "../../../abi/constants/terminals.js";
import { EINVAL, ENOTTY, Errno } from "../../../abi/errno.js";
import type { Task } from "../../task/task.js";
import type { Stream } from "./stream.js";

const TERMIOS_SIZE = 36; // struct termios of the kernel: four words, c_line, 19 control characters

// A cooked terminal as getty leaves it: for hosts that do not tell.
const COOKED_FLAGS = [0x4500, 0x5, 0xbf, 0x8a3b];
const COOKED_CHARACTERS = [3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0, 0, 0];

/** Settings the guest made, by stream. */
const settings = new WeakMap<Stream, Uint8Array>();

export function terminalIoctl(stream: Stream, command: number, argument: number, task: Task): number {
  switch (command) {
    case TCGETS:
      task.copyOut(argument, termios(stream));
      return 0;
    case TCSETS:
    case TCSETSW:
    case TCSETSF: {
      const wanted = task.copyIn(argument, TERMIOS_SIZE);
      settings.set(stream, wanted);
      const localFlags = wanted[12];
      stream.host.setRaw((localFlags & (ICANON | ISIG)) !== (ICANON | ISIG));
      return 0;
    }
    case TIOCGWINSZ: {
      const { rows, columns } = stream.host.windowSize();
      const size = new Uint16Array([rows, columns, 0, 0]);
      task.copyOut(argument, new Uint8Array(size.buffer));
      return 0;
    }
    case TIOCGPGRP:
      task.writeU32(argument, task.kernel.foregroundGroup);
      return 0;
    case TIOCSPGRP:
      task.kernel.foregroundGroup = task.readU32(argument);
      return 0;
    case TIOCGSID:
      task.writeU32(argument, task.signal.session);
      return 0;
    case TIOCSCTTY:
    case TIOCSWINSZ:
    case TIOCNOTTY:
    case TCFLSH:
    case TCXONC:
    case TCSBRK:
      return 0;
    case TIOCGPTN: {
      const number = /^\/dev\/pts\/(\d+)$/.exec(stream.host.path());
      if (number === null) throw new Errno(ENOTTY);
      task.writeU32(argument, Number(number[1]));
      return 0;
    }
    default:
      throw new Errno(command >>> 8 === 0x54 ? EINVAL : ENOTTY);
  }
}

function termios(stream: Stream): Uint8Array {
  const mine = settings.get(stream);
  if (mine) return mine;
  const host = stream.host.termios();
  const bytes = new Uint8Array(TERMIOS_SIZE);
  const view = new DataView(bytes.buffer);
  (host?.flags ?? COOKED_FLAGS).forEach((word, index) => view.setUint32(index * 4, word, true));
  bytes.set((host?.characters ?? COOKED_CHARACTERS).slice(0, 19), 17);
  return bytes;
}
