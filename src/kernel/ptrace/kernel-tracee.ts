// A task as its tracer sees it: what ptrace(2) and /proc/PID would show. arch/x86/kernel/ptrace.c
import { S_IFBLK, S_IFCHR, S_IFMT } from "../../abi/constants/files.js";
import { PROT_EXEC } from "../../abi/constants/memory.js";
import { Errno } from "../../abi/errno.js";
import type { Tracee, TraceeFile, TraceeMapping, TraceeSocket } from "../../abi/tracee.js";
import { READ } from "../../machine/guest-memory.js";
import { PAGE_SIZE } from "../../machine/state-layout.js";
import * as pt from "../entry/pt-regs.js";
import { X32_SYSCALL_BIT } from "../entry/syscall-table.js";
import { areaName } from "../fs/procfs/proc-maps.js";
import { writeForced } from "../mm/forced-access.js";
import { TASK_SIZE } from "../mm/mm.js";
import { reach, userSlices } from "../mm/user-access.js";
import type { Vma } from "../mm/vma.js";
import { SocketFile } from "../net/socket-file.js";
import { kernelInfo } from "../signal/siginfo.js";
import type { Task } from "../task/task.js";
import { pathOf } from "../vfs/dentry.js";
import { walkPath } from "../vfs/path-walk.js";
import { InodeBytes } from "./inode-bytes.js";
import { detach } from "./tracer.js";

const MAX_ERRNO = 4095;

/** pt_regs by DWARF register number. */
const DWARF_WORDS = [
  pt.PT_AX,
  pt.PT_DX,
  pt.PT_CX,
  pt.PT_BX,
  pt.PT_SI,
  pt.PT_DI,
  pt.PT_BP,
  pt.PT_SP,
  pt.PT_R8,
  pt.PT_R9,
  pt.PT_R10,
  pt.PT_R11,
  pt.PT_R12,
  pt.PT_R13,
  pt.PT_R14,
  pt.PT_R15,
  pt.PT_IP,
];

export class KernelTracee implements Tracee {
  readonly #task: Task;

  constructor(task: Task) {
    this.#task = task;
  }

  get pid(): number {
    return this.#task.pid;
  }

  get tgid(): number {
    return this.#task.tgid;
  }

  /** A number with x32's bit is taken for a call of x32 even where there are none. */
  get personality(): Tracee["personality"] {
    const { abi, compat } = this.#task;
    if (compat) return "i386";
    if (abi === "x32") return abi;
    const number = this.syscallNumber;
    return number & X32_SYSCALL_BIT && number !== -1 ? "x32" : "x86_64";
  }

  get syscallNumber(): number {
    return this.#task.stack.regs.low(pt.PT_ORIG_AX);
  }

  set syscallNumber(value: number) {
    this.#task.stack.regs.setSigned(pt.PT_ORIG_AX, value);
  }

