// Maps the vDSO and its data, where Linux puts them: after the interpreter, before the stack is filled.
// arch/x86/entry/vdso/vma.c: map_vdso
import { PROT_EXEC, PROT_READ } from "../../abi/constants/memory.js";
import { fromBase64 } from "../../lib/bytes.js";
import { EXECUTE, READ } from "../../machine/guest-memory.js";
import { PAGE_SIZE } from "../../machine/state-layout.js";
import { populate } from "../mm/fault.js";
import { anonymousBacking, mapAnonymous, unmappedArea } from "../mm/mmap.js";
import type { Task } from "../task/task.js";
import { vdso32Bytes } from "./vdso-32.js";
import { vdsoImage } from "./vdso-image.js";

// As many pages as Linux 6 takes, so that what is mapped later lands where it does there.
const VVAR_PAGES = 4;
const VCLOCK_PAGES = 2;
const VDSO_PAGES = 2;

let wideImage: Uint8Array | undefined;

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
  mm.memory.pageBytes(vdso / PAGE_SIZE).set(imageFor(task));
  mm.vdso = vdso;
  mm.vvar = vvar;
  updateVvar(task);
  return vdso;
}

function imageFor({ mm, kernel }: Task): Uint8Array {
  if (mm.is32Bit) return vdso32Bytes(kernel.cpu.hasSyscall32);
  wideImage ??= fromBase64(vdsoImage);
  return wideImage;
}

/** Tells the vDSO what to add to the monotonic clock for the real one, and for the namespace's own: at exec, and when that changes. */
export function updateVvar(task: Task): void {
  const { mm, kernel } = task;
  const page = mm.vvar / PAGE_SIZE;
  if (mm.vvar === 0 || mm.memory.slotOf(page) < 0) return;
  const offset = kernel.clock.realtime() - BigInt(Math.floor(kernel.clock.monotonic()));
  const bytes = mm.memory.pageBytes(page);
  const { monotonic, boottime } = task.namespaces.time.offsets;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  [offset, monotonic, boottime].forEach((word, index) => {
    view.setBigUint64(index * 8, BigInt.asUintN(64, word), true);
  });
}
