// Device control. See ioctl(2).
import { fd } from "../../abi/descriptors.js";
import { ioctlArgument } from "../../abi/ioctl/arguments.js";
import { ioctlCommand } from "../../abi/ioctl/command.js";
import { long } from "../../abi/scalars.js";
import { ioctl } from "../../kernel/vfs/descriptors.js";
import { defineSyscall } from "../define.js";

export const ioctlCall = defineSyscall({
  name: "ioctl",
  nr: { x64: 16, i386: 54, x32: 514 },
  classes: ["desc"],
  args: { fd, op: ioctlCommand, argp: ioctlArgument },
  returns: long,
  run: (task, { fd, op, argp }) => ioctl(task, fd, op, argp),
  partial: "terminals, files, sockets, namespaces, interfaces and the random device; no other devices",
});
