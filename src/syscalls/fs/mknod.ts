// Special files. See mknod(2).
import { AT_FDCWD } from "../../abi/constants/files.js";
import { dirFd } from "../../abi/descriptors.js";
import { fileMode, nodeDevice } from "../../abi/files.js";
import { long } from "../../abi/scalars.js";
import { path } from "../../abi/strings.js";
import { mknodAt } from "../../kernel/vfs/names.js";
import { defineSyscall } from "../define.js";

export const mknodCall = defineSyscall({
  name: "mknod",
  nr: { x64: 133, i386: 14, x32: 133 },
  classes: ["file"],
  args: { pathname: path, mode: fileMode, dev: nodeDevice },
  returns: long,
  run: (task, { pathname, mode, dev }) => mknodAt(task, AT_FDCWD, pathname, mode, dev),
});

export const mknodatCall = defineSyscall({
  name: "mknodat",
  nr: { x64: 259, i386: 297, x32: 259 },
  classes: ["desc", "file"],
  args: { dirfd: dirFd, pathname: path, mode: fileMode, dev: nodeDevice },
  returns: long,
  run: (task, { dirfd, pathname, mode, dev }) => mknodAt(task, dirfd, pathname, mode, dev),
});
