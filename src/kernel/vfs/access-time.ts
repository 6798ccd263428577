// Times of access: which reads move them, by the mount's flags. fs/inode.c: touch_atime, atime_needs_update
import { O_NOATIME } from "../../abi/constants/files.js";
import { FS_NOATIME_FL } from "../../abi/constants/ioctls.js";
import { MS_NOATIME, MS_NODIRATIME, MS_RELATIME } from "../../abi/constants/mounts.js";
import type { Dentry } from "./dentry.js";

/** What is at `dentry` was read, by way of a file with these flags. */
export function accessed({ mount, inode }: Dentry, flags = 0): void {
  if (mount === undefined || flags & O_NOATIME) return;
  if (mount.flags & MS_NOATIME || mount.isReadOnly || inode.flags & FS_NOATIME_FL) return;
  if (mount.flags & MS_NODIRATIME && inode.isDirectory) return;
  inode.touchAtime((mount.flags & MS_RELATIME) !== 0);
}
