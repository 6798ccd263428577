// The mounts a program finds: the host's tree under the overlay, /proc and /dev.
import * as stat from "../../abi/constants/files.js";
import { TMPFS_MAGIC } from "../../abi/constants/files.js";
import { MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY, MS_RELATIME } from "../../abi/constants/mounts.js";
import type { Kernel } from "../kernel.js";
import type { Task } from "../task/task.js";
import type { Dentry } from "../vfs/dentry.js";
import type { DirectoryEntry, Inode } from "../vfs/inode.js";
import { Mount, MountNamespace, type SuperBlock } from "../vfs/mount.js";
import { cgroupRoot } from "./cgroupfs.js";
import { PtsRoot } from "./devfs/pts.js";
import { DEV_DEVTMPFS, FileSystem, makeDev } from "./file-system.js";
import { OverlayFs, OverlayInode } from "./overlay/overlay-inode.js";
import { ProcLink } from "./procfs/proc-inode.js";
import { procRoot } from "./procfs/proc-root.js";
import { sysRoot } from "./sysfs/sys-root.js";
import { TmpfsInode } from "./tmpfs/tmpfs-inode.js";

const OWNER = { uid: 0, gid: 0 };

export interface MountTree {
  readonly namespace: MountNamespace;
  readonly overlay: OverlayInode | undefined;
}

export function mountTree(kernel: Kernel, rootPath: string, writable: readonly string[], now: () => bigint): MountTree {
  const { files } = kernel.host;
  const rootDev = files.lstat(rootPath)?.dev ?? 0;
  const overlayFs = new OverlayFs(files, rootDev, now, writable, kernel.budget);
  const inode = overlayFs.root(rootPath);
  const namespace = new MountNamespace(new Mount(superBlock("overlay", inode), "overlay", MS_RELATIME));
  const { root } = namespace.root;
  mountOn(namespace, root, "proc", superBlock("proc", procRoot(kernel, kernel.pids)));
  const dev = mountOn(namespace, root, "dev", superBlock("devtmpfs", deviceTree(kernel, now)));
  mountPts(kernel, namespace, dev, now);
  if (!hasSysfs(inode)) mountOn(namespace, root, "sys", superBlock("sysfs", sysRoot(kernel)));
  else mountCgroups(kernel, namespace);
  return { namespace, overlay: inode instanceof OverlayInode ? inode : undefined };
}

/** A Linux host's /sys is part of its tree. */
function hasSysfs(root: Inode): boolean {
  const sys = root instanceof OverlayInode ? root.lookup("sys") : undefined;
  return sys instanceof OverlayInode && sys.lookup("kernel") !== undefined;
}

export const superBlock = (type: string, root: Inode, options = ""): SuperBlock => ({
  type,
  root,
  options,
  readOnly: false,
  views: 0,
  watches: undefined,
});

/** Mounts at /name; the directory is imagined when the tree has none. */
function mountOn(namespace: MountNamespace, above: Dentry, name: string, block: SuperBlock): Dentry {
  const below = above.inode instanceof OverlayInode ? above.inode.lookup(name) : undefined;
  const mount = new Mount(block, block.type, MS_RELATIME);
  namespace.mountOn(mount, above.add(name, below ?? block.root));
  return mount.root;
}

/** Where the host has its own, of which the machine is no part. */
function mountCgroups(kernel: Kernel, namespace: MountNamespace): void {
  let place = namespace.root.root;
  for (const name of ["sys", "fs", "cgroup"]) {
    const inode = place.inode instanceof OverlayInode ? place.inode.lookup(name) : undefined;
    if (inode === undefined) return;
    place = place.known(name) ?? place.add(name, inode);
  }
  const block = superBlock("cgroup2", cgroupRoot(kernel));
  block.readOnly = true;
  namespace.mountOn(new Mount(block, "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RELATIME | MS_RDONLY), place);
}

/** The host's terminal is there by its own number, the machine's pseudo-terminals by theirs. */
function mountPts(kernel: Kernel, namespace: MountNamespace, dev: Dentry, now: () => bigint): void {
  const pts = new PtsRoot(kernel, now);
  const block = superBlock("devpts", pts, ",gid=5,mode=620,ptmxmode=000");
  const dentry = mountOn(namespace, dev, "pts", block);
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
