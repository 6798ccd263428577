// Maps the vDSO and its data, where Linux puts them: after the interpreter, before the stack is filled.
// arch/x86/entry/vdso/vma.c: map_vdso
import { PROT_EXEC, PROT_READ } from "../../abi/constants/memory.js";
import { EXECUTE, READ } from "../../machine/guest-memory.js";
import { PAGE_SIZE } from "../../machine/state-layout.js";
import { populate } from "../mm/fault.js";
import type { Mm } from "../mm/mm.js";
import { anonymousBacking, mapAnonymous, unmappedArea } from "../mm/mmap.js";
import type { Task } from "../task/task.js";
import { vdsoImage } from "./vdso-image.js";
import { vdso32Image } from "./vdso-image-32.js";

// As many pages as Linux 6 takes, so that what is mapped later lands where it does there.
const VVAR_PAGES = 4;
const VCLOCK_PAGES = 2;
const VDSO_PAGES = 2;

const images: { wide?: Uint8Array; narrow?: Uint8Array } = {};

/** The address of the image, for AT_SYSINFO_EHDR. */
export function mapVdso(task: Task): number {
  const { mm } = task;
  const size = (VVAR_PAGES + VCLOCK_PAGES + VDSO_PAGES) * PAGE_SIZE;
  const vvar = unmappedArea(mm, 0, size);
  const vclock = vvar + VVAR_PAGES * PAGE_SIZE;
  const vdso = vclock + VCLOCK_PAGES * PAGE_SIZE;
  mapAnonymous(mm, vvar, vclock, PROT_READ, { ...anonymousBacking, label: "[vvar]" });
  mapAnonymous(mm, vclock, vdso, PROT_READ, { ...anonymousBacking, label: "[vvar_vclock]" });
  mapAnonymous(mm, vdso, vvar + size, PROT_READ | PROT_EXEC, { ...anonymousBacking, label: "[vdso]" });
  populate(mm, vdso, vdso + PAGE_SIZE, READ | EXECUTE);
  populate(mm, vvar, vvar + PAGE_SIZE, READ);
  mm.memory.pageBytes(vdso / PAGE_SIZE).set(imageFor(mm));
  if (mm.is32Bit) mm.vdso32 = vdso;
  mm.vvar = vvar;
  updateVvar(task);
  return vdso;
}

function imageFor({ is32Bit }: Mm): Uint8Array {
  const decode = (text: string): Uint8Array => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  if (is32Bit) {
    images.narrow ??= decode(vdso32Image);
    return images.narrow;
  }
  images.wide ??= decode(vdsoImage);
  return images.wide;
}

/** Tells the vDSO what to add to the monotonic clock for the real one: at exec, and when the clock is set. */
export function updateVvar(task: Task): void {
  const { mm, kernel } = task;
  const page = mm.vvar / PAGE_SIZE;
  if (mm.vvar === 0 || mm.memory.slotOf(page) < 0) return;
  const offset = kernel.clock.realtime() - BigInt(Math.floor(kernel.clock.monotonic()));
  const bytes = mm.memory.pageBytes(page);
  new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(0, BigInt.asUintN(64, offset), true);
}
