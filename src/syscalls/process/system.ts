// The system: its name, its state, the kernel log. See uname(2), sysinfo(2), reboot(2), syslog(2).
import { logAction, logBuffer, logSize, rebootArgument } from "../../abi/administration.js";
import { dependent } from "../../abi/argument.js";
import { rebootCommands, rebootMagic1, rebootMagic2 } from "../../abi/constants/processes.js";
import { getrandomFlags } from "../../abi/constants/security.js";
import { sysinfoOut, utsnameOut } from "../../abi/processes.js";
import { address, flagsOf, long, oneOf, unsignedInt, unsignedLong } from "../../abi/scalars.js";
import { bytesIn, randomBytesOut } from "../../abi/strings.js";
import { reboot, syslog, vhangup } from "../../kernel/task/administration.js";
import { sysinfo } from "../../kernel/task/limits.js";
import { getRandom, setName, uname } from "../../kernel/task/system.js";
import { defineSyscall } from "../define.js";

const __NEW_UTS_LEN = 64;

/** What is too long for a name is not looked at. */
const nodeName = dependent(address, (c) => (c.unsigned("len") > __NEW_UTS_LEN ? address : bytesIn("len")));

export const unameCall = defineSyscall({
  name: "uname",
  nr: { x64: 63, i386: 122, x32: 63 },
  classes: [],
  args: { buf: utsnameOut },
  returns: long,
  run: (task, { buf }) => uname(task, buf),
});

export const sysinfoCall = defineSyscall({
  name: "sysinfo",
  nr: { x64: 99, i386: 116, x32: 99 },
  classes: [],
  args: { info: sysinfoOut },
  returns: long,
  run: (task, { info }) => sysinfo(task, info),
});

export const sethostnameCall = defineSyscall({
  name: "sethostname",
  nr: { x64: 170, i386: 74, x32: 170 },
  classes: [],
  args: { name: nodeName, len: unsignedInt },
  returns: long,
  run: (task, { name, len }) => setName(task, "hostname", name, len | 0),
});

export const setdomainnameCall = defineSyscall({
  name: "setdomainname",
  nr: { x64: 171, i386: 121, x32: 171 },
  classes: [],
  args: { name: nodeName, len: unsignedInt },
  returns: long,
  run: (task, { name, len }) => setName(task, "domainname", name, len | 0),
});

export const rebootCall = defineSyscall({
  name: "reboot",
  nr: { x64: 169, i386: 88, x32: 169 },
  classes: [],
  args: { magic: oneOf(rebootMagic1), magic2: oneOf(rebootMagic2), op: oneOf(rebootCommands), arg: rebootArgument },
  returns: long,
  run: (task, { magic, magic2 }) => reboot(task, magic, magic2),
  partial: "refused to root too",
});

export const syslogCall = defineSyscall({
  name: "syslog",
  nr: { x64: 103, i386: 103, x32: 103 },
  classes: [],
  args: { type: logAction, bufp: logBuffer, size: logSize },
  returns: long,
  run: (task, { type, bufp, size }) => syslog(task, type, bufp, size),
  partial: "the log is empty",
});

export const vhangupCall = defineSyscall({
  name: "vhangup",
  nr: { x64: 153, i386: 111, x32: 153 },
  classes: [],
  args: {},
  returns: long,
  run: (task) => vhangup(task),
});

export const getrandomCall = defineSyscall({
  name: "getrandom",
  nr: { x64: 318, i386: 355, x32: 318 },
  classes: [],
  args: { buf: randomBytesOut, buflen: unsignedLong, flags: flagsOf(getrandomFlags) },
  returns: long,
  run: (task, { buf, buflen, flags }) => getRandom(task, buf, buflen, flags),
});
