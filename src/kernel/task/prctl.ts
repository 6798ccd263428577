// prctl and arch_prctl: odd switches of a process. kernel/sys.c, arch/x86/kernel/process_64.c
import {
  ARCH_GET_CPUID,
  ARCH_GET_FS,
  ARCH_GET_GS,
  ARCH_GET_XCOMP_PERM,
  ARCH_GET_XCOMP_SUPP,
  ARCH_SET_CPUID,
  ARCH_SET_FS,
  ARCH_SET_GS,
  PR_CAP_AMBIENT,
  PR_CAPBSET_DROP,
  PR_CAPBSET_READ,
  PR_GET_CHILD_SUBREAPER,
  PR_GET_DUMPABLE,
  PR_GET_KEEPCAPS,
  PR_GET_NAME,
  PR_GET_NO_NEW_PRIVS,
  PR_GET_PDEATHSIG,
  PR_GET_SECCOMP,
  PR_GET_SECUREBITS,
  PR_GET_THP_DISABLE,
  PR_GET_TID_ADDRESS,
  PR_GET_TIMERSLACK,
  PR_GET_TIMING,
  PR_SET_CHILD_SUBREAPER,
  PR_SET_DUMPABLE,
  PR_SET_KEEPCAPS,
  PR_SET_NAME,
  PR_SET_NO_NEW_PRIVS,
  PR_SET_PDEATHSIG,
  PR_SET_SECCOMP,
  PR_SET_SECUREBITS,
  PR_SET_THP_DISABLE,
  PR_SET_TIMERSLACK,
  PR_SET_TIMING,
  PR_SET_VMA,
  SECCOMP_MODE_FILTER,
  SECCOMP_MODE_STRICT,
  SECCOMP_SET_MODE_FILTER,
  SECCOMP_SET_MODE_STRICT,
} from "../../abi/constants/processes.js";
import { _NSIG } from "../../abi/constants/signals.js";
import { EINVAL, ENODEV, EOPNOTSUPP, EPERM, Errno } from "../../abi/errno.js";
import { TASK_SIZE } from "../mm/mm.js";
import { bytesOf, copyInString, writeBig64 } from "../mm/user-access.js";
import { seccomp } from "../seccomp/seccomp.js";
import { ambient, dropBound, isBound, setKeepCapabilities, setSecurebits } from "./capabilities.js";
import { rareOption } from "./prctl-rare.js";
import type { Task } from "./task.js";

const COMM_SIZE = 16;

export function prctl(task: Task, option: number, arg2: number, arg3: number, arg4: number, arg5: number): number {
  switch (option) {
    case PR_SET_PDEATHSIG:
      if (arg2 < 0 || arg2 > _NSIG) throw new Errno(EINVAL);
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
      return isBound(task, arg2);
    case PR_CAPBSET_DROP:
      dropBound(task, arg2);
      return 0;
    case PR_CAP_AMBIENT:
      if (arg4 || arg5) throw new Errno(EINVAL);
      return ambient(task, arg2, arg3);
    case PR_SET_TIMERSLACK:
      task.timerSlack = arg2 > 0 ? arg2 : task.defaultTimerSlack;
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
      task.writePointer(arg2, task.clearChildTid);
      return 0;
    case PR_GET_SECCOMP:
      return task.seccomp.mode;
    case PR_SET_SECCOMP:
      if (arg2 !== SECCOMP_MODE_STRICT && arg2 !== SECCOMP_MODE_FILTER) throw new Errno(EINVAL);
      return arg2 === SECCOMP_MODE_STRICT
        ? seccomp(task, SECCOMP_SET_MODE_STRICT, 0, 0)
        : seccomp(task, SECCOMP_SET_MODE_FILTER, 0, arg3);
    case PR_SET_VMA:
      throw new Errno(EINVAL); // as without CONFIG_ANON_VMA_NAME
    case PR_SET_KEEPCAPS:
      setKeepCapabilities(task, arg2);
      return 0;
    case PR_GET_KEEPCAPS:
      return (task.cred.securebits >> 4) & 1;
    case PR_SET_SECUREBITS:
      setSecurebits(task, arg2);
      return 0;
    case PR_GET_SECUREBITS:
      return task.cred.securebits;
    case PR_SET_TIMING:
      if (arg2 !== 0) throw new Errno(EINVAL);
      return 0;
    case PR_SET_THP_DISABLE:
      if (arg3 || arg4 || arg5) throw new Errno(EINVAL);
      task.signal.hugePagesDisabled = arg2 !== 0;
      return 0;
    case PR_GET_THP_DISABLE:
      if (arg2 || arg3 || arg4 || arg5) throw new Errno(EINVAL);
      return task.signal.hugePagesDisabled ? 1 : 0;
    case PR_GET_TIMING:
      return 0;
    default: {
      const result = rareOption(task, option, [arg2, arg3, arg4, arg5]);
      if (result === undefined) throw new Errno(EINVAL);
      return result;
    }
  }
}

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
