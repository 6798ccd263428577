// Which system calls there are and how far each is implemented: what the declarations say, as data.
import { syscalls } from "../syscalls/table.js";

export interface CallSupport {
  readonly number: number;
  readonly name: string;
  /** A call without an implementation is decoded and returns ENOSYS. */
  readonly status: "implemented" | "partial" | "ENOSYS";
  /** What a partial implementation leaves out. */
  readonly missing?: string;
}

/** By number, as x86-64 programs call them. */
export function callSupport(): CallSupport[] {
  return syscalls
    .flatMap(({ name, nr, run, partial }): CallSupport[] => {
      if (nr.x64 === undefined) return [];
      const call = { number: nr.x64, name };
      if (run === undefined) return [{ ...call, status: "ENOSYS" }];
      return [
        partial === undefined ? { ...call, status: "implemented" } : { ...call, status: "partial", missing: partial },
      ];
    })
    .sort((a, b) => a.number - b.number);
}
