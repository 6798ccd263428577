// Settings that the machine obeys: what was written to /proc/sys, or the value at boot.
import type { Kernel } from "./kernel.js";

export function sysctlNumber({ sysctls }: Kernel, path: string, atBoot: number): number {
  const value = sysctls.size === 0 ? undefined : sysctls.get(path);
  return value === undefined ? atBoot : Number(value);
}
