// swapon(2), swapoff(2): files that mkswap(8) prepared are taken and given back. Nothing is ever swapped out to them. mm/swapfile.c
import { O_RDWR, S_IFBLK } from "../../abi/constants/files.js";
import { CAP_SYS_ADMIN } from "../../abi/constants/security.js";
import { EBUSY, EINVAL, EPERM, Errno } from "../../abi/errno.js";
import type { Task } from "../task/task.js";
import { pathOf } from "../vfs/dentry.js";
import type { File } from "../vfs/file.js";
import type { Inode } from "../vfs/inode.js";
import { openFound } from "../vfs/open.js";
import { walkPath } from "../vfs/path-walk.js";

const SWAP_FLAGS_VALID = 0x7ffff;
const SWAP_FLAG_PREFER = 0x8000;
const SWAP_FLAG_PRIO_MASK = 0x7fff;
const PAGE = 4096;
const SIGNATURE = "SWAPSPACE2";

export interface SwapArea {
  readonly file: File;
  readonly path: string;
  /** In pages, the header not counted. */
  readonly pages: number;
  readonly priority: number;
}

function checkAllowed(task: Task): void {
  if (!task.cred.can(CAP_SYS_ADMIN)) throw new Errno(EPERM);
}

export function swapOn(task: Task, pathname: number, flags: number): void {
  if (flags & ~SWAP_FLAGS_VALID) throw new Errno(EINVAL);
  checkAllowed(task);
  const dentry = walkPath(task, task.fs.cwd, task.copyInPath(pathname));
  const { inode } = dentry;
  const { swaps } = task.kernel;
  const file = openFound(task, dentry, O_RDWR);
  try {
    if (swaps.some((area) => area.file.inode === inode)) throw new Errno(EBUSY);
    if (!inode.isRegular && inode.type !== S_IFBLK) throw new Errno(EINVAL);
    const pages = readHeader(inode);
    if (inode.seekData(0, false) < inode.size) throw new Errno(EINVAL); // holes
    const lowest = swaps.reduce((least, { priority }) => Math.min(least, priority), -1);
    const priority = flags & SWAP_FLAG_PREFER ? flags & SWAP_FLAG_PRIO_MASK : lowest - 1;
    swaps.push({ file, path: pathOf(dentry, task.fs.root), pages, priority });
  } catch (error) {
    file.put();
    throw error;
  }
}

/** read_swap_header: the number of pages that can be used. */
function readHeader(inode: Inode): number {
  const header = new Uint8Array(PAGE);
  if (inode.readAt(0, header) < PAGE) throw new Errno(EINVAL);
  const found = String.fromCharCode(...header.subarray(PAGE - SIGNATURE.length));
  const view = new DataView(header.buffer);
  const lastPage = view.getUint32(1028, true);
  if (found !== SIGNATURE || view.getUint32(1024, true) !== 1 || lastPage === 0) throw new Errno(EINVAL);
  if (lastPage * PAGE > inode.size) throw new Errno(EINVAL);
  return lastPage;
}

export function swapOff(task: Task, pathname: number): void {
  checkAllowed(task);
  const opened = openFound(task, walkPath(task, task.fs.cwd, task.copyInPath(pathname)), O_RDWR);
  const { inode } = opened;
  opened.put();
  const { swaps } = task.kernel;
  const area = swaps.findIndex(({ file }) => file.inode === inode);
  if (area < 0) throw new Errno(EINVAL);
  swaps[area].file.put();
  swaps.splice(area, 1);
}

/** /proc/swaps */
export function swapsText(swaps: readonly SwapArea[]): string {
  const line = ({ path, file, pages, priority }: SwapArea): string => {
    const type = file.inode.isRegular ? "file\t" : "partition";
    return `${path.padEnd(40)}${type}\t${pages * 4}\t\t0\t\t${priority}\n`;
  };
  return `Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n${swaps.map(line).join("")}`;
}
