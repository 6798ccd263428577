// Quotas, swap and accounting. See quotactl(2), swapon(2), acct(2).
import { quotaCommand, swapFlags } from "../../abi/administration.js";
import { fd } from "../../abi/descriptors.js";
import { quotaData, quotaId } from "../../abi/quota.js";
import { long } from "../../abi/scalars.js";
import { path } from "../../abi/strings.js";
import { swapOff, swapOn } from "../../kernel/mm/swap.js";
import { acct } from "../../kernel/task/accounting.js";
import { quotactl, quotactlFd } from "../../kernel/task/administration.js";
import { defineSyscall } from "../define.js";

export const quotactlCall = defineSyscall({
  name: "quotactl",
  nr: { x64: 179, i386: 131, x32: 179 },
  classes: ["file"],
  args: { op: quotaCommand, special: path, id: quotaId, addr: quotaData },
  returns: long,
  run: (task, { op, special }) => quotactl(task, op, special),
});

export const quotactlFdCall = defineSyscall({
  name: "quotactl_fd",
  nr: { x64: 443, i386: 443, x32: 443 },
  classes: ["desc"],
  args: { fd, op: quotaCommand, id: quotaId, addr: quotaData },
  returns: long,
  run: (task, { fd, op }) => quotactlFd(task, fd, op),
});

export const swaponCall = defineSyscall({
  name: "swapon",
  nr: { x64: 167, i386: 87, x32: 167 },
  classes: ["file"],
  args: { path, swapflags: swapFlags },
  returns: long,
  run: (task, { path, swapflags }) => swapOn(task, path, swapflags),
});

export const swapoffCall = defineSyscall({
  name: "swapoff",
  nr: { x64: 168, i386: 115, x32: 168 },
  classes: ["file"],
  args: { path },
  returns: long,
  run: (task, { path }) => swapOff(task, path),
});

export const acctCall = defineSyscall({
  name: "acct",
  nr: { x64: 163, i386: 51, x32: 163 },
  classes: ["file"],
  args: { path },
  returns: long,
  run: (task, { path }) => acct(task, path),
});
