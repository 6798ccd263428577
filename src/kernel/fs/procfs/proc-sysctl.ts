// /proc/sys: settings by name. They are made when somebody looks for the first; what is written is kept in `Kernel.sysctls`, where the
// parts of the kernel that obey it look. fs/proc/proc_sysctl.c, kernel/sysctl.c
import { O_ACCMODE, O_RDONLY, O_WRONLY } from "../../../abi/constants/files.js";
import { EACCES, EINVAL, EPERM, Errno } from "../../../abi/errno.js";
import type { Kernel } from "../../kernel.js";
import { RELEASE, VERSION } from "../../kernel.js";
import type { Task } from "../../task/task.js";
import type { Dentry } from "../../vfs/dentry.js";
import type { File } from "../../vfs/file.js";
import type { Inode } from "../../vfs/inode.js";
import type { FileSystem } from "../file-system.js";
import { ProcDirectory, ProcText } from "./proc-inode.js";
import { netSysctls } from "./proc-net.js";
import { SYSCTLS } from "./sysctl-table.js";

type Value = (task: Task) => string | number;

interface Branch {
  [name: string]: Branch | Inode;
}

/** A setting: its permissions hold for root too. sysctl_perm */
class Sysctl extends ProcText {
  override open(dentry: Dentry, flags: number, task?: Task): File {
    const bits = task?.cred.euid === 0 ? this.mode >> 6 : this.mode;
    const mode = flags & O_ACCMODE;
    const wanted = (mode === O_WRONLY ? 0 : 4) | (mode === O_RDONLY ? 0 : 2);
    if ((bits & wanted) !== wanted) throw new Errno(EACCES);
    return super.open(dentry, flags);
  }
}

/** What has names from the kernel alone: not even root removes one. */
class SysctlDirectory extends ProcDirectory {
  override unlink(): never {
    throw new Errno(EACCES);
  }
}

export function sysctlTree(fs: FileSystem): Inode {
  let tree: ProcDirectory | undefined;
  const made = (): ProcDirectory => {
    tree ??= build(fs);
    return tree;
  };
  return new ProcDirectory(
    fs,
    {},
    {
      find: (name, task) => made().lookup(name, task),
      list: (task) =>
        made()
          .readdir(task)
          .map(({ name }) => name),
    },
  );
}

function build(fs: FileSystem): ProcDirectory {
  const branch: Branch = {};
  const put = (path: string, inode: Inode): void => {
    const names = path.split("/");
    const last = names.pop() as string;
    let at = branch;
    for (const name of names) {
      at[name] ??= {};
      at = at[name] as Branch;
    }
    at[last] = inode;
  };
  for (const line of SYSCTLS.trim().split("\n")) {
    const [path, mode, value, range] = line.split("|");
    put(path, setting(fs, path, Number.parseInt(mode, 8), value, range?.split(" ").map(Number)));
  }
  for (const [path, value] of Object.entries(MACHINES_OWN)) put(path, new Sysctl(fs, (task) => `${value(task)}\n`));
  for (const [path, field] of [
    ["kernel/hostname", "hostname"],
    ["kernel/domainname", "domainname"],
  ] as const)
    put(path, nameSetting(fs, field));
  put("net", netSysctls(fs));
  const directory = (of: Branch): ProcDirectory =>
    new SysctlDirectory(
      fs,
      Object.fromEntries(
        Object.entries(of).map(([name, each]) => [name, "stat" in each ? (each as Inode) : directory(each as Branch)]),
      ),
    );
  return directory(branch);
}

/** Those that tell how the machine is. */
const MACHINES_OWN: Readonly<Record<string, Value>> = {
  "fs/file-nr": ({ kernel }) =>
    `${[...kernel.tasks.values()].reduce((sum, { files }) => sum + files.descriptors().length, 0)}\t0\t1048576`,
  "fs/inode-nr": ({ kernel }) => `${kernel.budget.limits.files - kernel.budget.freeFiles}\t0`,
  "fs/inode-state": ({ kernel }) => `${kernel.budget.limits.files - kernel.budget.freeFiles}\t0\t0\t0\t0\t0\t0`,
  "fs/aio-nr": () => 0,
  "kernel/osrelease": () => RELEASE,
  "kernel/version": () => VERSION,
  "kernel/ns_last_pid": ({ kernel }) => Math.max(...kernel.tasks.keys()),
  "kernel/randomize_va_space": ({ kernel }) => (kernel.randomized ? 2 : 0),
  "kernel/random/uuid": ({ kernel }) => uuid(kernel),
};

function uuid(kernel: Kernel): string {
  const bytes = new Uint8Array(16);
  kernel.random(bytes);
  bytes[6] = (bytes[6] & 15) | 0x40;
  bytes[8] = (bytes[8] & 63) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [0, 8, 12, 16, 20].map((start, index, all) => hex.slice(start, all[index + 1])).join("-");
}

const ROOT = { uid: 0, gid: 0 };

function setting(fs: FileSystem, path: string, mode: number, atBoot: string, range: number[] | undefined): ProcText {
  const current = ({ sysctls }: Kernel): string => sysctls.get(path) ?? atBoot;
  const write = (writer: Task, text: string): void => {
    if (!(mode & 0o200)) throw new Errno(EPERM);
    const value = text.replace(/[\n\0][\s\S]*$/, "");
    const isText = !/^-?\d+( -?\d+)*$/.test(atBoot) && atBoot !== "";
    writer.kernel.sysctls.set(path, isText ? value : numbers(value, current(writer.kernel), range, path).join(" "));
  };
  const isWritable = (mode & 0o222) !== 0;
  const show = ({ kernel }: Task): string =>
    `${isShownApart(atBoot) ? current(kernel).replaceAll(" ", "\t") : current(kernel)}\n`;
  return new Sysctl(fs, show, ROOT, isWritable ? write : undefined, mode);
}

/** Vectors of numbers stand apart by tabs, lists of words by spaces. */
const isShownApart = (value: string): boolean => /^\d+ /.test(value);

/** do_proc_dointvec: as many as are given, the others stay. */
function numbers(text: string, old: string, range: number[] | undefined, path: string): (number | string)[] {
  const before = old === "" ? [] : old.split(" ");
  const given = text.trim().split(/\s+/);
  const values = given.map((word) => {
    if (!/^-?(0[xX][\da-fA-F]+|\d+)$/.test(word)) throw new Errno(EINVAL);
    const value = Number(word);
    if (range && (value < range[0] || value > range[1])) throw new Errno(EINVAL);
    return Number.isSafeInteger(value) ? value : word;
  });
  if (path === "fs/pipe-max-size") return [2 ** Math.ceil(Math.log2(Number(values[0])))];
  return before.length <= values.length
    ? values.slice(0, Math.max(before.length, 1))
    : [...values, ...before.slice(values.length)];
}

/** Names of the machine: those of the uts namespace. */
function nameSetting(fs: FileSystem, field: "hostname" | "domainname"): ProcText {
  const write = (writer: Task, text: string): void => {
    writer.namespaces.uts[field] = text.replace(/[\n\0][\s\S]*$/, "").slice(0, 64);
  };
  return new Sysctl(fs, (task) => `${task.namespaces.uts[field]}\n`, ROOT, write);
}
