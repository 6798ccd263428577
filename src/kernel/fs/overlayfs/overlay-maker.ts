// The options of mount -t overlay, and what they must lead to. fs/overlayfs/params.c, super.c
import { EINVAL, EROFS, Errno } from "../../../abi/errno.js";
import type { Task } from "../../task/task.js";
import type { Dentry } from "../../vfs/dentry.js";
import type { SuperBlock } from "../../vfs/mount.js";
import { walkPath } from "../../vfs/path-walk.js";
import { UnknownParameter } from "../file-system-types.js";
import { superBlock } from "../mount-tree.js";
import { type Layers, MergedInode } from "./merged-inode.js";

const PLACES = ["lowerdir", "upperdir", "workdir"];
const SWITCHES = ["index", "metacopy", "nfs_export", "redirect_dir", "xino", "uuid", "verity", "fsync"];
const FLAGS = ["volatile", "userxattr", "default_permissions"];

export class OverlayMaker {
  readonly #task: Task;
  readonly #dev: number;
  readonly #places = new Map<string, string>();

  constructor(task: Task, dev: number) {
    this.#task = task;
    this.#dev = dev;
  }

  set(key: string, value: string | undefined): void {
    if (PLACES.includes(key) && value) this.#places.set(key, value);
    else if (![...PLACES, ...SWITCHES, ...FLAGS].includes(key)) throw new UnknownParameter();
    else if (FLAGS.includes(key) !== (value === undefined)) throw new Errno(EINVAL);
  }

  #directory(path: string): Dentry {
    const dentry = walkPath(this.#task, this.#task.fs.cwd, path);
    if (!dentry.inode.isDirectory) throw new Errno(EINVAL);
    // What changes through the overlay is looked up again where the layer is seen itself.
    if (dentry.mount) dentry.mount.superBlock.views++;
    return dentry;
  }

  make(): SuperBlock {
    const [lower, upper, work] = PLACES.map((name) => this.#places.get(name));
    if (lower === undefined || (upper === undefined) !== (work === undefined)) throw new Errno(EINVAL);
    const paths = lower.split(/(?<!\\):/).map((path) => path.replaceAll("\\:", ":"));
    if (paths.some((path) => path === "") || (upper === undefined && paths.length < 2)) throw new Errno(EINVAL);
    const upperPlace = upper === undefined ? undefined : this.#directory(upper);
    if (upperPlace && work !== undefined) this.#prepareWork(upperPlace, work);
    const lowers = paths.map((path) => this.#directory(path).inode);
    const layers: Layers = { dev: this.#dev, task: this.#task, inodes: new WeakMap() };
    const block = superBlock(
      "overlay",
      new MergedInode(layers, undefined, "", upperPlace?.inode, lowers),
      this.#options(),
    );
    block.readOnly = upperPlace === undefined;
    return block;
  }

  /** Beside the upper directory on the same mount, neither in the other, and with a directory "work" in it. */
  #prepareWork(upper: Dentry, path: string): void {
    const work = this.#directory(path);
    if (work.mount !== upper.mount || work.isUnder(upper) || upper.isUnder(work)) throw new Errno(EINVAL);
    if (upper.mount?.isReadOnly) throw new Errno(EROFS);
    if (work.inode.lookup("work", this.#task) === undefined)
      work.add("work", work.inode.mkdir("work", 0, { uid: 0, gid: 0 }));
  }

  /** ovl_show_options */
  #options(): string {
    const shown = PLACES.flatMap((name) => {
      const value = this.#places.get(name);
      return value === undefined ? [] : [`,${name}=${value}`];
    });
    return `${shown.join("")}${this.#places.has("upperdir") ? ",uuid=on" : ",redirect_dir=on"}`;
  }
}
