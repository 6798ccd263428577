// execve: from a path to a new program in the same process. fs/exec.c. The formats are in the files beside this one.

import { FAN_OPEN_EXEC, FAN_OPEN_EXEC_PERM, FAN_OPEN_PERM, IN_ACCESS, IN_OPEN } from "../../abi/constants/events.js";
import { AT_EMPTY_PATH, AT_EXECVE_CHECK, AT_FDCWD, AT_SYMLINK_NOFOLLOW, O_RDONLY } from "../../abi/constants/files.js";
import { PTRACE_EVENT_EXEC, RLIMIT_STACK } from "../../abi/constants/processes.js";
import { LANDLOCK_ACCESS_FS_EXECUTE } from "../../abi/constants/security.js";
import { SIGCHLD, SIGSEGV, SIGTRAP } from "../../abi/constants/signals.js";
import { E2BIG, EACCES, EINVAL, ELOOP, ENOENT, Errno, ETXTBSY } from "../../abi/errno.js";
import { setUserDispatch } from "../entry/user-dispatch.js";
import { exitRobustList } from "../futex/robust-list.js";
import { Mm } from "../mm/mm.js";
import * as user from "../mm/user-access.js";
import { permissionMarks } from "../notify/fanotify-group.js";
import { withPermission } from "../notify/fanotify-permission.js";
import { isWatched, notify } from "../notify/notify.js";
import { eventStop, type Ptraced } from "../ptrace/ptraced.js";
import { checkPlace } from "../security/landlock.js";
import { killOtherThreads } from "../task/exit.js";
import type { Task } from "../task/task.js";
import type { Sleep } from "../task/wait.js";
import { type Credentials, MAY_EXEC, MAY_READ, mayAccess } from "../vfs/credentials.js";
import type { Dentry } from "../vfs/dentry.js";
import type { File } from "../vfs/file.js";
import { refusesExec } from "../vfs/mount.js";
import { startOfWalk } from "../vfs/open.js";
import { walkPath } from "../vfs/path-walk.js";
import { loadElf, prepareElf } from "./binfmt-elf.js";
import { readScript } from "./binfmt-script.js";
import { credentialsFor } from "./exec-credentials.js";
import { startThread } from "./start-thread.js";

const MAX_ARG_STRLEN = 131072;
const MAX_ARG_STRINGS = 0x7fffffff;
const MAX_INTERPRETERS = 5;
const COMM_LENGTH = 15;
const POINTER = 8; // a place for each string counts as much, whatever the program
const SMALLEST_ARGUMENT_ROOM = 131072; // ARG_MAX, whatever the stack limit

export interface Program {
  readonly file: File;
  /** AT_EXECFN: the path execve was called with. */
  readonly filename: string;
  readonly argv: readonly string[];
  readonly envp: readonly string[];
  /** AT_SECURE */
  readonly secure?: boolean;
  /** An interpreter could not open it by that name: the descriptor in it is closed on exec. */
  readonly isInaccessible: boolean;
}

/** /proc/sys/fs/suid_dumpable: no dumps of what not everybody may read. */
const SUID_DUMPABLE = 0;

/** The strings of a NULL-terminated array of pointers. Linux takes a null array for an empty one. */
function copyInStrings(task: Task, address: number): string[] {
  const strings: string[] = [];
  if (address === 0) return strings;
  for (let at = address; strings.length < MAX_ARG_STRINGS; at += task.pointerBytes) {
    const pointer = task.readPointer(at);
    if (pointer === 0) return strings;
    const text = user.copyInString(task.mm, pointer, MAX_ARG_STRLEN);
    if (text === undefined) throw new Errno(E2BIG);
    strings.push(text);
  }
  throw new Errno(E2BIG);
}

