// What mount(8)'s -o comes to: a list of keys, some with values. fs/fs_context.c
import type { Maker } from "../fs/file-system-types.js";

export interface Parameters {
  readonly list: readonly (readonly [key: string, value: string | undefined])[];
  /** "ro", which every file system knows. */
  readonly readOnly: boolean;
}

/** Those that are the mount's or every file system's affair. */
const COMMON = new Set(["ro", "rw", "sync", "async", "dirsync", "lazytime", "nolazytime", "mand", "nomand"]);

export function readParameters(options: string): Parameters {
  const list = options
    .split(",")
    .filter((option) => option !== "")
    .map((option): [string, string | undefined] => {
      const at = option.indexOf("=");
      return at < 0 ? [option, undefined] : [option.slice(0, at), option.slice(at + 1)];
    });
  return { list: list.filter(([key]) => !COMMON.has(key)), readOnly: list.some(([key]) => key === "ro") };
}

export const isCommon = (key: string): boolean => COMMON.has(key);

export function applyParameters(maker: Maker, { list }: Parameters): void {
  for (const [key, value] of list) maker.set(key, value);
}
