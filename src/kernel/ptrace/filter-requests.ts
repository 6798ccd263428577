// PTRACE_SECCOMP_GET_FILTER and _METADATA: the filters of a traced task. kernel/seccomp.c: get_nth_filter
import { SECCOMP_FILTER_FLAG_LOG, SECCOMP_MODE_FILTER } from "../../abi/constants/processes.js";
import { EACCES, EINVAL, ENOENT, Errno } from "../../abi/errno.js";
import type { Filter } from "../seccomp/seccomp.js";
import type { Request } from "./requests.js";

const METADATA_SIZE = 16;

/** The oldest is number 0. */
function nthFilter({ tracer, task }: Request, index: number): Filter {
  if (!tracer.cred.isPrivileged || tracer.seccomp.mode !== 0) throw new Errno(EACCES);
  if (task.seccomp.mode !== SECCOMP_MODE_FILTER) throw new Errno(EINVAL);
  const all: Filter[] = [];
  for (let at = task.seccomp.filter; at; at = at.before) all.unshift(at);
  const found = all[index];
  if (found === undefined) throw new Errno(ENOENT);
  return found;
}

/** How many instructions it has. */
export function getFilter(request: Request): number {
  const { program } = nthFilter(request, request.address);
  if (request.data !== 0) request.tracer.copyOut(request.data, program.bytes);
  return program.length;
}

/** struct seccomp_metadata: which filter, and its flags. */
export function getMetadata(request: Request): number {
  const { tracer, address, data } = request;
  if (!tracer.cred.isPrivileged || tracer.seccomp.mode !== 0) throw new Errno(EACCES);
  const size = Math.min(address, METADATA_SIZE);
  if (size < 8) throw new Errno(EINVAL);
  const index = tracer.readU64(data);
  const { logs } = nthFilter(request, index);
  const words = BigUint64Array.of(BigInt(index), logs ? BigInt(SECCOMP_FILTER_FLAG_LOG) : 0n);
  tracer.copyOut(data, new Uint8Array(words.buffer, 0, size));
  return size;
}
