// Users and groups: i386 has one set of calls with ids of 16 bits and one with 32, whose names say so.
import type { ArgumentType } from "../../abi/argument.js";
import { idList } from "../../abi/credentials.js";
import { int, userId } from "../../abi/scalars.js";
import { scalarOut, u16 } from "../../abi/struct.js";
import { getGroups16, setGroups16, writeIds16 } from "../../kernel/task/identity.js";
import { variantOf } from "../define.js";
import * as ownership from "../fs/ownership.js";
import * as ids from "../process/credentials.js";

const UNCHANGED = 0xffff;
/** What an id that has more than 16 bits is for whoever asks for 16: overflowuid. */
const OVERFLOW = 65534;

/** low2highuid: all ones are -1, and what is above is not looked at. */
const narrowId = (low: number): number => ((low & 0xffff) === UNCHANGED ? -1 : low & 0xffff);
const shortId: ArgumentType<number> = { receive: narrowId, show: (c, low) => userId.show(c, narrowId(low), 0) };
const shortIdOut = scalarOut(u16());

const shortOf = (id: number): number => (id > 0xffff ? OVERFLOW : id);

export const getuid32Call = variantOf(ids.getuidCall, { name: "getuid32", nr: { i386: 199 } });
export const getgid32Call = variantOf(ids.getgidCall, { name: "getgid32", nr: { i386: 200 } });
export const geteuid32Call = variantOf(ids.geteuidCall, { name: "geteuid32", nr: { i386: 201 } });
export const getegid32Call = variantOf(ids.getegidCall, { name: "getegid32", nr: { i386: 202 } });
export const setreuid32Call = variantOf(ids.setreuidCall, { name: "setreuid32", nr: { i386: 203 } });
export const setregid32Call = variantOf(ids.setregidCall, { name: "setregid32", nr: { i386: 204 } });
export const getgroups32Call = variantOf(ids.getgroupsCall, { name: "getgroups32", nr: { i386: 205 } });
export const setgroups32Call = variantOf(ids.setgroupsCall, { name: "setgroups32", nr: { i386: 206 } });
export const setresuid32Call = variantOf(ids.setresuidCall, { name: "setresuid32", nr: { i386: 208 } });
export const getresuid32Call = variantOf(ids.getresuidCall, { name: "getresuid32", nr: { i386: 209 } });
export const setresgid32Call = variantOf(ids.setresgidCall, { name: "setresgid32", nr: { i386: 210 } });
export const getresgid32Call = variantOf(ids.getresgidCall, { name: "getresgid32", nr: { i386: 211 } });
export const setuid32Call = variantOf(ids.setuidCall, { name: "setuid32", nr: { i386: 213 } });
export const setgid32Call = variantOf(ids.setgidCall, { name: "setgid32", nr: { i386: 214 } });
export const setfsuid32Call = variantOf(ids.setfsuidCall, { name: "setfsuid32", nr: { i386: 215 } });
export const setfsgid32Call = variantOf(ids.setfsgidCall, { name: "setfsgid32", nr: { i386: 216 } });
export const lchown32Call = variantOf(ownership.lchownCall, { name: "lchown32", nr: { i386: 198 } });
export const fchown32Call = variantOf(ownership.fchownCall, { name: "fchown32", nr: { i386: 207 } });
export const chown32Call = variantOf(ownership.chownCall, { name: "chown32", nr: { i386: 212 } });

export const getuid16Call = variantOf(ids.getuidCall, {
  name: "getuid",
  nr: { i386: 24 },
  run: (task) => shortOf(task.cred.uid),
});
export const getgid16Call = variantOf(ids.getgidCall, {
  name: "getgid",
  nr: { i386: 47 },
  run: (task) => shortOf(task.cred.gid),
});
export const geteuid16Call = variantOf(ids.geteuidCall, {
  name: "geteuid",
  nr: { i386: 49 },
  run: (task) => shortOf(task.cred.euid),
});
export const getegid16Call = variantOf(ids.getegidCall, {
  name: "getegid",
  nr: { i386: 50 },
  run: (task) => shortOf(task.cred.egid),
});
export const setuid16Call = variantOf(ids.setuidCall, { name: "setuid", nr: { i386: 23 }, args: { uid: shortId } });
export const setgid16Call = variantOf(ids.setgidCall, { name: "setgid", nr: { i386: 46 }, args: { gid: shortId } });
export const setreuid16Call = variantOf(ids.setreuidCall, {
  name: "setreuid",
  nr: { i386: 70 },
  args: { ruid: shortId, euid: shortId },
});
export const setregid16Call = variantOf(ids.setregidCall, {
  name: "setregid",
  nr: { i386: 71 },
  args: { rgid: shortId, egid: shortId },
});
export const setresuid16Call = variantOf(ids.setresuidCall, {
  name: "setresuid",
  nr: { i386: 164 },
  args: { ruid: shortId, euid: shortId, suid: shortId },
});
export const setresgid16Call = variantOf(ids.setresgidCall, {
  name: "setresgid",
  nr: { i386: 170 },
  args: { rgid: shortId, egid: shortId, sgid: shortId },
});
export const getresuid16Call = variantOf(ids.getresuidCall, {
  name: "getresuid",
  nr: { i386: 165 },
  args: { ruid: shortIdOut, euid: shortIdOut, suid: shortIdOut },
  run: (task, { ruid, euid, suid }) => writeIds16(task, "uid", ruid, euid, suid),
});
export const getresgid16Call = variantOf(ids.getresgidCall, {
  name: "getresgid",
  nr: { i386: 171 },
  args: { rgid: shortIdOut, egid: shortIdOut, sgid: shortIdOut },
  run: (task, { rgid, egid, sgid }) => writeIds16(task, "gid", rgid, egid, sgid),
});
export const setfsuid16Call = variantOf(ids.setfsuidCall, {
  name: "setfsuid",
  nr: { i386: 138 },
  args: { fsuid: shortId },
});
export const setfsgid16Call = variantOf(ids.setfsgidCall, {
  name: "setfsgid",
  nr: { i386: 139 },
  args: { fsgid: shortId },
});
export const getgroups16Call = variantOf(ids.getgroupsCall, {
  name: "getgroups",
  nr: { i386: 80 },
  args: { size: int, list: idList(undefined, 2) },
  run: (task, { size, list }) => getGroups16(task, size, list),
});
export const setgroups16Call = variantOf(ids.setgroupsCall, {
  name: "setgroups",
  nr: { i386: 81 },
  args: { size: int, list: idList("size", 2) },
  run: (task, { size, list }) => setGroups16(task, size, list),
});
const { pathname } = ownership.chownCall.args;
export const lchown16Call = variantOf(ownership.lchownCall, {
  name: "lchown",
  nr: { i386: 16 },
  args: { pathname, owner: shortId, group: shortId },
});
export const fchown16Call = variantOf(ownership.fchownCall, {
  name: "fchown",
  nr: { i386: 95 },
  args: { fd: ownership.fchownCall.args.fd, owner: shortId, group: shortId },
});
export const chown16Call = variantOf(ownership.chownCall, {
  name: "chown",
  nr: { i386: 182 },
  args: { pathname, owner: shortId, group: shortId },
});
