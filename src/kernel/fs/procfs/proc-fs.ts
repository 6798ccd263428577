// What all of one mounted /proc has in common: whose numbers name its directories. fs/proc/root.c
import type { PidNamespace } from "../../task/pid-namespace.js";
import { DEV_PROC, FileSystem, makeDev } from "../file-system.js";

const PROC_MAGIC = 0x9fa0;

export class ProcFs extends FileSystem {
  readonly pids: PidNamespace;

  constructor(pids: PidNamespace, now: () => bigint) {
    super({ name: "proc", dev: pids.parent ? makeDev(0, 50 + pids.level) : DEV_PROC, magic: PROC_MAGIC, now });
    this.pids = pids;
  }
}
