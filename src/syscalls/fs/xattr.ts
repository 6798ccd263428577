// Extended attributes. See xattr(7).
import { onReturn } from "../../abi/argument.js";
import { AT_FDCWD, AT_SYMLINK_NOFOLLOW, xattrFlags } from "../../abi/constants/files.js";
import { fileAttrFlags, xattratFlags } from "../../abi/constants/mounts.js";
import { dirFd, fd } from "../../abi/descriptors.js";
import { fileAttributesIn, fileAttributesOut } from "../../abi/file-attributes.js";
import { flagsOf, long, unsignedLong } from "../../abi/scalars.js";
import { path, string } from "../../abi/strings.js";
import {
  attributeAnswer,
  attributeList,
  attributeValue,
  attributeValueIn,
  attributeValueOut,
  xattrArgs,
} from "../../abi/xattr.js";
import { dentryAt } from "../../kernel/vfs/attributes.js";
import { getFileAttributes, setFileAttributes } from "../../kernel/vfs/file-attributes.js";
import {
  getAttribute,
  listAttributes,
  readAttribute,
  readName,
  removeAttribute,
  setAttribute,
} from "../../kernel/vfs/xattr.js";
import { getAttributeAt, listAttributesAt, removeAttributeAt, setAttributeAt } from "../../kernel/vfs/xattr-calls.js";
import { defineSyscall } from "../define.js";

export const setxattrCall = defineSyscall({
  name: "setxattr",
  nr: { x64: 188, i386: 226, x32: 188 },
  classes: ["file"],
  args: { pathname: path, name: string, value: attributeValue, size: unsignedLong, flags: flagsOf(xattrFlags) },
  returns: long,
  run: (task, { pathname, name, value, size, flags }) => {
    const attribute = readAttribute(task, name, value, size, flags);
    setAttribute(task, dentryAt(task, AT_FDCWD, task.copyInPath(pathname)), attribute);
  },
});

export const lsetxattrCall = defineSyscall({
  name: "lsetxattr",
  nr: { x64: 189, i386: 227, x32: 189 },
  classes: ["file"],
  args: { pathname: path, name: string, value: attributeValue, size: unsignedLong, flags: flagsOf(xattrFlags) },
  returns: long,
  run: (task, { pathname, name, value, size, flags }) => {
    const attribute = readAttribute(task, name, value, size, flags);
    setAttribute(task, dentryAt(task, AT_FDCWD, task.copyInPath(pathname), AT_SYMLINK_NOFOLLOW), attribute);
  },
});

export const fsetxattrCall = defineSyscall({
  name: "fsetxattr",
  nr: { x64: 190, i386: 228, x32: 190 },
  classes: ["desc"],
  args: { fd, name: string, value: attributeValue, size: unsignedLong, flags: flagsOf(xattrFlags) },
  returns: long,
  run: (task, { fd, name, value, size, flags }) => {
    const attribute = readAttribute(task, name, value, size, flags);
    setAttribute(task, task.files.get(fd).dentry, attribute);
  },
});

export const getxattrCall = defineSyscall({
  name: "getxattr",
  nr: { x64: 191, i386: 229, x32: 191 },
  classes: ["file"],
  args: { pathname: path, name: string, value: attributeAnswer, size: unsignedLong },
  returns: long,
  run: (task, { pathname, name, value, size }) => {
    const text = readName(task, name);
    return getAttribute(task, dentryAt(task, AT_FDCWD, task.copyInPath(pathname)).inode, text, value, size);
  },
});

export const lgetxattrCall = defineSyscall({
  name: "lgetxattr",
  nr: { x64: 192, i386: 230, x32: 192 },
  classes: ["file"],
  args: { pathname: path, name: string, value: attributeAnswer, size: unsignedLong },
  returns: long,
  run: (task, { pathname, name, value, size }) => {
    const text = readName(task, name);
    return getAttribute(
      task,
      dentryAt(task, AT_FDCWD, task.copyInPath(pathname), AT_SYMLINK_NOFOLLOW).inode,
      text,
      value,
      size,
    );
  },
});

export const fgetxattrCall = defineSyscall({
  name: "fgetxattr",
  nr: { x64: 193, i386: 231, x32: 193 },
  classes: ["desc"],
  args: { fd, name: string, value: attributeAnswer, size: unsignedLong },
  returns: long,
  run: (task, { fd, name, value, size }) => {
    const text = readName(task, name);
    return getAttribute(task, task.files.get(fd).inode, text, value, size);
  },
});

export const listxattrCall = defineSyscall({
  name: "listxattr",
  nr: { x64: 194, i386: 232, x32: 194 },
  classes: ["file"],
  args: { pathname: path, list: attributeList, size: unsignedLong },
  returns: long,
  run: (task, { pathname, list, size }) =>
    listAttributes(task, dentryAt(task, AT_FDCWD, task.copyInPath(pathname)).inode, list, size),
});

