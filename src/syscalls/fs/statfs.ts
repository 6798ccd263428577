// File system status. See statfs(2), ustat(2), sysfs(2).
import { onReturn } from "../../abi/argument.js";
import { fd } from "../../abi/descriptors.js";
import { address, hexLong, long, shortDevice } from "../../abi/scalars.js";
import { statfsOut } from "../../abi/stat.js";
import { path } from "../../abi/strings.js";
import { sysfs } from "../../kernel/task/administration.js";
import { writeStatfs } from "../../kernel/vfs/attributes.js";
import { ustat } from "../../kernel/vfs/mounts.js";
import { walkPath } from "../../kernel/vfs/path-walk.js";
import { defineSyscall } from "../define.js";

export const statfsCall = defineSyscall({
  name: "statfs",
  nr: { x64: 137, i386: 99, x32: 137 },
  classes: ["file", "statfs", "%statfs"],
  args: { pathname: path, buf: statfsOut },
  returns: long,
  run: (task, { pathname, buf }) => writeStatfs(task, buf, walkPath(task, task.fs.cwd, task.copyInPath(pathname))),
});

export const fstatfsCall = defineSyscall({
  name: "fstatfs",
  nr: { x64: 138, i386: 100, x32: 138 },
  classes: ["desc", "fstatfs", "%statfs"],
  args: { fd, buf: statfsOut },
  returns: long,
  run: (task, { fd, buf }) => writeStatfs(task, buf, task.files.getRaw(fd).dentry),
});

export const ustatCall = defineSyscall({
  name: "ustat",
  nr: { x64: 136, i386: 62, x32: 136 },
  classes: ["%statfs"],
  args: { dev: shortDevice, ubuf: onReturn(address) },
  returns: long,
  run: (task, { dev, ubuf }) => ustat(task, dev, ubuf),
});

export const sysfsCall = defineSyscall({
  name: "sysfs",
  nr: { x64: 139, i386: 135, x32: 139 },
  classes: [],
  args: { arg1: hexLong, arg2: hexLong, arg3: hexLong },
  returns: long,
  run: (task, { arg1, arg2, arg3 }) => sysfs(task, arg1, arg2, arg3),
});
