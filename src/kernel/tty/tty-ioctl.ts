// ioctl(2) on terminals. drivers/tty/tty_io.c, tty_ioctl.c, tty_jobctrl.c
import * as uapi from "../../abi/constants/terminals.js";
import { EINVAL, EIO, ENOTTY, EPERM, Errno, ESRCH } from "../../abi/errno.js";
import type { Task } from "../task/task.js";
import { TERMIOS_SIZE, TERMIOS2_SIZE } from "./termios.js";
import type { Tty } from "./tty.js";

const N_TTY = 0;
const TCOOFF = 0;
const TCOON = 1;
const TCIFLUSH = 0;
const TCOFLUSH = 1;
const TCIOFLUSH = 2;

export function ttyIoctl(tty: Tty, command: number, argument: number, task: Task): number {
  if (tty.hungUp) throw new Errno(command === uapi.TIOCSPGRP ? ENOTTY : EIO);
  if (CHANGES.has(command)) tty.checkChange(task);
  switch (command) {
    case uapi.TCGETS:
      task.copyOut(argument, tty.currentTermios().write(TERMIOS_SIZE));
      return 0;
    case uapi.TCGETS2:
      task.copyOut(argument, tty.currentTermios().write(TERMIOS2_SIZE));
      return 0;
    case uapi.TCSETS:
    case uapi.TCSETSW:
      tty.setTermios(task.copyIn(argument, TERMIOS_SIZE));
      return 0;
    case uapi.TCSETS2:
    case uapi.TCSETSW2:
      tty.setTermios(task.copyIn(argument, TERMIOS2_SIZE));
      return 0;
    case uapi.TCSETSF:
    case uapi.TCSETSF2: {
      const wanted = task.copyIn(argument, command === uapi.TCSETSF ? TERMIOS_SIZE : TERMIOS2_SIZE);
      tty.discipline.flush();
      tty.setTermios(wanted);
      return 0;
    }
    case uapi.TIOCGWINSZ: {
      const { rows, columns, xPixels, yPixels } = tty.windowSize();
      task.copyOut(argument, new Uint8Array(Uint16Array.of(rows, columns, xPixels, yPixels).buffer));
      return 0;
    }
    case uapi.TIOCSWINSZ: {
      const [rows, columns, xPixels, yPixels] = new Uint16Array(task.copyIn(argument, 8).buffer);
      tty.resize({ rows, columns, xPixels, yPixels });
      return 0;
    }
    case uapi.TIOCGPGRP:
      if (task.signal.tty !== tty) throw new Errno(ENOTTY);
      task.writeU32(argument, task.pidNamespace.inside(tty.foreground));
      return 0;
    case uapi.TIOCSPGRP:
      setForeground(tty, task, task.readI32(argument));
      return 0;
    case uapi.TIOCGSID:
      if (task.signal.tty !== tty || tty.session === 0) throw new Errno(ENOTTY);
      task.writeU32(argument, task.pidNamespace.inside(tty.session));
      return 0;
    case uapi.TIOCSCTTY:
      return makeControlling(tty, task, argument);
    case uapi.TIOCNOTTY:
      if (task.signal.tty !== tty) throw new Errno(ENOTTY);
      if (task.signal.session === task.tgid) tty.leaveSession();
      task.signal.tty = undefined;
      return 0;
    case uapi.FIONREAD:
      task.writeU32(argument, tty.available);
      return 0;
    case uapi.TIOCOUTQ:
      task.writeU32(argument, tty.unsent);
      return 0;
    case uapi.TCFLSH:
      return flush(tty, argument);
    case uapi.TCXONC:
      if (argument !== TCOOFF && argument !== TCOON) return argument <= 3 ? 0 : invalid();
      tty.stopOutput(argument === TCOOFF);
      return 0;
    case uapi.TCSBRK:
    case uapi.TCSBRKP:
      return 0; // what was written is sent, and nothing hears a break
    case uapi.TIOCEXCL:
    case uapi.TIOCNXCL:
      tty.exclusive = command === uapi.TIOCEXCL;
      return 0;
    case uapi.TIOCGETD:
      task.writeU32(argument, N_TTY);
      return 0;
    case uapi.TIOCSETD:
      return task.readU32(argument) === N_TTY ? 0 : invalid();
    case uapi.TIOCSTI:
      throw new Errno(EIO); // dev.tty.legacy_tiocsti is 0
    default:
      throw new Errno(ENOTTY);
  }
}

/** What a background process is stopped for. */
const CHANGES: ReadonlySet<number> = new Set([
  uapi.TCSETS,
  uapi.TCSETSW,
  uapi.TCSETSF,
  uapi.TCSETS2,
  uapi.TCSETSW2,
  uapi.TCSETSF2,
  uapi.TIOCSPGRP,
  uapi.TCSBRK,
  uapi.TCSBRKP,
  uapi.TCXONC,
  uapi.TCFLSH,
]);

function invalid(): never {
  throw new Errno(EINVAL);
}

function flush(tty: Tty, queue: number): number {
  if (queue !== TCIFLUSH && queue !== TCOFLUSH && queue !== TCIOFLUSH) return invalid();
  if (queue !== TCOFLUSH) tty.discipline.flush();
  return 0;
}

function setForeground(tty: Tty, task: Task, number: number): void {
  if (task.signal.tty !== tty || tty.session !== task.signal.session) throw new Errno(ENOTTY);
  if (number < 0) throw new Errno(EINVAL);
  const group = task.pidNamespace.outside(number);
  const member = [...task.kernel.tasks.values()].find(({ signal }) => signal.pgrp === group);
  if (member === undefined && group !== tty.foreground) throw new Errno(ESRCH);
  if (member && member.signal.session !== task.signal.session) throw new Errno(EPERM);
  if (group !== tty.foreground) tty.takeOver();
  tty.foreground = group;
}

/** Only the leader of a session without a terminal may take one, and only one that no other session has. */
function makeControlling(tty: Tty, task: Task, steal: number): number {
  const { signal, cred } = task;
  const isLeader = signal.session === task.tgid;
  if (isLeader && tty.session === signal.session) return 0;
  if (!isLeader || signal.tty) throw new Errno(EPERM);
  if (tty.session !== 0 && !(steal === 1 && cred.isPrivileged)) throw new Errno(EPERM);
  tty.adopt(task);
  return 0;
}
