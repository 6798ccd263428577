// The stack a program starts on: strings, platform, random bytes, auxiliary vector, envp, argv, argc. fs/binfmt_elf.c:
// create_elf_tables
import * as auxv from "../../abi/constants/processes.js";
import { EFAULT, Errno } from "../../abi/errno.js";
import { PAGE_SIZE } from "../../machine/state-layout.js";
import { bytesOf } from "../mm/user-access.js";
import type { Task } from "../task/task.js";
import type { Program } from "./exec.js";
import { vdsoSymbol32 } from "./vdso-32.js";

/** The stack area as exec leaves it: what the strings take and this much more. */
export const STACK_EXPAND = 33 * PAGE_SIZE;
const CLOCK_TICKS = 100;
const TOP_WORD = 8;
const SIGNAL_FRAME_ROOM = 1776;
const RSEQ_FEATURE_SIZE = 28;
const RSEQ_ALIGN = 32;

export interface ElfPlaces {
  readonly headers: number;
  readonly headerCount: number;
  readonly headerSize: number;
  /** Of the interpreter. */
  readonly base: number;
  readonly entry: number;
  readonly vdso: number;
}

/** Writes it all and returns the stack pointer. */
export function buildStack(task: Task, program: Program, top: number, places: ElfPlaces): number {
  const { mm, cred } = task;
  const pointer = mm.is32Bit ? 4 : 8;
  let sp = top - TOP_WORD; // the last word stays 0
  const push = (bytes: Uint8Array): number => {
    sp -= bytes.length;
    task.copyOut(sp, bytes);
    return sp;
  };
  const filename = push(bytesOf(`${program.filename}\0`));
  mm.envEnd = sp;
  const envp = pushStrings(program.envp, push);
  mm.envStart = mm.argEnd = sp;
  const argv = pushStrings(program.argv, push);
  mm.argStart = sp;

  sp -= sp % 16;
  if (task.kernel.randomized) sp -= task.kernel.randomized.below(512) * 16;
  const platform = push(bytesOf(mm.is32Bit ? "i686\0" : "x86_64\0"));
  const seed = new Uint8Array(16);
  task.kernel.random(seed);
  const random = push(seed);

  const vector: readonly (readonly [number, number])[] = [
    ...(mm.is32Bit && !mm.isX32 ? [[auxv.AT_SYSINFO, vdsoSymbol32(mm, "__kernel_vsyscall")] as const] : []),
    ...(places.vdso === 0 ? [] : [[auxv.AT_SYSINFO_EHDR, places.vdso] as const]),
    [auxv.AT_MINSIGSTKSZ, SIGNAL_FRAME_ROOM],
    [auxv.AT_HWCAP, task.kernel.hwcap],
    [auxv.AT_PAGESZ, PAGE_SIZE],
    [auxv.AT_CLKTCK, CLOCK_TICKS],
    [auxv.AT_PHDR, places.headers],
    [auxv.AT_PHENT, places.headerSize],
    [auxv.AT_PHNUM, places.headerCount],
    [auxv.AT_BASE, places.base],
    [auxv.AT_FLAGS, 0],
    [auxv.AT_ENTRY, places.entry],
    [auxv.AT_UID, cred.shownUid(cred.uid)],
    [auxv.AT_EUID, cred.shownUid(cred.euid)],
    [auxv.AT_GID, cred.shownGid(cred.gid)],
    [auxv.AT_EGID, cred.shownGid(cred.egid)],
    [auxv.AT_SECURE, Number(cred.uid !== cred.euid || cred.gid !== cred.egid)],
    [auxv.AT_RANDOM, random],
    [auxv.AT_HWCAP2, task.kernel.hwcap2],
    [auxv.AT_EXECFN, filename],
    [auxv.AT_PLATFORM, platform],
    [auxv.AT_RSEQ_FEATURE_SIZE, RSEQ_FEATURE_SIZE],
    [auxv.AT_RSEQ_ALIGN, RSEQ_ALIGN],
    [auxv.AT_NULL, 0],
  ];
  const words = [program.argv.length, ...argv, 0, ...envp, 0, ...vector.flat()];
  sp -= words.length * pointer;
  sp -= sp % 16;
  if (sp < 0) throw new Errno(EFAULT);
  const table = new DataView(new ArrayBuffer(words.length * pointer));
  words.forEach((word, index) => {
    if (pointer === 8) table.setBigUint64(index * pointer, BigInt(word), true);
    else table.setUint32(index * pointer, word, true);
  });
  const bytes = new Uint8Array(table.buffer);
  task.copyOut(sp, bytes);
  mm.auxv = bytes.slice((words.length - vector.length * 2) * pointer);
  mm.startStack = sp;
  return sp;
}

/** Last string highest; the addresses in order. */
function pushStrings(strings: readonly string[], push: (bytes: Uint8Array) => number): number[] {
  const addresses = new Array<number>(strings.length);
  for (let i = strings.length - 1; i >= 0; i--) addresses[i] = push(bytesOf(`${strings[i]}\0`));
  return addresses;
}
