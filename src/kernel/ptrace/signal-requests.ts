// What a tracer sees and changes of a task's signals: kernel/ptrace.c
import { PTRACE_PEEKSIGINFO_SHARED } from "../../abi/constants/processes.js";
import { EFAULT, EINVAL, Errno } from "../../abi/errno.js";
import { narrowSiginfo, wideSiginfo } from "../../abi/siginfo-layout.js";
import { readSet, writeSet } from "../signal/control.js";
import { SIGINFO_SIZE } from "../signal/siginfo.js";
import type { Request } from "./requests.js";

const SIGSET_SIZE = 8;

export function readSiginfo({ tracer, ptraced, data }: Request): undefined {
  const info = ptraced.stop?.info;
  if (info === undefined) throw new Errno(EINVAL);
  tracer.copyOut(data, narrowSiginfo(info, tracer.abi));
}

export function writeSiginfo({ tracer, ptraced, data }: Request): undefined {
  const { stop } = ptraced;
  const info = wideSiginfo(tracer.copyIn(data, SIGINFO_SIZE), tracer.abi);
  if (stop?.info === undefined) throw new Errno(EINVAL);
  stop.info = info;
}

/** struct ptrace_peeksiginfo_args: where to begin, flags, how many. Returns how many there were. */
export function peekSiginfo({ tracer, task, address, data }: Request): number {
  const offset = tracer.readU64(address);
  const flags = tracer.readU32(address + 8);
  const count = tracer.readI32(address + 12);
  if (flags & ~PTRACE_PEEKSIGINFO_SHARED || count < 0) throw new Errno(EINVAL);
  const queue = flags & PTRACE_PEEKSIGINFO_SHARED ? task.signal.pending : task.pending;
  const waiting = queue.list(offset, count);
  let done = 0;
  for (const { info } of waiting) {
    try {
      tracer.copyOut(data + done * SIGINFO_SIZE, narrowSiginfo(info, tracer.abi));
    } catch (error) {
      if (!(error instanceof Errno) || done === 0) throw error instanceof Errno ? new Errno(EFAULT) : error;
      break;
    }
    done++;
  }
  return done;
}

/** The mask to come back to is shown where one is only for a while. */
export function getSigmask({ tracer, task, address, data }: Request): undefined {
  if (address !== SIGSET_SIZE) throw new Errno(EINVAL);
  writeSet(tracer, data, task.savedMask ?? task.blocked);
}

export function setSigmask({ tracer, task, address, data }: Request): undefined {
  if (address !== SIGSET_SIZE) throw new Errno(EINVAL);
  const mask = readSet(tracer, data);
  task.savedMask = undefined;
  task.setBlocked(mask);
}
