// Every system call there is a declaration of, in one table.
import type { SyscallDeclaration } from "./define.js";
import * as fsAccess from "./fs/access.js";
import * as fsAio from "./fs/aio.js";
import * as fsClose from "./fs/close.js";
import * as fsDirectory from "./fs/directory.js";
import * as fsFcntl from "./fs/fcntl.js";
import * as fsInotify from "./fs/inotify.js";
import * as fsIoctl from "./fs/ioctl.js";
import * as fsLink from "./fs/link.js";
import * as fsMknod from "./fs/mknod.js";
import * as fsMount from "./fs/mount.js";
import * as fsOpen from "./fs/open.js";
import * as fsOwnership from "./fs/ownership.js";
import * as fsPipe from "./fs/pipe.js";
import * as fsQuota from "./fs/quota.js";
import * as fsReadWrite from "./fs/read-write.js";
import * as fsSplice from "./fs/splice.js";
import * as fsStat from "./fs/stat.js";
import * as fsStatfs from "./fs/statfs.js";
import * as fsSync from "./fs/sync.js";
import * as fsTimes from "./fs/times.js";
import * as fsTruncate from "./fs/truncate.js";
import * as fsXattr from "./fs/xattr.js";
import * as i386Doors from "./i386/doors.js";
import * as i386Files from "./i386/files.js";
import * as i386Ids from "./i386/ids.js";
import * as i386Process from "./i386/process.js";
import * as i386Retired from "./i386/retired.js";
import * as i386Signals from "./i386/signals.js";
import * as i386Time from "./i386/time.js";
import * as ipcFutex from "./ipc/futex.js";
import * as ipcMessageQueue from "./ipc/message-queue.js";
import * as ipcPoll from "./ipc/poll.js";
import * as ipcSemaphore from "./ipc/semaphore.js";
import * as ipcSharedMemory from "./ipc/shared-memory.js";
import * as memoryAdvice from "./memory/advice.js";
import * as memoryMmap from "./memory/mmap.js";
import * as memoryNuma from "./memory/numa.js";
import * as memoryProtectionKeys from "./memory/protection-keys.js";
import * as memoryVm from "./memory/vm.js";
import * as netMessage from "./net/message.js";
import * as netOption from "./net/option.js";
import * as netSocket from "./net/socket.js";
import * as processClone from "./process/clone.js";
import * as processCredentials from "./process/credentials.js";
import * as processExec from "./process/exec.js";
import * as processExit from "./process/exit.js";
import * as processIdentity from "./process/identity.js";
import * as processLimits from "./process/limits.js";
import * as processModule from "./process/module.js";
import * as processPrctl from "./process/prctl.js";
import * as processSchedule from "./process/schedule.js";
import * as processSystem from "./process/system.js";
import * as processWait from "./process/wait.js";
import * as processX86 from "./process/x86.js";
import * as securityKeys from "./security/keys.js";
import * as securityModules from "./security/modules.js";
import * as securityRetired from "./security/retired.js";
import * as securityTrace from "./security/trace.js";
import * as signalAwait from "./signal/await.js";
import * as signalHandle from "./signal/handle.js";
import * as signalSend from "./signal/send.js";
import * as timeClock from "./time/clock.js";
import * as timeSleep from "./time/sleep.js";
import * as timeTimer from "./time/timer.js";

const families: readonly Readonly<Record<string, unknown>>[] = [
  fsOpen,
  fsClose,
  fsReadWrite,
  fsStat,
  fsStatfs,
  fsAccess,
  fsOwnership,
  fsDirectory,
  fsLink,
  fsMknod,
  fsTruncate,
  fsSync,
  fsFcntl,
  fsIoctl,
  fsPipe,
  fsSplice,
  fsTimes,
  fsXattr,
  fsMount,
  fsQuota,
  fsInotify,
  fsAio,
  memoryMmap,
  memoryAdvice,
  memoryProtectionKeys,
  memoryNuma,
  memoryVm,
  processClone,
  processExec,
  processExit,
  processWait,
  processIdentity,
  processCredentials,
  processLimits,
  processSchedule,
  processPrctl,
  processSystem,
  processModule,
  processX86,
  signalSend,
  signalHandle,
  signalAwait,
  timeClock,
  timeSleep,
  timeTimer,
  netSocket,
  netMessage,
  netOption,
  ipcPoll,
  ipcFutex,
  ipcSharedMemory,
  ipcSemaphore,
  ipcMessageQueue,
  securityKeys,
  securityModules,
  securityTrace,
  securityRetired,
  i386Doors,
  i386Files,
  i386Ids,
  i386Process,
  i386Retired,
  i386Signals,
  i386Time,
];

function isDeclaration(value: unknown): value is SyscallDeclaration {
  return typeof value === "object" && value !== null && "nr" in value && "args" in value;
}

export const syscalls: readonly SyscallDeclaration[] = families.flatMap((family) =>
  Object.values(family).filter(isDeclaration),
);
