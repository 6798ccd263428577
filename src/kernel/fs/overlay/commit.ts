// --commit: what was changed in memory becomes the host's at the end. New things are made beside their places under other names first, so
// that nothing they are copied from has gone; then what was removed goes, and everything takes its place.
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from "../../../abi/constants/files.js";
import { HostError, type HostFiles } from "../../../host/host.js";
import type { OverlayInode } from "./overlay-inode.js";

const CHUNK = 1 << 20;

/** Applies the changes below `root` to the host. What could not be done, a line for each: nothing was when staging failed. */
export function commitChanges(files: HostFiles, root: OverlayInode): string[] {
  const commit = new Commit(files);
  commit.findPlaces(root);
  commit.collect(root);
  commit.apply();
  return commit.failures;
}

class Commit {
  readonly failures: string[] = [];
  readonly #files: HostFiles;
  readonly #removed: string[] = [];
  readonly #staged: { temporary: string; path: string }[] = [];
  readonly #links: { existing: string; path: string }[] = [];
  readonly #changed: { path: string; inode: OverlayInode }[] = [];
  /** Where an inode that may have several names is, or is going to be. */
  readonly #placed = new Map<OverlayInode, string>();

  constructor(files: HostFiles) {
    this.#files = files;
  }

  /** Files that are where the host has them, changed or not: new names of theirs are links. */
  findPlaces(directory: OverlayInode): void {
    for (const { name, kind, inode } of directory.differences()) {
      if (kind === "made" || inode === undefined) continue;
      if (inode.isDirectory) this.findPlaces(inode);
      else this.#placed.set(inode, directory.hostPathOf(name));
    }
  }

  /** Finds what differs in a directory the host has, and stages what is new. */
  collect(directory: OverlayInode): void {
    for (const { name, kind, inode } of directory.differences()) {
      const path = directory.hostPathOf(name);
      if (kind === "removed") this.#removed.push(path);
      if (inode === undefined) continue;
      if (kind === "made") this.#stage(path, inode);
      else {
        if (kind === "changed") this.#changed.push({ path, inode });
        if (inode.isDirectory) this.collect(inode);
      }
    }
  }

  apply(): void {
    if (this.failures.length > 0) {
      for (const { temporary } of this.#staged) this.#attempt(temporary, () => this.#remove(temporary));
      return;
    }
    for (const path of this.#removed) this.#attempt(path, () => this.#remove(path));
    for (const { temporary, path } of this.#staged) this.#attempt(path, () => this.#files.rename(temporary, path));
    for (const { existing, path } of this.#links) this.#attempt(path, () => this.#files.link(existing, path));
    for (const { path, inode } of this.#changed) {
      this.#attempt(path, () => {
        if (inode.hasOwnData) this.#write(path, inode);
        this.#setAttributes(path, inode);
      });
    }
  }

  #stage(path: string, inode: OverlayInode): void {
    if (this.#isLink(path, inode)) return;
    const temporary = `${path.slice(0, path.lastIndexOf("/") + 1)}.tsstrace-${this.#staged.length}`;
    this.#staged.push({ temporary, path });
    this.#make(temporary, path, inode);
  }

  /** Makes `inode`, with all that is below it, at `at`; it will be at `path`. */
  #make(at: string, path: string, inode: OverlayInode): void {
    this.#attempt(path, () => {
      switch (inode.mode & S_IFMT) {
        case S_IFDIR:
          this.#files.mkdir(at, 0o700);
          for (const [name, child] of inode.everything()) {
            const place = `${path}/${name}`;
            if (!this.#isLink(place, child)) this.#make(`${at}/${name}`, place, child);
          }
          break;
        case S_IFREG:
          this.#files.create(at, 0o600);
          this.#write(at, inode);
          break;
        case S_IFLNK:
          this.#files.symlink(inode.target(), at);
          return;
        default:
          throw new HostError("EOPNOTSUPP"); // FIFOs, sockets and devices
      }
      this.#setAttributes(at, inode);
    });
  }

  /** Has the file a place already? Then `path` becomes another name of it; otherwise `path` is its place. */
  #isLink(path: string, inode: OverlayInode): boolean {
    const existing = this.#placed.get(inode);
    if (existing !== undefined) this.#links.push({ existing, path });
    else if (!inode.isDirectory) this.#placed.set(inode, path);
    return existing !== undefined;
  }

  #write(path: string, inode: OverlayInode): void {
    const fd = this.#files.open(path, "r+");
    try {
      const buffer = new Uint8Array(CHUNK);
      for (let at = 0; ; ) {
        const count = inode.readAt(at, buffer);
        if (count === 0) break;
        this.#files.write(fd, buffer.subarray(0, count), at);
        at += count;
      }
    } finally {
      this.#files.close(fd);
    }
    this.#files.truncate(path, inode.size);
  }

  #setAttributes(path: string, inode: OverlayInode): void {
    const { mode, uid, gid, atime, mtime } = inode.ownStat();
    const host = this.#files.lstat(path);
    if (host && (host.uid !== uid || host.gid !== gid)) this.#files.chown(path, uid, gid);
    this.#files.chmod(path, mode & 0o7777);
    this.#files.utimes(path, atime, mtime);
  }

  #remove(path: string): void {
    const found = this.#files.lstat(path);
    if (found === undefined) return;
    if ((found.mode & S_IFMT) !== S_IFDIR) return this.#files.unlink(path);
    for (const { name } of this.#files.readdir(path)) this.#remove(`${path}/${name}`);
    this.#files.rmdir(path);
  }

  #attempt(path: string, action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      this.failures.push(`${path}: ${error.code}`);
    }
  }
}
