// Users, groups and capabilities. See credentials(7), capabilities(7).
import { capabilityData, capabilityDataOut, capabilityHeaderIn, idList } from "../../abi/credentials.js";
import { int, long, userId } from "../../abi/scalars.js";
import { scalarOut, u32 } from "../../abi/struct.js";
import { getCapabilities, setCapabilities } from "../../kernel/task/capabilities.js";
import {
  getGroups,
  idOf,
  setAllIds,
  setFsId,
  setGroups,
  setId,
  setRealEffective,
  writeIds,
} from "../../kernel/task/identity.js";
import { defineSyscall } from "../define.js";

export const getuidCall = defineSyscall({
  name: "getuid",
  nr: { x64: 102, x32: 102 },
  classes: ["creds", "pure"],
  args: {},
  returns: long,
  run: (task) => idOf(task, "uid"),
});

export const geteuidCall = defineSyscall({
  name: "geteuid",
  nr: { x64: 107, x32: 107 },
  classes: ["creds", "pure"],
  args: {},
  returns: long,
  run: (task) => idOf(task, "euid"),
});

export const getgidCall = defineSyscall({
  name: "getgid",
  nr: { x64: 104, x32: 104 },
  classes: ["creds", "pure"],
  args: {},
  returns: long,
  run: (task) => idOf(task, "gid"),
});

export const getegidCall = defineSyscall({
  name: "getegid",
  nr: { x64: 108, x32: 108 },
  classes: ["creds", "pure"],
  args: {},
  returns: long,
  run: (task) => idOf(task, "egid"),
});

export const setuidCall = defineSyscall({
  name: "setuid",
  nr: { x64: 105, x32: 105 },
  classes: ["creds"],
  args: { uid: userId },
  returns: long,
  run: (task, { uid }) => setId(task, "uid", uid),
});

export const setgidCall = defineSyscall({
  name: "setgid",
  nr: { x64: 106, x32: 106 },
  classes: ["creds"],
  args: { gid: userId },
  returns: long,
  run: (task, { gid }) => setId(task, "gid", gid),
});

export const setreuidCall = defineSyscall({
  name: "setreuid",
  nr: { x64: 113, x32: 113 },
  classes: ["creds"],
  args: { ruid: userId, euid: userId },
  returns: long,
  run: (task, { ruid, euid }) => setRealEffective(task, "uid", ruid, euid),
});

export const setregidCall = defineSyscall({
  name: "setregid",
  nr: { x64: 114, x32: 114 },
  classes: ["creds"],
  args: { rgid: userId, egid: userId },
  returns: long,
  run: (task, { rgid, egid }) => setRealEffective(task, "gid", rgid, egid),
});

export const setresuidCall = defineSyscall({
  name: "setresuid",
  nr: { x64: 117, x32: 117 },
  classes: ["creds"],
  args: { ruid: userId, euid: userId, suid: userId },
  returns: long,
  run: (task, { ruid, euid, suid }) => setAllIds(task, "uid", ruid, euid, suid),
});

export const setresgidCall = defineSyscall({
  name: "setresgid",
  nr: { x64: 119, x32: 119 },
  classes: ["creds"],
  args: { rgid: userId, egid: userId, sgid: userId },
  returns: long,
  run: (task, { rgid, egid, sgid }) => setAllIds(task, "gid", rgid, egid, sgid),
});

export const getresuidCall = defineSyscall({
  name: "getresuid",
  nr: { x64: 118, x32: 118 },
  classes: ["creds"],
  args: { ruid: scalarOut(u32()), euid: scalarOut(u32()), suid: scalarOut(u32()) },
  returns: long,
  run: (task, { ruid, euid, suid }) => writeIds(task, "uid", ruid, euid, suid),
});

export const getresgidCall = defineSyscall({
  name: "getresgid",
  nr: { x64: 120, x32: 120 },
  classes: ["creds"],
  args: { rgid: scalarOut(u32()), egid: scalarOut(u32()), sgid: scalarOut(u32()) },
  returns: long,
  run: (task, { rgid, egid, sgid }) => writeIds(task, "gid", rgid, egid, sgid),
});

export const setfsuidCall = defineSyscall({
  name: "setfsuid",
  nr: { x64: 122, x32: 122 },
  classes: ["creds"],
  args: { fsuid: userId },
  returns: long,
  run: (task, { fsuid }) => setFsId(task, "uid", fsuid),
});

export const setfsgidCall = defineSyscall({
  name: "setfsgid",
  nr: { x64: 123, x32: 123 },
  classes: ["creds"],
  args: { fsgid: userId },
  returns: long,
  run: (task, { fsgid }) => setFsId(task, "gid", fsgid),
});

export const getgroupsCall = defineSyscall({
  name: "getgroups",
  nr: { x64: 115, x32: 115 },
  classes: ["creds"],
  args: { size: int, list: idList(undefined) },
  returns: long,
  run: (task, { size, list }) => getGroups(task, size, list),
});

export const setgroupsCall = defineSyscall({
  name: "setgroups",
  nr: { x64: 116, x32: 116 },
  classes: ["creds"],
  args: { size: int, list: idList("size") },
  returns: long,
  run: (task, { size, list }) => setGroups(task, size, list),
});

export const capgetCall = defineSyscall({
  name: "capget",
  nr: { x64: 125, i386: 184, x32: 125 },
  classes: ["creds"],
  args: { hdrp: capabilityHeaderIn, datap: capabilityDataOut },
  returns: long,
  run: (task, { hdrp, datap }) => getCapabilities(task, hdrp, datap),
});

export const capsetCall = defineSyscall({
  name: "capset",
  nr: { x64: 126, i386: 185, x32: 126 },
  classes: ["creds"],
  args: { hdrp: capabilityHeaderIn, datap: capabilityData },
  returns: long,
  run: (task, { hdrp, datap }) => setCapabilities(task, hdrp, datap),
});
