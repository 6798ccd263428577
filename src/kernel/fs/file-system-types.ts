// The kinds of file systems that can be mounted, and what mount(8)'s -o says to each. fs/filesystems.c, mm/shmem.c: shmem_parse_one
import { S_IFDIR, TMPFS_MAGIC } from "../../abi/constants/files.js";
import { EINVAL, ENODEV, Errno } from "../../abi/errno.js";
import { PAGE_SIZE } from "../../machine/state-layout.js";
import { Budget } from "../budget.js";
import type { Task } from "../task/task.js";
import type { SuperBlock } from "../vfs/mount.js";
import { FileSystem, makeDev } from "./file-system.js";
import { superBlock } from "./mount-tree.js";
import { OverlayMaker } from "./overlayfs/overlay-maker.js";
import { procRoot } from "./procfs/proc-root.js";
import { sysRoot } from "./sysfs/sys-root.js";
import { TmpfsInode } from "./tmpfs/tmpfs-inode.js";

/** A file system in the making: parameters, then the thing. */
export interface Maker {
  /** Throws EINVAL for what the kind does not know. */
  set(key: string, value: string | undefined): void;
  make(): SuperBlock;
  /** mount -o remount: the parameters are now the file system's. */
  change?(block: SuperBlock): void;
}

/** What a kind of file system has no parameter of that name for; other EINVALs are about values. */
export class UnknownParameter extends Errno {
  constructor() {
    super(EINVAL);
  }
}

const RAMFS_MAGIC = 0x858458f6;

const KINDS: Readonly<Record<string, (task: Task) => Maker>> = {
  tmpfs: (task) => new TmpfsMaker(task, "tmpfs"),
  ramfs: (task) => new TmpfsMaker(task, "ramfs"),
  proc: (task) =>
    withOptions(["hidepid", "gid", "subset", "pidns"], () =>
      superBlock("proc", procRoot(task.kernel, task.pidNamespace)),
    ),
  sysfs: (task) => withOptions([], () => superBlock("sysfs", sysRoot(task.kernel))),
  devtmpfs: (task) => withOptions(["size", "mode", "nr_inodes"], () => again(task, "devtmpfs")),
  ext4: () => ({
    set: () => {},
    make: () => {
      throw new Errno(EINVAL);
    },
  }),
  overlay: (task) => new OverlayMaker(task, makeDev(0, ++lastMinor)),
  devpts: (task) => withOptions(["newinstance", "ptmxmode", "mode", "gid", "uid", "max"], () => again(task, "devpts")),
};

/** What /proc/filesystems and sysfs(2) name: what can be mounted, and what the root is. */
export const FILE_SYSTEM_NAMES: readonly string[] = Object.keys(KINDS);

/** Throws ENODEV. */
export function makerOf(task: Task, kind: string): Maker {
  const make = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (make === undefined) throw new Errno(ENODEV);
  return make(task);
}

/** The one there is of its kind. */
function again(task: Task, kind: string): SuperBlock {
  for (const { superBlock: block } of task.kernel.mounts.mounts) if (block.type === kind) return block;
  throw new Errno(ENODEV);
}

function withOptions(known: readonly string[], make: () => SuperBlock): Maker {
  return {
    set: (key) => {
      if (!known.includes(key)) throw new UnknownParameter();
    },
    make,
  };
}

/** Device numbers of file systems without a device, from 0:30 on. */
let lastMinor = 29;

/** A file system's own limit within the machine's. */
class Share extends Budget {
  readonly #whole: Budget;
  pages: number;
  override readonly reserves = true;

  constructor(whole: Budget, pages: number, files: number) {
    super({ ...whole.limits, files });
    this.#whole = whole;
    this.pages = pages;
  }

  override get totalPages(): number {
    return this.pages;
  }

  override takePages(count: number): boolean {
    if (count > this.freePages || !this.#whole.takePages(count)) return false;
    return super.takePages(count);
  }

  override givePages(count: number): void {
    this.#whole.givePages(count);
    super.givePages(count);
  }

  override takeFile(): void {
    this.#whole.takeFile();
    super.takeFile();
  }

  override giveFile(): void {
    this.#whole.giveFile();
    super.giveFile();
  }
}

class TmpfsFileSystem extends FileSystem {
  override statfs(): ReturnType<FileSystem["statfs"]> {
    const budget = this.budget as Budget;
    const { totalPages: blocks, freePages: free } = budget;
    const { files } = budget.limits;
    return { ...super.statfs(), blocks, bfree: free, bavail: free, files, ffree: budget.freeFiles };
  }
}

class TmpfsMaker implements Maker {
  readonly #task: Task;
  readonly #kind: "tmpfs" | "ramfs";
  #pages: number | undefined;
  #files: number | undefined;
  #mode: number | undefined;
  #uid: number | undefined;
  #gid: number | undefined;
  #noswap = false;

