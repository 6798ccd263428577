// Linux's fs_struct: root, working directory and umask.
import type { Dentry } from "../vfs/dentry.js";

export class FsStruct {
  root: Dentry;
  cwd: Dentry;
  umask: number;

  constructor(root: Dentry, cwd: Dentry, umask: number) {
    this.root = root;
    this.cwd = cwd;
    this.umask = umask;
  }

  /** umask(2): the old one. */
  changeUmask(mask: number): number {
    const old = this.umask;
    this.umask = mask & 0o777;
    return old;
  }

  /** The same places in another mount namespace. */
  moveTo(placeOf: (dentry: Dentry) => Dentry): void {
    this.root = placeOf(this.root);
    this.cwd = placeOf(this.cwd);
  }

  copy(): FsStruct {
    return new FsStruct(this.root, this.cwd, this.umask);
  }
}
