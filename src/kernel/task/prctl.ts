// prctl and arch_prctl: odd switches of a process. kernel/sys.c, arch/x86/kernel/process_64.c
import { EINVAL, ENODEV, EOPNOTSUPP, EPERM, Errno } from "../../abi/errno.js";
import { NSIG } from "../../abi/uapi/signal.js";
import { TASK_SIZE } from "../mm/mm.js";
import { bytesOf, copyInString, writeBig64 } from "../mm/user-access.js";
import type { Task } from "./task.js";

const PR_SET_PDEATHSIG = 1;
const PR_GET_PDEATHSIG = 2;
const PR_GET_DUMPABLE = 3;
const PR_SET_DUMPABLE = 4;
const PR_GET_KEEPCAPS = 7;
const PR_SET_KEEPCAPS = 8;
const PR_GET_TIMING = 13;
const PR_SET_NAME = 15;
const PR_GET_NAME = 16;
const PR_GET_SECCOMP = 21;
const PR_CAPBSET_READ = 23;
const PR_CAPBSET_DROP = 24;
const PR_GET_SECUREBITS = 27;
const PR_SET_TIMERSLACK = 29;
const PR_GET_TIMERSLACK = 30;
const PR_SET_CHILD_SUBREAPER = 36;
const PR_GET_CHILD_SUBREAPER = 37;
const PR_SET_NO_NEW_PRIVS = 38;
const PR_GET_NO_NEW_PRIVS = 39;
const PR_GET_TID_ADDRESS = 40;
const PR_SET_THP_DISABLE = 41;
const PR_GET_THP_DISABLE = 42;
const PR_SET_VMA = 0x53564d41;
const PR_SET_VMA_ANON_NAME = 0;
const DEFAULT_SLACK = 50000;
const LAST_CAPABILITY = 40;
const COMM_SIZE = 16;

export function prctl(task: Task, option: number, arg2: number, arg3: number, arg4: number, arg5: number): number {
  switch (option) {
    case PR_SET_PDEATHSIG:
      if (arg2 < 0 || arg2 > NSIG) throw new Errno(EINVAL);
      task.parentDeathSignal = arg2;
      return 0;
    case PR_GET_PDEATHSIG:
      task.writeU32(arg2, task.parentDeathSignal);
      return 0;
    case PR_GET_DUMPABLE:
      return task.dumpable;
    case PR_SET_DUMPABLE:
      if (arg2 !== 0 && arg2 !== 1) throw new Errno(EINVAL);
      task.dumpable = arg2;
      return 0;
    case PR_SET_NAME:
      task.comm =
        copyInString(task.mm, arg2, COMM_SIZE - 1) ?? String.fromCharCode(...task.copyIn(arg2, COMM_SIZE - 1));
      return 0;
    case PR_GET_NAME: {
      const name = new Uint8Array(COMM_SIZE);
      name.set(bytesOf(task.comm));
      task.copyOut(arg2, name);
      return 0;
    }
    case PR_CAPBSET_READ:
      if (arg2 > LAST_CAPABILITY) throw new Errno(EINVAL);
      return 1;
    case PR_CAPBSET_DROP:
      if (!task.cred.isPrivileged) throw new Errno(EPERM);
      if (arg2 > LAST_CAPABILITY) throw new Errno(EINVAL);
      return 0;
    case PR_SET_TIMERSLACK:
      task.timerSlack = arg2 > 0 ? arg2 : DEFAULT_SLACK;
      return 0;
    case PR_GET_TIMERSLACK:
      return task.timerSlack;
    case PR_SET_CHILD_SUBREAPER:
      task.signal.isChildSubreaper = arg2 !== 0;
      return 0;
    case PR_GET_CHILD_SUBREAPER:
      task.writeU32(arg2, task.signal.isChildSubreaper ? 1 : 0);
      return 0;
    case PR_SET_NO_NEW_PRIVS:
      if (arg2 !== 1 || arg3 || arg4 || arg5) throw new Errno(EINVAL);
      task.noNewPrivileges = true;
      return 0;
    case PR_GET_NO_NEW_PRIVS:
      if (arg2 || arg3 || arg4 || arg5) throw new Errno(EINVAL);
      return task.noNewPrivileges ? 1 : 0;
    case PR_GET_TID_ADDRESS:
      task.writeU64(arg2, task.clearChildTid);
      return 0;
    case PR_SET_VMA:
      if (arg2 !== PR_SET_VMA_ANON_NAME) throw new Errno(EINVAL);
      return 0; // names of anonymous areas are decoration
    case PR_SET_KEEPCAPS:
    case PR_GET_KEEPCAPS:
    case PR_GET_TIMING:
    case PR_GET_SECCOMP:
    case PR_GET_SECUREBITS:
    case PR_SET_THP_DISABLE:
    case PR_GET_THP_DISABLE:
      return 0;
    default:
      throw new Errno(EINVAL);
  }
}

const ARCH_SET_GS = 0x1001;
const ARCH_SET_FS = 0x1002;
const ARCH_GET_FS = 0x1003;
const ARCH_GET_GS = 0x1004;
const ARCH_GET_CPUID = 0x1011;
const ARCH_SET_CPUID = 0x1012;
const ARCH_GET_XCOMP_SUPP = 0x1021;
const ARCH_GET_XCOMP_PERM = 0x1022;
const ARCH_SHSTK_FIRST = 0x5001;
const ARCH_SHSTK_LAST = 0x5005;
const XFEATURES = 7n;

/** arch_prctl(2). In the kernel the program's GS base waits in IA32_KERNEL_GS_BASE. */
export function archPrctl(task: Task, code: number, address: number): number {
  const { cpu } = task.kernel;
  switch (code) {
    case ARCH_SET_FS:
      if (address >= TASK_SIZE) throw new Errno(EPERM);
      cpu.processor.registers.fsBase = BigInt(address);
      return 0;
    case ARCH_SET_GS:
      if (address >= TASK_SIZE) throw new Errno(EPERM);
      cpu.msr.kernelGsBase.set(address | 0, Math.floor(address / 0x1_0000_0000));
      return 0;
    case ARCH_GET_FS:
      writeBig64(task.mm, address, cpu.processor.registers.fsBase);
      return 0;
    case ARCH_GET_GS:
      writeBig64(task.mm, address, cpu.msr.kernelGsBase.value);
      return 0;
    case ARCH_GET_CPUID:
      return 1;
    case ARCH_SET_CPUID:
      throw new Errno(ENODEV);
    case ARCH_GET_XCOMP_SUPP:
    case ARCH_GET_XCOMP_PERM:
      writeBig64(task.mm, address, XFEATURES);
      return 0;
    default:
      // Shadow stacks: the kernel knows the calls, the processor does not have them.
      if (code >= ARCH_SHSTK_FIRST && code <= ARCH_SHSTK_LAST) throw new Errno(EOPNOTSUPP);
      throw new Errno(EINVAL);
  }
}