  constructor(task: Task, kind: "tmpfs" | "ramfs") {
    this.#task = task;
    this.#kind = kind;
  }

  set(key: string, value: string | undefined): void {
    if (this.#kind === "ramfs") {
      if (key === "mode") this.#mode = digits(value, 8) & 0o7777;
      return; // it ignores what it does not know
    }
    switch (key) {
      case "size":
        this.#pages = Math.ceil(bytesOf(value, this.#task.kernel.budget.totalPages * PAGE_SIZE) / PAGE_SIZE);
        return;
      case "nr_blocks":
        this.#pages = bytesOf(value, 0);
        return;
      case "nr_inodes":
        this.#files = bytesOf(value, 0);
        return;
      case "mode":
        this.#mode = digits(value, 8) & 0o7777;
        return;
      case "uid":
        this.#uid = digits(value, 10);
        return;
      case "gid":
        this.#gid = digits(value, 10);
        return;
      case "huge":
      case "mpol":
      case "inode32":
      case "inode64":
        return;
      case "noswap":
        this.#noswap = true;
        return;
      default:
        throw new UnknownParameter();
    }
  }

  make(): SuperBlock {
    const { kernel, cred } = this.#task;
    const now = (): bigint => kernel.clock.realtime();
    const isTmpfs = this.#kind === "tmpfs";
    const common = { name: this.#kind, dev: makeDev(0, ++lastMinor), now };
    const pages = this.#pages || Math.floor(kernel.budget.totalPages / 2);
    const share = new Share(kernel.budget, pages, this.#files || Math.floor(kernel.budget.totalPages / 2));
    const fs = isTmpfs
      ? new TmpfsFileSystem({ ...common, magic: TMPFS_MAGIC, budget: share })
      : new FileSystem({ ...common, magic: RAMFS_MAGIC, budget: kernel.budget });
    const owner = { uid: this.#uid ?? cred.fsuid, gid: this.#gid ?? cred.fsgid };
    const mode = this.#mode ?? (isTmpfs ? 0o1777 : 0o755);
    if (isTmpfs) share.takeFile();
    const root = new TmpfsInode(fs, fs.nextIno(), S_IFDIR | mode, owner);
    root.setattr({ atime: now(), mtime: now() });
    return superBlock(this.#kind, root, this.#options());
  }

  /** Neither limit can be below what is in use. */
  change(block: SuperBlock): void {
    if (!(block.root instanceof TmpfsInode)) return;
    const { budget } = block.root.fs;
    if (!(budget instanceof Share)) return;
    const usedPages = budget.totalPages - budget.freePages;
    const usedFiles = budget.limits.files - budget.freeFiles;
    if ((this.#pages && this.#pages < usedPages) || (this.#files && this.#files < usedFiles)) throw new Errno(EINVAL);
    if (this.#pages) budget.pages = this.#pages;
    if (this.#files) budget.limits = { ...budget.limits, files: this.#files };
    if (this.#pages) block.options = block.options.replace(/,size=\w+/, "");
    if (this.#files) block.options = block.options.replace(/,nr_inodes=\w+/, "");
    block.options = this.#options() + block.options;
  }

  /** shmem_show_options */
  #options(): string {
    const options: string[] = [];
    if (this.#pages) options.push(`,size=${(this.#pages * PAGE_SIZE) / 1024}k`);
    if (this.#files) options.push(`,nr_inodes=${this.#files}`);
    if (this.#mode !== undefined && this.#mode !== 0o1777)
      options.push(`,mode=${this.#mode.toString(8).padStart(3, "0")}`);
    if (this.#uid) options.push(`,uid=${this.#uid}`);
    if (this.#gid) options.push(`,gid=${this.#gid}`);
    if (this.#noswap) options.push(",noswap");
    return options.join("");
  }
}

function digits(value: string | undefined, base: 8 | 10): number {
  if (value === undefined || !(base === 8 ? /^[0-7]+$/ : /^\d+$/).test(value)) throw new Errno(EINVAL);
  return Number.parseInt(value, base);
}

/** memparse: with k, m, g; and a percentage of the whole. */
function bytesOf(value: string | undefined, whole: number): number {
  const match = /^(\d+)([kmgtKMGT%]?)$/.exec(value ?? "");
  if (match === null) throw new Errno(EINVAL);
  if (match[2] === "%") return Math.floor((whole * Number(match[1])) / 100);
  return Number(match[1]) * 1024 ** " kmgt".indexOf(match[2].toLowerCase() || " ");
}

/** Is it found on a block device? */
export const isOfDevice = (kind: string): boolean => kind === "ext4";

/** May user namespaces mount it? */
export const isUserMountable = (kind: string): boolean =>
  ["tmpfs", "ramfs", "proc", "sysfs", "devpts", "overlay"].includes(kind);
