// Calls Linux has numbers for and no code. They decode as raw arguments and fail with ENOSYS.
import { hexLong, long } from "../../abi/scalars.js";
import { pointer, s32, struct, structIn, word } from "../../abi/struct.js";
import { defineSyscall } from "../define.js";

const sysctlArgs = struct({
  name: pointer(),
  nlen: s32(),
  oldval: pointer(),
  oldlenp: pointer(),
  newval: pointer(),
  newlen: word(),
});

export const sysctlCall = defineSyscall({
  name: "_sysctl",
  nr: { x64: 156, i386: 149 },
  classes: [],
  args: { args: structIn(sysctlArgs) },
  returns: long,
});

export const nfsservctlCall = defineSyscall({
  name: "nfsservctl",
  nr: { x64: 180, i386: 169 },
  classes: [],
  args: { arg1: hexLong, arg2: hexLong, arg3: hexLong },
  returns: long,
});

export const getpmsgCall = defineSyscall({
  name: "getpmsg",
  nr: { x64: 181, i386: 188, x32: 181 },
  classes: ["net"],
  args: { arg1: hexLong, arg2: hexLong, arg3: hexLong, arg4: hexLong, arg5: hexLong },
  returns: long,
});

export const putpmsgCall = defineSyscall({
  name: "putpmsg",
  nr: { x64: 182, i386: 189, x32: 182 },
  classes: ["net"],
  args: { arg1: hexLong, arg2: hexLong, arg3: hexLong, arg4: hexLong, arg5: hexLong },
  returns: long,
});

export const afsSyscallCall = defineSyscall({
  name: "afs_syscall",
  nr: { x64: 183, i386: 137, x32: 183 },
  classes: [],
  args: { arg1: hexLong, arg2: hexLong, arg3: hexLong, arg4: hexLong, arg5: hexLong },
  returns: long,
});

export const tuxcallCall = defineSyscall({
  name: "tuxcall",
  nr: { x64: 184, x32: 184 },
  classes: [],
  args: { arg1: hexLong, arg2: hexLong, arg3: hexLong },
  returns: long,
});

export const securityCall = defineSyscall({
  name: "security",
  nr: { x64: 185, x32: 185 },
  classes: [],
  args: { arg1: hexLong, arg2: hexLong, arg3: hexLong },
  returns: long,
});

export const vserverCall = defineSyscall({
  name: "vserver",
  nr: { x64: 236, i386: 273 },
  classes: [],
  args: { arg1: hexLong, arg2: hexLong, arg3: hexLong, arg4: hexLong, arg5: hexLong },
  returns: long,
});

export const epollCtlOldCall = defineSyscall({
  name: "epoll_ctl_old",
  nr: { x64: 214 },
  classes: [],
  args: { arg1: hexLong, arg2: hexLong, arg3: hexLong, arg4: hexLong },
  returns: long,
});

export const epollWaitOldCall = defineSyscall({
  name: "epoll_wait_old",
  nr: { x64: 215 },
  classes: [],
  args: { arg1: hexLong, arg2: hexLong, arg3: hexLong, arg4: hexLong },
  returns: long,
});
