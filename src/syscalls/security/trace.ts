// Kernel instrumentation. See bpf(2), perf_event_open(2).
import { namespaceRequest } from "../../abi/administration.js";
import { onReturn } from "../../abi/argument.js";
import { bpfAttributes } from "../../abi/bpf/attributes.js";
import { bpfCommands, perfOpenFlags } from "../../abi/constants/security.js";
import { fd, pid } from "../../abi/descriptors.js";
import { perfEventAttr } from "../../abi/perf.js";
import { address, hexInt, int, long, longFlagsOf, oneOf, unsignedInt, unsignedLong } from "../../abi/scalars.js";
import { bpf, perfEventOpen } from "../../kernel/task/locked-calls.js";
import { defineSyscall } from "../define.js";

export const bpfCall = defineSyscall({
  name: "bpf",
  nr: { x64: 321, i386: 357, x32: 321 },
  classes: ["desc"],
  args: { cmd: oneOf(bpfCommands), attr: bpfAttributes, size: unsignedInt },
  returns: long,
  run: (task, { cmd, attr, size }) => bpf(task, cmd, attr, size),
  partial: "as where a sysctl forbids it",
});

export const perfEventOpenCall = defineSyscall({
  name: "perf_event_open",
  nr: { x64: 298, i386: 336, x32: 298 },
  classes: ["desc"],
  args: { attr: perfEventAttr, pid, cpu: int, group_fd: fd, flags: longFlagsOf(perfOpenFlags) },
  returns: fd,
  run: (task, { attr, pid, cpu, group_fd, flags }) => perfEventOpen(task, attr, pid, cpu, group_fd, Number(flags)),
  partial: "as where a sysctl forbids it",
});

export const listnsCall = defineSyscall({
  name: "listns",
  nr: { x64: 470, i386: 470, x32: 470 },
  classes: [],
  args: { req: namespaceRequest, ns_ids: onReturn(address), nr_ns_ids: unsignedLong, flags: hexInt },
  returns: long,
});
