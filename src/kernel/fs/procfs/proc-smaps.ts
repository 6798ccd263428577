// /proc/PID/smaps: each area of an address space with what is resident of it. fs/proc/task_mmu.c: show_smap. A page that another program
// shows too counts as this one's own: address spaces are copies of one another here.
import { PROT_EXEC, PROT_READ, PROT_WRITE } from "../../../abi/constants/memory.js";
import { PAGE_SIZE } from "../../../machine/state-layout.js";
import type { Vma } from "../../mm/vma.js";
import type { Task } from "../../task/task.js";
import { mapsLine } from "./proc-maps.js";

export function smaps(task: Task): string {
  return task.mm.areas.areas.map((area) => `${mapsLine(task, area)}\n${usage(task, area)}`).join("");
}

/** What there is of an area, in bytes. */
export function areaUsage(task: Task, area: Vma): [name: string, bytes: number][] {
  const resident = task.mm.memory.mappedPages(area.start / PAGE_SIZE, area.end / PAGE_SIZE).length * PAGE_SIZE;
  const anonymous = area.backing.file === undefined;
  const dirty = anonymous || area.isPrivateWritable ? resident : 0;
  return [
    ["Size", area.end - area.start],
    ["KernelPageSize", PAGE_SIZE],
    ["MMUPageSize", PAGE_SIZE],
    ["Rss", resident],
    ["Pss", resident],
    ["Pss_Dirty", dirty],
    ["Shared_Clean", 0],
    ["Shared_Dirty", 0],
    ["Private_Clean", resident - dirty],
    ["Private_Dirty", dirty],
    ["Referenced", resident],
    ["Anonymous", anonymous ? resident : 0],
    ["LazyFree", 0],
    ["AnonHugePages", 0],
    ["ShmemPmdMapped", 0],
    ["FilePmdMapped", 0],
    ["Shared_Hugetlb", 0],
    ["Private_Hugetlb", 0],
    ["Swap", 0],
    ["SwapPss", 0],
    ["Locked", 0],
  ];
}

function usage(task: Task, area: Vma): string {
  const lines = areaUsage(task, area).map(
    ([name, bytes]) => `${`${name}:`.padEnd(16)}${String(bytes / 1024).padStart(8)} kB\n`,
  );
  return `${lines.join("")}THPeligible:           0\nVmFlags: ${flags(area)}\n`;
}

function flags({ prot, backing, sealed }: Vma): string {
  const names = [
    [prot & PROT_READ, "rd"],
    [prot & PROT_WRITE, "wr"],
    [prot & PROT_EXEC, "ex"],
    [backing.shared, "sh"],
    [backing.maxProt & PROT_READ, "mr"],
    [backing.maxProt & PROT_WRITE, "mw"],
    [backing.maxProt & PROT_EXEC, "me"],
    [backing.shared && backing.maxProt & PROT_WRITE, "ms"],
    [backing.growsDown, "gd"],
    [backing.noReserve, "nr"],
    [sealed, "sl"],
  ] as const;
  return names.map(([holds, name]) => (holds ? `${name} ` : "")).join("");
}
