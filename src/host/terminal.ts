// Whether a descriptor of the host is a terminal. Node's tty module is slow to load: it is asked only what the kind of device does not tell.
import { fstatSync } from "node:fs";
import { builtin } from "./builtin.js";

// Majors of Linux's devices. Documentation/admin-guide/devices.txt
/** /dev/null and its like. */
const MEMORY = 1;
const FIRST_PTS = 136;
const LAST_PTS = 143;

export function isTerminal(fd: number): boolean {
  try {
    const stats = fstatSync(fd);
    if (!stats.isCharacterDevice()) return false;
    const major = process.platform === "linux" ? (stats.rdev >>> 8) & 0xfff : -1;
    if (major === MEMORY) return false;
    return (major >= FIRST_PTS && major <= LAST_PTS) || builtin("node:tty").isatty(fd);
  } catch {
    return false; // closed
  }
}
