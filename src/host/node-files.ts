// The host's files through node:fs. Paths come as byte strings and go to Node as buffers, so that no name is unreachable.
import * as fs from "node:fs";
import { type HostDirent, HostError, type HostFiles, type HostStat, type HostStatfs } from "./host.js";

const DIRENT_BATCH = 256;

export class NodeFiles implements HostFiles {
  lstat(path: string): HostStat | undefined {
    const found = attempt(() => fs.lstatSync(hostPath(path), { bigint: true, throwIfNoEntry: false }));
    return found && fromStats(found);
  }

  readlink(path: string): string {
    return attempt(() => fs.readlinkSync(hostPath(path), "latin1"));
  }

  readdir(path: string): HostDirent[] {
    // Not readdirSync: libuv sorts that one.
    const directory = attempt(() =>
      fs.opendirSync(hostPath(path) as unknown as string, { encoding: "latin1", bufferSize: DIRENT_BATCH }),
    );
    const entries: HostDirent[] = [];
    const prefix = path.endsWith("/") ? path : `${path}/`;
    try {
      for (let entry = directory.readSync(); entry; entry = directory.readSync()) {
        const found = attempt(() =>
          fs.lstatSync(hostPath(prefix + entry.name), { bigint: true, throwIfNoEntry: false }),
        );
        if (found) entries.push({ name: entry.name, ino: found.ino, type: Number(found.mode) & 0o170000 });
      }
    } finally {
      directory.closeSync();
    }
    return entries;
  }

  statfs(path: string): HostStatfs {
    return attempt(() => fs.statfsSync(hostPath(path)));
  }

  open(path: string, mode: "r" | "r+"): number {
    // Without O_NONBLOCK, opening a host FIFO would stop the whole tool.
    const flags = (mode === "r" ? fs.constants.O_RDONLY : fs.constants.O_RDWR) | (fs.constants.O_NONBLOCK ?? 0);
    return attempt(() => fs.openSync(hostPath(path), flags));
  }

  close(fd: number): void {
    attempt(() => fs.closeSync(fd));
  }

  fstat(fd: number): HostStat {
    return fromStats(attempt(() => fs.fstatSync(fd, { bigint: true })));
  }

  read(fd: number, into: Uint8Array, position: number): number {
    return attempt(() => fs.readSync(fd, into, 0, into.length, position));
  }

  write(fd: number, from: Uint8Array, position: number): number {
    return attempt(() => fs.writeSync(fd, from, 0, from.length, position));
  }

  create(path: string, mode: number): void {
    attempt(() => fs.closeSync(fs.openSync(hostPath(path), "wx", mode)));
  }

  mkdir(path: string, mode: number): void {
    attempt(() => fs.mkdirSync(hostPath(path), mode));
  }

  symlink(target: string, path: string): void {
    attempt(() => fs.symlinkSync(hostPath(target), hostPath(path)));
  }

  link(existing: string, path: string): void {
    attempt(() => fs.linkSync(hostPath(existing), hostPath(path)));
  }

  unlink(path: string): void {
    attempt(() => fs.unlinkSync(hostPath(path)));
  }

  rmdir(path: string): void {
    attempt(() => fs.rmdirSync(hostPath(path)));
  }

  rename(from: string, to: string): void {
    attempt(() => fs.renameSync(hostPath(from), hostPath(to)));
  }

  truncate(path: string, size: number): void {
    attempt(() => fs.truncateSync(hostPath(path), size));
  }

  chmod(path: string, mode: number): void {
    attempt(() => fs.chmodSync(hostPath(path), mode));
  }

  chown(path: string, uid: number, gid: number): void {
    attempt(() => fs.lchownSync(hostPath(path), uid, gid));
  }

  utimes(path: string, atime: bigint, mtime: bigint): void {
    attempt(() => fs.lutimesSync(hostPath(path), Number(atime) / 1e9, Number(mtime) / 1e9));
  }
}

/** Runs `call`; what Node throws becomes HostError. */
export function attempt<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw new HostError((error as NodeJS.ErrnoException).code ?? "EIO");
  }
}

export function fromStats(stats: fs.BigIntStats): HostStat {
  return {
    dev: Number(stats.dev),
    ino: stats.ino,
    mode: Number(stats.mode),
    nlink: Number(stats.nlink),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    rdev: Number(stats.rdev),
    size: Number(stats.size),
    blksize: Number(stats.blksize),
    blocks: Number(stats.blocks),
    atime: stats.atimeNs,
    mtime: stats.mtimeNs,
    ctime: stats.ctimeNs,
    btime: stats.birthtimeNs,
  };
}

/** Node takes strings for UTF-8, and is quicker with them. */
function hostPath(path: string): string | Buffer {
  return ASCII.test(path) ? path : Buffer.from(path, "latin1");
}

const ASCII = /^[\x01-\x7f]*$/;
