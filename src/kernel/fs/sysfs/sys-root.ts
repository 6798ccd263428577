// /sys of the machine: its one processor and node, its memory's settings, and lo. What programs read of it. fs/sysfs, drivers/base
import type { Kernel } from "../../kernel.js";
import type { Net } from "../../net/net.js";
import type { Task } from "../../task/task.js";
import type { Inode } from "../../vfs/inode.js";
import { FileSystem, makeDev } from "../file-system.js";
import { ProcDirectory, ProcLink, ProcText } from "../procfs/proc-inode.js";

const SYSFS_MAGIC = 0x62656572;
const DEV_SYSFS = makeDev(0, 22);
/** Files say that they have a page, whatever they hold. */
const FILE_SIZE = 4096;

class SysText extends ProcText {
  override get size(): number {
    return FILE_SIZE;
  }
}

type Value = string | number | ((task: Task) => string | number);
interface Tree {
  readonly [name: string]: Value | Tree | Inode;
}

const isInode = (node: Tree | Inode): node is Inode => "fs" in node;

/** Text is a file of a line, a number too; an object is a directory. */
function build(fs: FileSystem, tree: Tree): Inode {
  const nodes = Object.entries(tree).map(([name, node]): [string, Inode] => {
    if (typeof node === "object") return [name, isInode(node) ? node : build(fs, node)];
    const line = (task: Task): string => `${typeof node === "function" ? node(task) : node}\n`;
    return [name, new SysText(fs, line)];
  });
  return new ProcDirectory(fs, Object.fromEntries(nodes));
}

export function sysRoot(kernel: Kernel): Inode {
  const fs = new FileSystem({
    name: "sysfs",
    dev: DEV_SYSFS,
    magic: SYSFS_MAGIC,
    now: () => kernel.clock.realtime(),
  });
  const link = (target: string): Inode => new ProcLink(fs, () => target);
  const cpu0 = { topology: TOPOLOGY, node0: link("../../node/node0"), subsystem: link("../../../../bus/cpu") };
  return build(fs, {
    block: {},
    bus: { cpu: { devices: { cpu0: link("../../../devices/system/cpu/cpu0") } } },
    class: { block: {}, net: { lo: link("../../devices/virtual/net/lo") }, tty: {} },
    dev: { block: {}, char: {} },
    devices: {
      system: { cpu: { ...CPUS, cpu0 }, node: { ...NODES, node0: node0(kernel) } },
      virtual: { net: { lo: { ...LOOPBACK, statistics: STATISTICS, subsystem: link("../../../../class/net") } } },
    },
    firmware: {},
    fs: { cgroup: {} },
    kernel: { mm: { transparent_hugepage: HUGE_PAGES }, cpu_byteorder: "little", address_bits: 64 },
    module: {},
    power: {},
  });
}

const CPUS: Tree = { enabled: 0, isolated: "", kernel_max: 255, offline: "", online: 0, possible: 0, present: 0 };

const TOPOLOGY: Tree = {
  core_cpus: 1,
  core_cpus_list: 0,
  core_id: 0,
  core_siblings: 1,
  core_siblings_list: 0,
  die_cpus: 1,
  die_cpus_list: 0,
  die_id: 0,
  package_cpus: 1,
  package_cpus_list: 0,
  physical_package_id: 0,
  thread_siblings: 1,
  thread_siblings_list: 0,
};

const NODES: Tree = { has_cpu: 0, has_memory: 0, has_normal_memory: 0, online: 0, possible: 0 };

function node0({ budget }: Kernel): Tree {
  const line = (name: string, pages: number): string =>
    `Node 0 ${`${name}:`.padEnd(15)}${String(pages * 4).padStart(9)} kB`;
  return {
    cpulist: 0,
    cpumap: 1,
    distance: 10,
    meminfo: () => [line("MemTotal", budget.totalPages), line("MemFree", budget.freePages)].join("\n"),
  };
}

const HUGE_PAGES: Tree = {
  defrag: "always defer defer+madvise [madvise] never",
  enabled: "always [madvise] never",
  hpage_pmd_size: 2097152,
  shmem_enabled: "always within_size advise [never] deny force",
};

const LOOPBACK: Tree = {
  addr_assign_type: 0,
  addr_len: 6,
  address: "00:00:00:00:00:00",
  broadcast: "00:00:00:00:00:00",
  carrier: 1,
  dev_id: "0x0",
  dev_port: 0,
  dormant: 0,
  flags: "0x9",
  ifalias: "",
  ifindex: 1,
  iflink: 1,
  link_mode: 0,
  mtu: 65536,
  netdev_group: 0,
  operstate: "unknown",
  tx_queue_len: 1000,
  type: 772,
  uevent: "INTERFACE=lo\nIFINDEX=1",
};

/** What lo sends it receives. */
const traffic =
  (of: (net: Net) => number): Value =>
  (task) =>
    of(task.namespaces.net);
const bytes = traffic((net) => net.traffic.bytes);
const packets = traffic((net) => net.traffic.packets);
const STATISTICS: Tree = {
  collisions: 0,
  multicast: 0,
  rx_bytes: bytes,
  rx_dropped: 0,
  rx_errors: 0,
  rx_packets: packets,
  tx_bytes: bytes,
  tx_dropped: 0,
  tx_errors: 0,
  tx_packets: packets,
};
