// What the processor has made of a program's code, kept for the next run of the same program.

import { Errno } from "../abi/errno.js";
import type { EmulatedProcessor } from "../cpu/processor.js";
import { KeptFiles } from "../host/kept-files.js";
import type { Task } from "../kernel/task/task.js";

/** Opens what was kept for the program that a task is about to run. Gives what keeps it at the end; undefined when it cannot be kept. */
export function openRecords(processor: EmulatedProcessor, task: Task): (() => void) | undefined {
  const { build } = processor;
  const program = build === undefined ? undefined : identity(task);
  const files = program && KeptFiles.find();
  if (!files) return undefined;
  const key = `${build} ${program}`;
  const name = nameOf(key);
  const { records } = processor.libraries;
  const kept = files.read(name);
  if (kept) records.open(kept, key);
  return () => {
    const image = records.image(key);
    if (image) files.write(name, image);
  };
}

/** What tells the executed file from others, and from what it was before it was changed. */
function identity({ mm }: Task): string | undefined {
  try {
    const { dev, ino, size, mtime } = mm.exeFile?.inode.stat() ?? {};
    return mtime === undefined ? undefined : `${dev}:${ino}:${size}:${mtime}`;
  } catch (error) {
    if (error instanceof Errno) return undefined;
    throw error;
  }
}

/** 64 bits of a key, as the name of a file: FNV-1a with two bases. */
function nameOf(key: string): string {
  const hash = (basis: number): string => {
    let value = basis;
    for (let n = 0; n < key.length; n++) value = Math.imul(value ^ key.charCodeAt(n), 0x0100_0193);
    return (value >>> 0).toString(16).padStart(8, "0");
  };
  return hash(0x811c_9dc5) + hash(0x9dc5_811c);
}
