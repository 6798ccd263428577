// The x86's own: segments and ports. See modify_ldt(2), iopl(2).

import { hexLong, int, long, unsignedLong } from "../../abi/scalars.js";
import { descriptorTable, entryNumberResult, userDescIn, userDescOut } from "../../abi/user-desc.js";
import { getThreadArea, modifyLdt, setThreadArea } from "../../kernel/task/thread-area.js";
import { defineSyscall, variantOf } from "../define.js";

export const modifyLdtCall = defineSyscall({
  name: "modify_ldt",
  nr: { x64: 154, i386: 123, x32: 154 },
  classes: [],
  args: { func: int, ptr: descriptorTable, bytecount: unsignedLong },
  returns: long,
  run: (task, { func, ptr, bytecount }) => modifyLdt(task, func, ptr, bytecount),
});

export const setThreadAreaCall = defineSyscall({
  name: "set_thread_area",
  nr: { x64: 205 },
  classes: [],
  args: { u_info: userDescIn },
  returns: long,
});

export const getThreadAreaCall = defineSyscall({
  name: "get_thread_area",
  nr: { x64: 211 },
  classes: [],
  args: { u_info: userDescOut },
  returns: long,
});

// Where programs have 64 bits there is arch_prctl(2) instead.

export const setThreadArea32Call = variantOf(setThreadAreaCall, {
  name: "set_thread_area",
  nr: { i386: 243 },
  returns: entryNumberResult,
  run: (task, { u_info }) => setThreadArea(task, u_info),
});

export const getThreadArea32Call = variantOf(getThreadAreaCall, {
  name: "get_thread_area",
  nr: { i386: 244 },
  run: (task, { u_info }) => getThreadArea(task, u_info),
});

export const ioplCall = defineSyscall({
  name: "iopl",
  nr: { x64: 172, i386: 110, x32: 172 },
  classes: [],
  args: { level: int },
  returns: long,
});

export const iopermCall = defineSyscall({
  name: "ioperm",
  nr: { x64: 173, i386: 101, x32: 173 },
  classes: [],
  args: { from: hexLong, num: hexLong, turn_on: int },
  returns: long,
});
