// /proc/PID/maps. fs/proc/task_mmu.c: show_map_vma
import { PROT_EXEC, PROT_READ, PROT_WRITE } from "../../../abi/constants/memory.js";
import type { Mm } from "../../mm/mm.js";
import type { Vma } from "../../mm/vma.js";
import type { Task } from "../../task/task.js";

const NAME_COLUMN = 73;

export function maps(task: Task): string {
  let text = "";
  for (const area of task.mm.areas.areas) text += `${mapsLine(task, area)}\n`;
  return text;
}

export function mapsLine(task: Task, area: Vma): string {
  const { backing, prot } = area;
  const hex = (value: number, width: number): string => value.toString(16).padStart(width, "0");
  const rights =
    (prot & PROT_READ ? "r" : "-") +
    (prot & PROT_WRITE ? "w" : "-") +
    (prot & PROT_EXEC ? "x" : "-") +
    (backing.shared ? "s" : "p");
  const stat = backing.file?.inode.stat();
  const dev = stat ? `${hex(major(stat.dev), 2)}:${hex(minor(stat.dev), 2)}` : "00:00";
  const offset = backing.file ? area.offset : 0;
  const head = `${hex(area.start, 8)}-${hex(area.end, 8)} ${rights} ${hex(offset, 8)} ${dev} ${stat?.ino ?? 0} `;
  const name = areaName(task, area);
  return name === "" ? head : head.padEnd(NAME_COLUMN) + name;
}

/** The last column: the file's path, or what an area without a file is for. */
export function areaName(task: Task, area: Vma): string {
  return area.backing.file?.path(task.fs.root) ?? specialName(task.mm, area);
}

function specialName(mm: Mm, area: Vma): string {
  if (area.start < mm.brk && area.end > mm.startBrk && mm.startBrk !== 0) return "[heap]";
  return area.backing.label;
}

function major(dev: number): number {
  return (dev >>> 8) & 0xfff;
}

function minor(dev: number): number {
  return (dev & 0xff) | ((dev >>> 12) & 0xfff00);
}
