// The first process: a child of the tracer that has only its arguments in memory and executes the program.
import { PROT_READ, PROT_WRITE } from "../../abi/constants/memory.js";
import { Errno } from "../../abi/errno.js";
import type { HostIdentity } from "../../host/host.js";
import { READ, WRITE } from "../../machine/guest-memory.js";
import * as cpuState from "../../machine/state-layout.js";
import { entrySyscall64 } from "../entry/entry-syscall-64.js";
import * as pt from "../entry/pt-regs.js";
import { SEGMENT_CS, SEGMENT_SS, USER_CS, USER_DS } from "../entry/selectors.js";
import { StreamInode } from "../fs/devfs/stream-file.js";
import type { Kernel } from "../kernel.js";
import { populate } from "../mm/fault.js";
import { Mm, pageUp, TASK_SIZE } from "../mm/mm.js";
import { mapAnonymous } from "../mm/mmap.js";
import { bytesOf } from "../mm/user-access.js";
import { traceCalls } from "../ptrace/tracer.js";
import { Sighand } from "../signal/sighand.js";
import { Credentials } from "../vfs/credentials.js";
import { Dentry } from "../vfs/dentry.js";
import { walkPath } from "../vfs/path-walk.js";
import { exitTask } from "./exit.js";
import { FilesStruct } from "./files-struct.js";
import { FsStruct } from "./fs-struct.js";
import { Rlimits } from "./rlimits.js";
import { SignalStruct } from "./signal-struct.js";
import { Task } from "./task.js";

const NR_EXECVE = 59;
const SYSCALL_LENGTH = 2;
const PAGE = cpuState.PAGE_SIZE;
const FAILED = 1 << 8; // exit status 1, as a shell's or strace's child after a failed exec

export interface FirstProgram {
  readonly program: string;
  readonly argv: readonly string[];
  readonly envp: readonly string[];
  readonly cwd: string | undefined;
  /** Who runs it; whoever runs the machine when undefined. */
  readonly user?: Pick<HostIdentity, "uid" | "gid" | "groups"> | undefined;
}

export interface FirstTask {
  readonly task: Task;
  /** Set when the execve failed. */
  readonly execErrno: number | undefined;
}

export function spawnFirst(kernel: Kernel, program: FirstProgram): FirstTask {
  const identity = kernel.host.identity();
  const user = program.user ?? identity;
  const pid = kernel.allocatePid();
  const group = pid - 1; // the tracer's, which began the session
  const limits = new Rlimits();
  if (!kernel.deterministic)
    for (const { resource, soft, hard } of identity.limits) limits.set(resource, { soft, hard });
  const mm = new Mm(limits, kernel.memories.take(), kernel.budget);
  kernel.cpu.processor.memory = mm.memory;
  const task = new Task({
    pid,
    kernel,
    mm,
    fs: new FsStruct(kernel.root, kernel.root, identity.umask),
    files: new FilesStruct(),
    signal: new SignalStruct(pid, group, group, limits),
    sighand: new Sighand(),
    cred: new Credentials(user.uid, user.gid, user.groups),
    comm: "tsstrace",
    namespaces: kernel.namespaces,
    pidNamespace: kernel.namespaces.pidForChildren,
  });
  kernel.tasks.set(pid, task);
  task.signal.isFirst = true;
  task.signal.tty = kernel.console;
  if (kernel.console) Object.assign(kernel.console, { session: group, foreground: group });
  openStandardStreams(kernel, task);
  task.fs.cwd = directoryOf(task, program.cwd ?? identity.cwd);
  if (kernel.tracer) {
    traceCalls(task, kernel.tracer);
    kernel.tracer.hooks.attached(task.tracee, undefined);
  }
  kernel.cpu.topOfStackLow = task.stack.topLow;
  kernel.cpu.topOfStackHigh = task.stack.topHigh;
  callExecve(kernel, task, program);
  const { regs } = task.stack;
  const failed = !task.isDead && regs.high(pt.PT_AX) === -1;
  if (!failed) return { task, execErrno: undefined };
  const execErrno = -regs.low(pt.PT_AX);
  exitTask(task, FAILED);
  return { task, execErrno };
}

/** Where another root has no such directory, the program begins in that root, as with chroot(1). */
function directoryOf(task: Task, path: string): Dentry {
  try {
    return walkPath(task, task.fs.root, path);
  } catch (error) {
    if (error instanceof Errno) return task.fs.root;
    throw error;
  }
}

/** Descriptors 0, 1 and 2 are the tool's own. */
export function openStandardStreams(kernel: Kernel, task: Task): void {
  kernel.streams.forEach((stream, fd) => {
    const inode = new StreamInode(stream);
    const file = inode.open(new Dentry(stream.host.path(), undefined, inode), stream.host.statusFlags(), task);
    task.files.install(file, false, fd + 1, fd);
  });
}

/** Puts the strings on a stack and makes the call from there. */
function callExecve(kernel: Kernel, task: Task, { program, argv, envp }: FirstProgram): void {
  const strings = [program, ...argv, ...envp];
  const pointers = argv.length + envp.length + 2;
  const size = strings.reduce((sum, text) => sum + text.length + 1, pointers * 8);
  const top = TASK_SIZE - PAGE;
  const start = top - pageUp(size + PAGE);
  mapAnonymous(task.mm, start, top, PROT_READ | PROT_WRITE);
  populate(task.mm, start, top, READ | WRITE);
  let at = top;
  const push = (text: string): number => {
    at -= text.length + 1;
    task.copyOut(at, bytesOf(`${text}\0`));
    return at;
  };
  const filename = push(program);
  const argumentPointers = argv.map(push);
  const variablePointers = envp.map(push);
  at -= at % 16;
  const pushTable = (table: readonly number[]): number => {
    at -= (table.length + 1) * 8;
    table.forEach((pointer, index) => task.writeU64(at + index * 8, pointer));
    return at;
  };
  const environmentTable = pushTable(variablePointers);
  const argumentTable = pushTable(argumentPointers);

  const { registers } = kernel.cpu.processor;
  kernel.cpu.processor.reset();
  registers.setSelector(SEGMENT_CS, USER_CS);
  registers.setSelector(SEGMENT_SS, USER_DS);
  registers.setAddress(cpuState.RAX, NR_EXECVE);
  registers.setAddress(cpuState.RDI, filename);
  registers.setAddress(cpuState.RSI, argumentTable);
  registers.setAddress(cpuState.RDX, environmentTable);
  registers.setAddress(cpuState.RSP, at - (at % 16));
  registers.rip = start;
  entrySyscall64(kernel.cpu, task, SYSCALL_LENGTH);
}
