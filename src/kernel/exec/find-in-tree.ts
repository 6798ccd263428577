// Looking for a program before there is a kernel: follows symlinks inside the guest's root.
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from "../../abi/constants/files.js";
import { ELOOP, ENOENT, ENOTDIR, Errno } from "../../abi/errno.js";
import type { Host } from "../../host/host.js";
import { hostCall } from "../fs/hostfs/host-call.js";

/** A number is the errno for want of it. */
export type Found = "executable" | "present" | number;

const MAX_SYMLINKS = 40;

/** A function that says what a guest path is. Paths are byte strings. */
export function findInTree(host: Host, root: string, cwd: string): (path: string) => Found {
  const base = root === "/" ? "" : root.replace(/\/+$/, "");
  return (path) => {
    let names = (path.startsWith("/") ? path : `${cwd}/${path}`).split("/");
    let at: string[] = [];
    let symlinks = 0;
    let mode = S_IFDIR | 0o111;
    while (names.length > 0) {
      const [name, ...rest] = names;
      names = rest;
      if (name === "" || name === ".") continue;
      if (name === "..") {
        at.pop();
        continue;
      }
      if ((mode & S_IFMT) !== S_IFDIR) return ENOTDIR;
      const here = [...at, name];
      try {
        const found = hostCall(() => host.files.lstat(`${base}/${here.join("/")}`));
        if (found === undefined) return ENOENT;
        if ((found.mode & S_IFMT) === S_IFLNK) {
          if (++symlinks > MAX_SYMLINKS) return ELOOP;
          const target = hostCall(() => host.files.readlink(`${base}/${here.join("/")}`));
          if (target.startsWith("/")) at = [];
          names = [...target.split("/"), ...names];
          mode = S_IFDIR;
          continue;
        }
        mode = found.mode;
        at = here;
      } catch (error) {
        if (error instanceof Errno) return error.number;
        throw error;
      }
    }
    if ((mode & S_IFMT) !== S_IFREG) return "present";
    return mode & 0o111 ? "executable" : "present";
  };
}
