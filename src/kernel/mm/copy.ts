// dup_mm: an address space for a forked child. Pages are copied at once, but for those of shared mappings: they come when they are wanted.
import type { GuestMemory } from "../../machine/guest-memory.js";
import { PAGE_SIZE } from "../../machine/state-layout.js";
import type { Budget } from "../budget.js";
import type { Rlimits } from "../task/rlimits.js";
import { Mm } from "./mm.js";
import { sharedMappingOf } from "./shared-mapping.js";
import { VM_DONTCOPY, VM_LOCKED, VM_LOCKONFAULT, VM_WIPEONFORK, Vma } from "./vma.js";

/** `memory` is empty, and will be the copy's. Throws ENOMEM when the machine has not that much. */
export function copyAddressSpace(from: Mm, limits: Rlimits, memory: GuestMemory, budget: Budget): Mm {
  const to = new Mm(limits, memory, budget);
  to.reserveCopy(from);
  for (const area of from.areas.areas) {
    if (area.flags & VM_DONTCOPY) continue;
    const copy = new Vma(area.start, area.end, area.prot, area.offset, area.backing).inherit(area);
    copy.flags &= ~(VM_LOCKED | VM_LOCKONFAULT); // locks are not inherited
    to.areas.insert(copy);
    if (sharedMappingOf(area) === undefined && !(area.flags & VM_WIPEONFORK))
      copyPages(from, to, area.start / PAGE_SIZE, area.end / PAGE_SIZE);
  }
  const { mmapBase, startCode, endCode, startData, endData, startBrk, brk, startStack } = from;
  const { argStart, argEnd, envStart, envEnd, auxv, vvar, totalVm, dataVm } = from;
  Object.assign(to, { mmapBase, startCode, endCode, startData, endData, startBrk, brk, startStack });
  Object.assign(to, { argStart, argEnd, envStart, envEnd, auxv, vvar, totalVm, dataVm });
  to.barriers = from.barriers;
  const { mmapCompatBase, taskSize, is32Bit, isX32, vdso } = from;
  Object.assign(to, { mmapCompatBase, taskSize, is32Bit, isX32, vdso });
  to.peakPages = to.residentPages;
  to.inheritSwitches(from);
  to.ldt = from.ldt.slice();
  to.exeFile = from.exeFile?.hold();
  return to;
}

function copyPages(from: Mm, to: Mm, first: number, last: number): void {
  for (const page of from.memory.mappedPages(first, last)) {
    to.memory.map(page, from.memory.protectionOf(page));
    to.memory.pageBytes(page).set(from.memory.pageBytes(page));
  }
}