  #argumentWord(index: number): number {
    return this.#task.compat ? pt.ARGUMENT_WORDS_32[index] : pt.ARGUMENT_WORDS[index];
  }

  argumentLow(index: number): number {
    return this.#task.stack.regs.low(this.#argumentWord(index));
  }

  argumentHigh(index: number): number {
    return this.#task.stack.regs.high(this.#argumentWord(index));
  }

  setArgument(index: number, low: number, high: number): void {
    this.#task.stack.regs.set(this.#argumentWord(index), low, high);
  }

  resultLow(): number {
    return this.#task.stack.regs.low(pt.PT_AX);
  }

  resultHigh(): number {
    const { compat, stack } = this.#task;
    if (!compat) return stack.regs.high(pt.PT_AX);
    // syscall_get_error: an error is one in 32 bits; anything else has nothing above.
    const low = stack.regs.low(pt.PT_AX);
    return low < 0 && low >= -MAX_ERRNO ? -1 : 0;
  }

  setResult(low: number, high: number): void {
    this.#task.stack.regs.set(pt.PT_AX, low, high);
  }

  instructionPointer(): number {
    return this.#task.stack.regs.address(pt.PT_IP);
  }

  stackPointer(): number {
    return this.#task.stack.regs.address(pt.PT_SP);
  }

  register(number: number): bigint | undefined {
    const word = DWARF_WORDS[number];
    if (word === undefined) return undefined;
    const { regs } = this.#task.stack;
    return (BigInt(regs.high(word) >>> 0) << 32n) | BigInt(regs.low(word) >>> 0);
  }

  mapping(address: number): TraceeMapping | undefined {
    const area = this.#task.mm.areas.find(address);
    return area && this.#mappingOf(area);
  }

  auxiliaryVector(): Uint8Array {
    return this.#task.mm.auxv;
  }

  mappings(): TraceeMapping[] {
    return this.#task.mm.areas.areas.map((area) => this.#mappingOf(area));
  }

  watch(address: number): void {
    this.#task.kernel.cpu.processor.watch(address);
  }

  unwatch(address: number): void {
    this.#task.kernel.cpu.processor.unwatch(address);
  }

  #mappingOf(area: Vma): TraceeMapping {
    const { file } = area.backing;
    return {
      start: area.start,
      executable: (area.prot & PROT_EXEC) !== 0,
      offset: file === undefined ? 0 : area.offset,
      path: areaName(this.#task, area),
      file: file === undefined || !file.inode.isRegular ? undefined : new InodeBytes(file.inode, file),
    };
  }

  openFile(path: string): TraceeFile | undefined {
    try {
      const { inode } = walkPath(this.#task, this.#task.fs.root, path);
      return inode.isRegular ? new InodeBytes(inode, inode) : undefined;
    } catch (error) {
      if (error instanceof Errno) return undefined;
      throw error;
    }
  }

  /** With pointers of 32 bits there is nothing beyond them. */
  peek(address: number, length: number): Uint8Array | undefined {
    if (address > 0xffffffff && this.personality !== "x86_64") return undefined;
    const bytes = this.peekUpTo(address, length);
    return bytes.length === length ? bytes : undefined;
  }

  /** The readable beginning of the range. */
  peekUpTo(address: number, length: number): Uint8Array {
    if (!(address >= 0 && address < TASK_SIZE)) return new Uint8Array(0);
    const { mm } = this.#task;
    if (length > 0 && (address % PAGE_SIZE) + length <= PAGE_SIZE) {
      const offset = reach(mm, address, READ);
      return offset < 0 ? new Uint8Array(0) : mm.memory.u8.subarray(offset, offset + length);
    }
    const slices = userSlices(mm, address, length, READ);
    if (slices.length === 1) return slices[0];
    const bytes = new Uint8Array(slices.reduce((sum, slice) => sum + slice.length, 0));
    let at = 0;
    for (const slice of slices) {
      bytes.set(slice, at);
      at += slice.length;
    }
    return bytes;
  }

  poke(address: number, bytes: Uint8Array): boolean {
    return writeForced(this.#task.mm, address, bytes) === bytes.length;
  }

  sendSignal(signal: number): void {
    this.#task.sendSignal(signal, kernelInfo(signal));
  }

  detach(): void {
    detach(this.#task);
  }

  fdPath(fd: number): string | undefined {
    return this.#task.files.find(fd)?.path(this.#task.fs.root);
  }

  fdDevice(fd: number): { kind: "char" | "block"; major: number; minor: number } | undefined {
    const inode = this.#task.files.find(fd)?.inode;
    const type = inode === undefined ? 0 : inode.mode & S_IFMT;
    if (inode === undefined || (type !== S_IFCHR && type !== S_IFBLK)) return undefined;
    const { rdev } = inode.stat();
    const minor = (rdev & 0xff) | ((rdev >>> 12) & 0xfff00);
    return { kind: type === S_IFCHR ? "char" : "block", major: (rdev >>> 8) & 0xfff, minor };
  }

  fdSocket(fd: number): TraceeSocket | undefined {
    const file = this.#task.files.find(fd);
    if (!(file instanceof SocketFile)) return undefined;
    const { protocol, text, path } = file.sock.names();
    const netlinkProtocol = protocol === "NETLINK" && text !== undefined ? file.sock.protocol : undefined;
    return { protocol, inode: Number(file.sock.ino), names: text, path, netlinkProtocol };
  }

  cwd(): string {
    return pathOf(this.#task.fs.cwd, this.#task.fs.root);
  }

  comm(): string {
    return this.#task.comm;
  }

  systemTime(): number {
    return this.#task.systemTime;
  }
}
