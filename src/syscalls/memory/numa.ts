// Memory policy on NUMA machines. See numa(7).
import { getMempolicyFlags, mbindFlags, mempolicyModes, movePagesFlags } from "../../abi/constants/memory.js";
import { pid } from "../../abi/descriptors.js";
import { longPolicyMode, nodeMask, numberArray, policyMode } from "../../abi/mapping.js";
import { address, flagsOf, hexLong, long, longFlagsOf, oneOf, unsignedLong } from "../../abi/scalars.js";
import { s32, scalarOut } from "../../abi/struct.js";
import {
  getMemoryPolicy,
  mbind,
  migratePages,
  movePages,
  setHomeNode,
  setMemoryPolicy,
} from "../../kernel/mm/policy-calls.js";
import { defineSyscall } from "../define.js";

export const mbindCall = defineSyscall({
  name: "mbind",
  nr: { x64: 237, i386: 274, x32: 237 },
  classes: ["memory"],
  args: {
    addr: address,
    len: unsignedLong,
    mode: longPolicyMode,
    nodemask: nodeMask("maxnode", false),
    maxnode: unsignedLong,
    flags: flagsOf(mbindFlags),
  },
  returns: long,
  run: (task, { addr, len, mode, nodemask, maxnode, flags }) => mbind(task, addr, len, mode, nodemask, maxnode, flags),
});

export const setMempolicyCall = defineSyscall({
  name: "set_mempolicy",
  nr: { x64: 238, i386: 276, x32: 238 },
  classes: ["memory"],
  args: { mode: policyMode, nodemask: nodeMask("maxnode", false), maxnode: unsignedLong },
  returns: long,
  run: (task, { mode, nodemask, maxnode }) => setMemoryPolicy(task, mode, nodemask, maxnode),
});

export const getMempolicyCall = defineSyscall({
  name: "get_mempolicy",
  nr: { x64: 239, i386: 275, x32: 239 },
  classes: ["memory"],
  args: {
    mode: scalarOut(s32(oneOf(mempolicyModes))),
    nodemask: nodeMask("maxnode", true),
    maxnode: unsignedLong,
    addr: address,
    flags: longFlagsOf(getMempolicyFlags),
  },
  returns: long,
  run: (task, { mode, nodemask, maxnode, addr, flags }) => getMemoryPolicy(task, mode, nodemask, maxnode, addr, flags),
});

export const setMempolicyHomeNodeCall = defineSyscall({
  name: "set_mempolicy_home_node",
  nr: { x64: 450, i386: 450, x32: 450 },
  classes: ["memory"],
  args: { start: address, len: unsignedLong, home_node: unsignedLong, flags: hexLong },
  returns: long,
  run: (task, { start, len, home_node, flags }) => setHomeNode(task, start, len, home_node, flags),
});

export const migratePagesCall = defineSyscall({
  name: "migrate_pages",
  nr: { x64: 256, i386: 294, x32: 256 },
  classes: ["memory"],
  args: { pid, maxnode: unsignedLong, old_nodes: nodeMask("maxnode", false), new_nodes: nodeMask("maxnode", false) },
  returns: long,
  run: (task, { pid, maxnode, old_nodes, new_nodes }) => migratePages(task, pid, maxnode, old_nodes, new_nodes),
});

export const movePagesCall = defineSyscall({
  name: "move_pages",
  nr: { x64: 279, i386: 317, x32: 533 },
  classes: ["memory"],
  args: {
    pid,
    count: unsignedLong,
    pages: numberArray("count", 8, "address"),
    nodes: numberArray("count", 4, "decimal"),
    status: numberArray("count", 4, "error", true),
    flags: flagsOf(movePagesFlags),
  },
  returns: long,
  run: (task, { pid, count, pages, nodes, status, flags }) => movePages(task, pid, count, pages, nodes, status, flags),
});
