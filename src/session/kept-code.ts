// What the processor has made of the code of programs, kept for their next run: a file for each executed file.

import { Errno } from "../abi/errno.js";
import type { ImageKeeper } from "../cpu/kept-programs.js";
import type { EmulatedProcessor } from "../cpu/processor.js";
import { KeptFiles } from "../host/kept-files.js";
import type { Kernel } from "../kernel/kernel.js";
import type { Inode } from "../kernel/vfs/inode.js";

/** Uses what was kept of the programs that will run. Gives what keeps it at the end; undefined when nothing can be kept. */
export function openKeptCode(processor: EmulatedProcessor, kernel: Kernel): (() => void) | undefined {
  const { build } = processor;
  const files = build === undefined ? undefined : KeptFiles.find();
  if (!files) return undefined;
  const { records, regions } = processor.libraries;
  const keeperOf = (kind: string): ImageKeeper => ({
    running: () => kernel.running?.mm.exeFile?.inode,
    open: (program) => {
      const its = identity(program as Inode);
      const key = `${build} ${its}${kind}`;
      return its === undefined ? undefined : { key, image: files.read(nameOf(key)) };
    },
  });
  records.useImages(keeperOf(""));
  regions.useImages(keeperOf(" compiled"));
  return () => {
    for (const { key, image } of [...records.images(), ...regions.images()]) files.write(nameOf(key), image);
  };
}

/** What tells an executed file from others, and from what it was before it was changed. */
function identity(inode: Inode): string | undefined {
  try {
    const { dev, ino, size, mtime } = inode.stat();
    return `${dev}:${ino}:${size}:${mtime}`;
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
