// Whether a descriptor of the host is a terminal. Only a character device can be one, and Node's tty module is slow to load.
import { fstatSync } from "node:fs";
import { builtin } from "./builtin.js";

export function isTerminal(fd: number): boolean {
  try {
    return fstatSync(fd).isCharacterDevice() && builtin("node:tty").isatty(fd);
  } catch {
    return false; // closed
  }
}
