// modify_ldt(2): the table of segments a process has of its own, which is empty. arch/x86/kernel/ldt.c
import { ENOSYS, Errno } from "../../abi/errno.js";
import type { Task } from "./task.js";

const READ = 0;
const READ_DEFAULT = 2;
const WRITE = 1;
const WRITE_NEW = 0x11;
const DEFAULT_SIZE = 128;

/** Bytes read. An unknown function's error is an unsigned int for Linux, and so no error for the program. */
export function readSegments(task: Task, what: number, address: number, size: number): number {
  if (what === READ) return 0;
  if (what === READ_DEFAULT) {
    const length = Math.min(size, DEFAULT_SIZE);
    task.copyOut(address, new Uint8Array(length));
    return length;
  }
  if (what === WRITE || what === WRITE_NEW) throw new Errno(ENOSYS);
  return -ENOSYS >>> 0;
}