export const llistxattrCall = defineSyscall({
  name: "llistxattr",
  nr: { x64: 195, i386: 233, x32: 195 },
  classes: ["file"],
  args: { pathname: path, list: attributeList, size: unsignedLong },
  returns: long,
  run: (task, { pathname, list, size }) =>
    listAttributes(task, dentryAt(task, AT_FDCWD, task.copyInPath(pathname), AT_SYMLINK_NOFOLLOW).inode, list, size),
});

export const flistxattrCall = defineSyscall({
  name: "flistxattr",
  nr: { x64: 196, i386: 234, x32: 196 },
  classes: ["desc"],
  args: { fd, list: attributeList, size: unsignedLong },
  returns: long,
  run: (task, { fd, list, size }) => listAttributes(task, task.files.get(fd).inode, list, size),
});

export const removexattrCall = defineSyscall({
  name: "removexattr",
  nr: { x64: 197, i386: 235, x32: 197 },
  classes: ["file"],
  args: { pathname: path, name: string },
  returns: long,
  run: (task, { pathname, name }) => {
    const text = readName(task, name);
    removeAttribute(task, dentryAt(task, AT_FDCWD, task.copyInPath(pathname)), text);
  },
});

export const lremovexattrCall = defineSyscall({
  name: "lremovexattr",
  nr: { x64: 198, i386: 236, x32: 198 },
  classes: ["file"],
  args: { pathname: path, name: string },
  returns: long,
  run: (task, { pathname, name }) => {
    const text = readName(task, name);
    removeAttribute(task, dentryAt(task, AT_FDCWD, task.copyInPath(pathname), AT_SYMLINK_NOFOLLOW), text);
  },
});

export const fremovexattrCall = defineSyscall({
  name: "fremovexattr",
  nr: { x64: 199, i386: 237, x32: 199 },
  classes: ["desc"],
  args: { fd, name: string },
  returns: long,
  run: (task, { fd, name }) => {
    const text = readName(task, name);
    removeAttribute(task, task.files.get(fd).dentry, text);
  },
});

export const setxattratCall = defineSyscall({
  name: "setxattrat",
  nr: { x64: 463, i386: 463, x32: 463 },
  classes: ["desc", "file"],
  args: {
    dirfd: dirFd,
    pathname: path,
    flags: flagsOf(xattratFlags),
    name: string,
    args: xattrArgs(attributeValueIn),
    size: unsignedLong,
  },
  returns: long,
  run: (task, { dirfd, pathname, flags, name, args, size }) =>
    setAttributeAt(task, dirfd, pathname, flags, name, args, size),
});

export const getxattratCall = defineSyscall({
  name: "getxattrat",
  nr: { x64: 464, i386: 464, x32: 464 },
  classes: ["desc", "file"],
  args: {
    dirfd: dirFd,
    pathname: path,
    flags: flagsOf(xattratFlags),
    name: string,
    args: onReturn(xattrArgs(attributeValueOut)),
    size: unsignedLong,
  },
  returns: long,
  run: (task, { dirfd, pathname, flags, name, args, size }) =>
    getAttributeAt(task, dirfd, pathname, flags, name, args, size),
});

export const listxattratCall = defineSyscall({
  name: "listxattrat",
  nr: { x64: 465, i386: 465, x32: 465 },
  classes: ["desc", "file"],
  args: { dirfd: dirFd, pathname: path, flags: flagsOf(xattratFlags), list: attributeList, size: unsignedLong },
  returns: long,
  run: (task, { dirfd, pathname, flags, list, size }) => listAttributesAt(task, dirfd, pathname, flags, list, size),
});

export const removexattratCall = defineSyscall({
  name: "removexattrat",
  nr: { x64: 466, i386: 466, x32: 466 },
  classes: ["desc", "file"],
  args: { dirfd: dirFd, pathname: path, flags: flagsOf(xattratFlags), name: string },
  returns: long,
  run: (task, { dirfd, pathname, flags, name }) => removeAttributeAt(task, dirfd, pathname, flags, name),
});

export const fileGetattrCall = defineSyscall({
  name: "file_getattr",
  nr: { x64: 468, i386: 468, x32: 468 },
  classes: ["desc", "file"],
  args: { dirfd: dirFd, pathname: path, attr: fileAttributesOut, size: unsignedLong, flags: flagsOf(fileAttrFlags) },
  returns: long,
  run: (task, { dirfd, pathname, attr, size, flags }) => getFileAttributes(task, dirfd, pathname, attr, size, flags),
});

export const fileSetattrCall = defineSyscall({
  name: "file_setattr",
  nr: { x64: 469, i386: 469, x32: 469 },
  classes: ["desc", "file"],
  args: { dirfd: dirFd, pathname: path, attr: fileAttributesIn, size: unsignedLong, flags: flagsOf(fileAttrFlags) },
  returns: long,
  run: (task, { dirfd, pathname, attr, size, flags }) => setFileAttributes(task, dirfd, pathname, attr, size, flags),
});
