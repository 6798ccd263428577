// What all of one mounted /proc has in common: whose numbers name its directories. fs/proc/root.c
import { PROC_SUPER_MAGIC } from "../../../abi/constants/files.js";
import type { PidNamespace } from "../../task/pid-namespace.js";
import { DEV_PROC, FileSystem, makeDev } from "../file-system.js";

export class ProcFs extends FileSystem {
  readonly pids: PidNamespace;

  constructor(pids: PidNamespace, now: () => bigint) {
    super({ name: "proc", dev: pids.parent ? makeDev(0, 50 + pids.level) : DEV_PROC, magic: PROC_SUPER_MAGIC, now });
    this.pids = pids;
  }
}
