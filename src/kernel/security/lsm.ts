// What programs may ask about security modules, of which there is only the one with the capabilities. security/lsm_syscalls.c
import { E2BIG, EINVAL, EOPNOTSUPP, Errno } from "../../abi/errno.js";
import type { Task } from "../task/task.js";

/** LSM_ID_CAPABILITY */
const MODULES = [100];
const ID_SIZE = 8;
const CONTEXT_SIZE = 32; // struct lsm_ctx without its text
const CONTEXT_LENGTH = 24; // offset of ctx_len; before it is len
const LSM_FLAG_SINGLE = 1;
const PAGE = 4096;

export function listModules(task: Task, ids: number, size: number, flags: number): number {
  if (flags !== 0) throw new Errno(EINVAL);
  const room = task.readU32(size);
  const wanted = MODULES.length * ID_SIZE;
  task.writeU32(size, wanted);
  if (room < wanted) throw new Errno(E2BIG);
  MODULES.forEach((id, index) => {
    task.writeU64(ids + index * ID_SIZE, id);
  });
  return MODULES.length;
}

/** No module has attributes of a process. */
export function getSelfAttribute(task: Task, attribute: number, context: number, size: number, flags: number): never {
  if (attribute === 0 || size === 0) throw new Errno(EINVAL);
  task.readU32(size);
  if (flags & ~LSM_FLAG_SINGLE || (flags !== 0 && context === 0)) throw new Errno(EINVAL);
  if (flags !== 0 && Number(task.readU64(context)) === 0) throw new Errno(EINVAL);
  task.writeU32(size, 0);
  throw new Errno(EOPNOTSUPP);
}

export function setSelfAttribute(task: Task, context: number, size: number, flags: number): never {
  if (flags !== 0 || size < CONTEXT_SIZE) throw new Errno(EINVAL);
  if (size > PAGE) throw new Errno(E2BIG);
  const view = new DataView(task.copyIn(context, size).buffer);
  const length = view.getBigUint64(CONTEXT_LENGTH - 8, true);
  const text = view.getBigUint64(CONTEXT_LENGTH, true);
  if (text + BigInt(CONTEXT_SIZE) > BigInt(size) || length < text + BigInt(CONTEXT_SIZE)) throw new Errno(EINVAL);
  throw new Errno(EOPNOTSUPP);
}