/** execve(2) and execveat(2): returns in the new program. */
export function execute(
  task: Task,
  dirfd: number,
  pathname: number,
  argvAddress: number,
  envpAddress: number,
  flags = 0,
): number | Sleep<number> {
  const path = task.copyInPath(pathname);
  const dentry = findProgram(task, dirfd, path, flags);
  const begin = (): number | Sleep<number> => executeFound(task, dentry, dirfd, path, argvAddress, envpAddress, flags);
  if (permissionMarks.count === 0) return begin();
  return withPermission(task, dentry, FAN_OPEN_PERM | FAN_OPEN_EXEC_PERM, begin);
}

function executeFound(
  task: Task,
  dentry: Dentry,
  dirfd: number,
  path: string,
  argvAddress: number,
  envpAddress: number,
  flags: number,
): number | Sleep<number> {
  const file = openProgram(task, dentry);
  const { argv, envp } = copyInArguments(task, file, argvAddress, envpAddress);
  const isByFd = path === "" || (dirfd !== AT_FDCWD && !path.startsWith("/"));
  const filename = isByFd ? `/dev/fd/${dirfd}${path && `/${path}`}` : path;
  const isInaccessible = isByFd && task.files.closeOnExec(dirfd);
  const comm = path === "" ? file.dentry.name : (path.split("/").pop() ?? "");
  const program: Program = { file, filename, argv: argv.length > 0 ? argv : [""], envp, isInaccessible };
  if (flags & AT_EXECVE_CHECK) {
    file.put();
    return 0;
  }
  const formerPid = load(task, program, comm, 0);
  const told = task.ptraced?.tracer.pidNamespace.inside(formerPid) ?? 0;
  if (formerPid !== task.pid) task.pidNamespace.leave(formerPid);
  return task.ptraced ? tellOfExec(task, task.ptraced, told) : 0;
}

/** The event, or a SIGTRAP for a tracer that attached and does not know of events. */
function* tellOfExec(task: Task, ptraced: Ptraced, formerPid: number): Sleep<number> {
  if (ptraced.wantsEvent(PTRACE_EVENT_EXEC)) yield* eventStop(task, PTRACE_EVENT_EXEC, formerPid);
  else if (!ptraced.seized) task.raiseSignal(SIGTRAP);
  return 0;
}

/** The strings, which are looked at only where there is a program; it is closed when they are not good. */
function copyInArguments(
  task: Task,
  file: File,
  argvAddress: number,
  envpAddress: number,
): Pick<Program, "argv" | "envp"> {
  try {
    const argv = copyInStrings(task, argvAddress);
    const envp = copyInStrings(task, envpAddress);
    checkRoom(task, argv, envp);
    return { argv, envp };
  } catch (error) {
    file.put();
    throw error;
  }
}

function findProgram(task: Task, dirfd: number, path: string, flags: number): Dentry {
  if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_EXECVE_CHECK)) throw new Errno(EINVAL);
  if (path === "") {
    if (!(flags & AT_EMPTY_PATH)) throw new Errno(ENOENT);
    return task.files.getRaw(dirfd).dentry;
  }
  const dentry = walkPath(task, startOfWalk(task, dirfd, path), path, !(flags & AT_SYMLINK_NOFOLLOW));
  if (dentry.inode.isSymlink) throw new Errno(ELOOP);
  return dentry;
}

/** do_open_execat */
function openProgram(task: Task, dentry: Dentry): File {
  if (!dentry.inode.isRegular || refusesExec(dentry) || !mayAccess(dentry.inode, task.cred, MAY_EXEC))
    throw new Errno(EACCES);
  checkPlace(task.cred, dentry, LANDLOCK_ACCESS_FS_EXECUTE);
  if (dentry.inode.writers > 0) throw new Errno(ETXTBSY);
  const file = dentry.inode.open(dentry, O_RDONLY, task);
  if (isWatched(dentry)) for (const event of [IN_OPEN, FAN_OPEN_EXEC]) notify(dentry, event);
  return file;
}

/** bprm_stack_limits: strings and pointers may take a quarter of the stack. */
function checkRoom(task: Task, argv: readonly string[], envp: readonly string[]): void {
  const limit = Math.max(Math.min(task.signal.limits.soft(RLIMIT_STACK), 24 << 20) / 4, SMALLEST_ARGUMENT_ROOM);
  let size = 0;
  for (const text of argv) size += text.length + 1 + POINTER;
  for (const text of envp) size += text.length + 1 + POINTER;
  if (size > limit) throw new Errno(E2BIG);
}

