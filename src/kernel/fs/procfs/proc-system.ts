// Files of /proc about the whole machine that few programs read; made when the first of them is looked for.
import { EOPNOTSUPP, Errno } from "../../../abi/errno.js";
import { PAGE_SIZE } from "../../../machine/state-layout.js";
import type { Task } from "../../task/task.js";
import type { Inode } from "../../vfs/inode.js";
import type { FileSystem } from "../file-system.js";
import { ProcDirectory, ProcText } from "./proc-inode.js";
import { keysText, keyUsersText } from "./proc-keys.js";
import { locksText } from "./proc-locks.js";

const ROOT = { uid: 0, gid: 0 };
const PRESSURE = "avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";

/** Nothing here is ever short of anything: nobody would be woken. */
function refuseTrigger(): never {
  throw new Errno(EOPNOTSUPP);
}

export function systemFiles(fs: FileSystem): Record<string, Inode> {
  const text = (make: (task: Task) => string, mode = 0o444): ProcText => new ProcText(fs, make, ROOT, undefined, mode);
  const pressure = (full: boolean): ProcText =>
    new ProcText(fs, () => `some ${PRESSURE}${full ? `full ${PRESSURE}` : ""}`, ROOT, refuseTrigger, 0o666);
  return {
    buddyinfo: text(buddyinfo),
    cgroups: text(() => "#subsys_name\thierarchy\tnum_cgroups\tenabled\n"),
    consoles: text(() => ""),
    crypto: text(() => ""),
    diskstats: text(() => ""),
    dma: text(() => " 4: cascade\n"),
    execdomains: text(() => "0-0\tLinux           \t[kernel]\n"),
    interrupts: text(() => "           CPU0       \n"),
    iomem: text(() => ""),
    ioports: text(() => ""),
    "key-users": text(keyUsersText),
    keys: text(keysText),
    locks: text(locksText),
    misc: text(() => ""),
    modules: text(() => ""),
    pressure: new ProcDirectory(fs, { cpu: pressure(true), io: pressure(true), memory: pressure(true) }),
    slabinfo: text(() => SLABINFO, 0o400),
    softirqs: text(() =>
      [
        "                    CPU0       ",
        ...SOFT_INTERRUPTS.map((name) => `${`${name}:`.padStart(12)}          0`),
        "",
      ].join("\n"),
    ),
    tty: new ProcDirectory(fs, { drivers: text(() => TTY_DRIVERS) }),
    zoneinfo: text(zoneinfo),
  };
}

const SLABINFO =
  "slabinfo - version: 2.1\n# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> " +
  "<sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>\n";
const SOFT_INTERRUPTS = ["HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL", "TASKLET", "SCHED", "HRTIMER", "RCU"];
const TTY_DRIVERS =
  "/dev/tty             /dev/tty        5       0 system:/dev/tty\n" +
  "/dev/ptmx            /dev/ptmx       5       2 system\n" +
  "pty_slave            /dev/pts      136 0-1048575 pty:slave\n" +
  "pty_master           /dev/ptm      128 0-1048575 pty:master\n";

const LARGEST_ORDER = 10;

/** All free memory is in one piece, as far as blocks go. */
function buddyinfo({ kernel: { budget } }: Task): string {
  const counts = Array.from({ length: LARGEST_ORDER + 1 }, (_, order) =>
    order === LARGEST_ORDER ? Math.floor(budget.freePages / 2 ** LARGEST_ORDER) : (budget.freePages >>> order) & 1,
  );
  return `Node 0, zone   Normal ${counts.map((count) => `${String(count).padStart(6)} `).join("")}\n`;
}

function zoneinfo({ kernel: { budget } }: Task): string {
  const { totalPages, freePages } = budget;
  return (
    `Node 0, zone   Normal\n  pages free     ${freePages}\n        boost    0\n        min      0\n        low      0\n        high     0\n` +
    `        spanned  ${totalPages}\n        present  ${totalPages}\n        managed  ${totalPages}\n        cma      0\n` +
    `      nr_free_pages ${freePages}\n`
  );
}

/** What the machine does not have, or does not tell apart, is 0. */
const MEMORY_LINES =
  "MemTotal MemFree MemAvailable Buffers Cached SwapCached Active Inactive Active(anon) Inactive(anon) Active(file) Inactive(file) Unevictable " +
  "Mlocked SwapTotal SwapFree Dirty Writeback AnonPages Mapped Shmem KReclaimable Slab SReclaimable SUnreclaim KernelStack PageTables " +
  "SecPageTables NFS_Unstable Bounce WritebackTmp CommitLimit Committed_AS VmallocTotal VmallocUsed VmallocChunk Percpu AnonHugePages " +
  "ShmemHugePages ShmemPmdMapped FileHugePages FilePmdMapped";
const HUGE_PAGES =
  "HugePages_Total:       0\nHugePages_Free:        0\nHugePages_Rsvd:        0\nHugePages_Surp:        0\nHugepagesize:       2048 kB\n" +
  "Hugetlb:               0 kB\n";

export function meminfo({ kernel: { budget, swaps, tasks } }: Task): string {
  const { totalPages, freePages } = budget;
  const swap = swaps.reduce((sum, { pages }) => sum + pages, 0);
  const spaces = new Set([...tasks.values()].map(({ mm }) => mm));
  const committed = [...spaces].reduce((sum, { totalVm }) => sum + totalVm, 0);
  const inPages: Readonly<Record<string, number>> = {
    MemTotal: totalPages,
    MemFree: freePages,
    MemAvailable: freePages,
    AnonPages: totalPages - freePages,
    SwapTotal: swap,
    SwapFree: swap,
    CommitLimit: Math.floor(totalPages / 2) + swap,
    Committed_AS: committed,
    VmallocTotal: 2 ** 45 / PAGE_SIZE,
  };
  const line = (name: string): string => {
    const kib = String(((inPages[name] ?? 0) * PAGE_SIZE) / 1024);
    return `${`${name}:`.padEnd(15)} ${kib.padStart(8)} kB\n`;
  };
  return MEMORY_LINES.split(" ").map(line).join("") + HUGE_PAGES;
}

const VM_LINES =
  "nr_zone_inactive_anon nr_zone_active_anon nr_mlock nr_inactive_anon nr_active_anon nr_anon_pages nr_mapped nr_file_pages nr_dirty nr_writeback " +
  "nr_shmem nr_kernel_stack nr_page_table_pages pgpgin pgpgout pswpin pswpout pgalloc_normal pgfree pgactivate pgdeactivate pgfault pgmajfault " +
  "oom_kill";

export function vmstat({ kernel: { budget, tasks } }: Task): string {
  const spaces = [...new Set([...tasks.values()].map(({ mm }) => mm))];
  const counts: Readonly<Record<string, number>> = {
    nr_anon_pages: budget.totalPages - budget.freePages,
    pgfault: spaces.reduce((sum, { minorFaults }) => sum + minorFaults, 0),
    pgmajfault: spaces.reduce((sum, { majorFaults }) => sum + majorFaults, 0),
  };
  return `nr_free_pages ${budget.freePages}\n${VM_LINES.split(" ")
    .map((name) => `${name} ${counts[name] ?? 0}\n`)
    .join("")}`;
}
