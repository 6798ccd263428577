// Opening what is not a regular file or a directory: devices by their number, FIFOs by their inode, sockets not at all.
import { S_IFCHR, S_IFIFO } from "../../abi/constants/files.js";
import { ENXIO, Errno } from "../../abi/errno.js";
import type { Task } from "../task/task.js";
import type { Dentry } from "../vfs/dentry.js";
import type { File } from "../vfs/file.js";
import { openCharacterDevice } from "./devfs/devices.js";
import { openFifo } from "./pipefs/pipe-file.js";

export function openSpecial(dentry: Dentry, flags: number, task: Task): File {
  const inode = dentry.inode;
  if (inode.type === S_IFCHR) return openCharacterDevice(dentry, flags, task);
  if (inode.type === S_IFIFO) return openFifo(dentry, flags, task.kernel);
  throw new Errno(ENXIO);
}
