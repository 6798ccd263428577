// Restartable sequences: registration. The CPU number in the area never changes, and no sequence is ever interrupted half-way
// by another CPU. kernel/rseq.c
import { RSEQ_FLAG_UNREGISTER } from "../../abi/constants/processes.js";
import { EBUSY, EFAULT, EINVAL, EPERM, Errno } from "../../abi/errno.js";
import { TASK_SIZE } from "../mm/mm.js";
import type { Task } from "./task.js";

const ORIGINAL_SIZE = 32;

export function registerRseq(task: Task, address: number, length: number, flags: number, signature: number): void {
  const { rseq } = task;
  if (flags & RSEQ_FLAG_UNREGISTER) {
    if (flags & ~RSEQ_FLAG_UNREGISTER || rseq === undefined || rseq.address !== address || rseq.length !== length) {
      throw new Errno(EINVAL);
    }
    if (rseq.signature !== signature) throw new Errno(EPERM);
    task.rseq = undefined;
    return;
  }
  if (flags !== 0) throw new Errno(EINVAL);
  if (rseq) {
    if (rseq.address !== address || rseq.length !== length) throw new Errno(EINVAL);
    throw new Errno(rseq.signature !== signature ? EPERM : EBUSY);
  }
  if (length < ORIGINAL_SIZE || address % ORIGINAL_SIZE !== 0) throw new Errno(EINVAL);
  if (address + length > TASK_SIZE) throw new Errno(EFAULT);
  task.rseq = { address, length, signature };
  // cpu_id_start, cpu_id, rseq_cs, flags, node_id, mm_cid
  task.writeU32(address, 0);
  task.writeU32(address + 4, 0);
  task.writeU64(address + 8, 0);
  task.writeU32(address + 20, 0);
  task.writeU32(address + 24, 0);
}
