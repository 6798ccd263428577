// Kernel modules and kexec. See init_module(2), kexec_load(2).
import { kexecFlags } from "../../abi/administration.js";
import { deleteModuleFlags, kexecFileLoadFlags, moduleFlags } from "../../abi/constants/processes.js";
import { fd } from "../../abi/descriptors.js";
import { address, flagsOf, hexLong, long, longFlagsOf, unsignedLong } from "../../abi/scalars.js";
import { bytesIn, string } from "../../abi/strings.js";
import { defineSyscall } from "../define.js";

export const initModuleCall = defineSyscall({
  name: "init_module",
  nr: { x64: 175, i386: 128, x32: 175 },
  classes: [],
  args: { module_image: address, len: unsignedLong, param_values: string },
  returns: long,
});

export const finitModuleCall = defineSyscall({
  name: "finit_module",
  nr: { x64: 313, i386: 350, x32: 313 },
  classes: ["desc"],
  args: { fd, param_values: string, flags: flagsOf(moduleFlags) },
  returns: long,
});

export const deleteModuleCall = defineSyscall({
  name: "delete_module",
  nr: { x64: 176, i386: 129, x32: 176 },
  classes: [],
  args: { name: string, flags: flagsOf(deleteModuleFlags) },
  returns: long,
});

export const kexecLoadCall = defineSyscall({
  name: "kexec_load",
  nr: { x64: 246, i386: 283, x32: 528 },
  classes: [],
  args: { entry: address, nr_segments: unsignedLong, segments: address, flags: kexecFlags },
  returns: long,
});

export const kexecFileLoadCall = defineSyscall({
  name: "kexec_file_load",
  nr: { x64: 320, x32: 320 },
  classes: ["desc"],
  args: {
    kernel_fd: fd,
    initrd_fd: fd,
    cmdline_len: unsignedLong,
    cmdline: bytesIn("cmdline_len"),
    flags: longFlagsOf(kexecFileLoadFlags),
  },
  returns: long,
});

export const createModuleCall = defineSyscall({
  name: "create_module",
  nr: { x64: 174, i386: 127 },
  classes: [],
  args: { arg1: hexLong, arg2: hexLong },
  returns: long,
});

export const getKernelSymsCall = defineSyscall({
  name: "get_kernel_syms",
  nr: { x64: 177, i386: 130 },
  classes: [],
  args: { arg1: hexLong },
  returns: long,
});

export const queryModuleCall = defineSyscall({
  name: "query_module",
  nr: { x64: 178, i386: 167 },
  classes: [],
  args: { arg1: hexLong, arg2: hexLong, arg3: hexLong, arg4: hexLong, arg5: hexLong },
  returns: long,
});