/** search_binary_handler: a script starts its interpreter with other arguments. The number the task had. */
function load(task: Task, program: Program, comm: string, depth: number): number {
  const { file } = program;
  try {
    if (depth > MAX_INTERPRETERS) throw new Errno(ELOOP);
    const head = new Uint8Array(256);
    file.inode.readAt(0, head);
    notify(file.dentry, IN_ACCESS);
    const script = readScript(head);
    if (script === undefined) {
      return loadBinary(task, program, comm, head);
    }
    if (program.isInaccessible) throw new Errno(ENOENT);
    const interpreter = openProgram(task, walkPath(task, task.fs.cwd, script.interpreter));
    const argv = [script.interpreter, ...script.argument, program.filename, ...program.argv.slice(1)];
    return load(task, { ...program, file: interpreter, argv }, comm, depth + 1);
  } finally {
    file.put();
  }
}

function loadBinary(task: Task, program: Program, comm: string, head: Uint8Array): number {
  const elf = prepareElf(
    program.file,
    head,
    (path) => {
      const dentry = walkPath(task, task.fs.cwd, path);
      if (dentry.inode.isDirectory) throw new Errno(EACCES);
      return openProgram(task, dentry);
    },
    task.kernel.config,
  );
  let formerPid: number;
  try {
    const { cred, secure } = credentialsFor(task, program.file.dentry);
    formerPid = beginNewExec(task, program.file, comm, cred, secure);
    try {
      const start = loadElf(task, { ...program, secure }, elf);
      startThread(task, start.entry, start.stackPointer);
    } catch (error) {
      // The old program is gone: what fails now is the end of the process.
      if (!(error instanceof Errno)) throw error;
      task.forceFatalSignal(SIGSEGV);
      throw error;
    }
  } finally {
    elf.interpreter?.file.put();
  }
  task.tracer?.hooks.exec(task.tracee, formerPid);
  return formerPid;
}

/** begin_new_exec: leaves the old address space and whatever belongs to the old program. The number the task had. */
function beginNewExec(task: Task, file: File, comm: string, cred: Credentials, secure: boolean): number {
  const old = task.mm;
  exitRobustList(task);
  task.vforkDone?.();
  task.vforkDone = undefined;
  if (old.users === 1) {
    old.release();
    task.mm = new Mm(task.signal.limits, old.memory, task.kernel.budget);
  } else {
    old.users--;
    task.mm = new Mm(task.signal.limits, task.kernel.memories.take(), task.kernel.budget);
    task.kernel.cpu.processor.memory = task.mm.memory;
  }
  task.mm.inheritSwitches(old);
  task.mm.exeFile = file.hold();
  const formerPid = killOtherThreads(task);
  if (task.files.users > 1) {
    task.files.users--;
    task.files = task.files.copy();
  }
  task.files.closeForExec();
  task.sighand.flushHandlers();
  task.altStack.disable();
  task.comm = comm.slice(0, COMM_LENGTH);
  task.signal.hasExecuted = true;
  task.clearChildTid = 0;
  task.rseq = undefined;
  setUserDispatch(task, 0, 0, 0, 0);
  const isOther = cred.euid !== cred.uid || cred.egid !== cred.gid || cred.permitted & ~task.cred.permitted;
  const isSecret = isOther || !mayAccess(file.inode, task.cred, MAY_READ);
  task.dumpable = isSecret ? SUID_DUMPABLE : 1;
  if (secure) task.parentDeathSignal = 0;
  task.cred = cred;
  task.signal.exitSignal = task.signal.parent ? SIGCHLD : task.signal.exitSignal;
  for (const timer of task.signal.posixTimers.values()) timer.cancel();
  task.signal.posixTimers.clear();
  return formerPid;
}
