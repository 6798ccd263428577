// The mounts a program finds: the host's tree under the overlay, /proc and /dev.
import * as stat from "../../abi/constants/files.js";
import { TMPFS_MAGIC } from "../../abi/constants/files.js";
import type { Kernel } from "../kernel.js";
import type { Task } from "../task/task.js";
import { Dentry } from "../vfs/dentry.js";
import type { DirectoryEntry, Inode } from "../vfs/inode.js";
import { PtsRoot } from "./devfs/pts.js";
import { DEV_DEVTMPFS, FileSystem, makeDev } from "./file-system.js";
import { OverlayFs, OverlayInode } from "./overlay/overlay-inode.js";
import { ProcLink } from "./procfs/proc-inode.js";
import { procRoot } from "./procfs/proc-root.js";
import { TmpfsInode } from "./tmpfs/tmpfs-inode.js";

const OWNER = { uid: 0, gid: 0 };

export interface MountTree {
  readonly root: Dentry;
  readonly overlay: OverlayInode | undefined;
}

export function mountTree(kernel: Kernel, rootPath: string, writable: readonly string[], now: () => bigint): MountTree {
  const { files } = kernel.host;
  const rootDev = files.lstat(rootPath)?.dev ?? 0;
  const overlayFs = new OverlayFs(files, rootDev, now, writable, kernel.budget);
  const inode = overlayFs.root(rootPath);
  const root = new Dentry("", undefined, inode);
  mountOn(root, "proc", procRoot(kernel));
  const dev = mountOn(root, "dev", deviceTree(kernel, now));
  mountPts(kernel, dev, now);
  return { root, overlay: inode instanceof OverlayInode ? inode : undefined };
}

/** Mounts at /name; the directory is imagined when the tree has none. */
function mountOn(root: Dentry, name: string, inode: Inode): Dentry {
  const below = root.inode instanceof OverlayInode ? root.inode.lookup(name) : undefined;
  return root.add(name, below ?? inode).mount(inode);
}

/** The host's terminal is there by its own number, the machine's pseudo-terminals by theirs. */
function mountPts(kernel: Kernel, dev: Dentry, now: () => bigint): void {
  const pts = new PtsRoot(kernel, now);
  const dentry = dev.add("pts", pts).mount(pts);
  kernel.ptys.fs = {
    makeSlave: pts.makeSlave.bind(pts),
    dentryOf: (number, task) => dentry.child(String(number), task) as Dentry,
  };
}

function deviceTree(kernel: Kernel, now: () => bigint): Inode {
  const fs = new FileSystem({ name: "devtmpfs", dev: DEV_DEVTMPFS, magic: TMPFS_MAGIC, now, budget: kernel.budget });
  const make = (mode: number, rdev = 0): DeviceInode => {
    const inode = new DeviceInode(fs, fs.nextIno(), mode, OWNER, rdev);
    inode.setattr({ atime: kernel.bootTime, mtime: kernel.bootTime });
    return inode;
  };
  const root = make(stat.S_IFDIR | 0o755);
  const device = (name: string, major: number, minor: number, mode = 0o666): void =>
    root.put(name, make(stat.S_IFCHR | mode, makeDev(major, minor)));
  device("null", 1, 3);
  device("zero", 1, 5);
  device("full", 1, 7);
  device("random", 1, 8);
  device("urandom", 1, 9);
  device("tty", 5, 0);
  const link = (name: string, target: string): void => root.put(name, new ProcLink(fs, () => target));
  link("fd", "/proc/self/fd");
  link("stdin", "/proc/self/fd/0");
  link("stdout", "/proc/self/fd/1");
  link("stderr", "/proc/self/fd/2");
  root.put("shm", make(stat.S_IFDIR | stat.S_ISVTX | 0o777));
  device("ptmx", 5, 2);
  root.put("pts", make(stat.S_IFDIR | 0o755));
  return root;
}

/** tmpfs that can be filled before there is a task. */
class DeviceInode extends TmpfsInode {
  readonly #others = new Map<string, Inode>();

  put(name: string, inode: Inode): void {
    if (inode instanceof TmpfsInode) this.children.set(name, inode);
    else this.#others.set(name, inode);
  }

  override lookup(name: string, task: Task): Inode | undefined {
    return this.#others.get(name) ?? super.lookup(name, task);
  }

  override readdir(task: Task): DirectoryEntry[] {
    const others = [...this.#others].map(([name, inode]) => ({ name, ino: inode.stat().ino, type: inode.type }));
    return [...super.readdir(task), ...others];
  }
}
