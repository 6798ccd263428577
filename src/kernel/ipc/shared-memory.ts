// System V shared memory: files in memory without a name, mapped shared. ipc/shm.c. Who has one attached is seen in the address spaces.

import { O_RDONLY, O_RDWR, S_IFREG } from "../../abi/constants/files.js";
import * as uapi from "../../abi/constants/ipc.js";
import { MAP_FIXED, MAP_SHARED, PROT_EXEC, PROT_READ, PROT_WRITE } from "../../abi/constants/memory.js";
import { CAP_IPC_LOCK } from "../../abi/constants/security.js";
import { EINVAL, ENOMEM, ENOSPC, EPERM, Errno } from "../../abi/errno.js";
import { shmidDs, shminfo, shmUsage } from "../../abi/ipc.js";
import { PAGE_SIZE } from "../../machine/state-layout.js";
import { TmpfsInode } from "../fs/tmpfs/tmpfs-inode.js";
import type { Kernel } from "../kernel.js";
import { type Mm, pageUp } from "../mm/mm.js";
import { mmap, munmap } from "../mm/mmap.js";
import type { Vma } from "../mm/vma.js";
import type { Task } from "../task/task.js";
import { Dentry } from "../vfs/dentry.js";
import { RegularFile } from "../vfs/regular-file.js";
import { IpcIds, type IpcObject, IpcPermissions, READ, secondsNow, WRITE } from "./ipc-ids.js";

/** Bits of the sizes of x86's huge pages; 0 is the usual one. */
const HUGE_SIZES = new Set([0, 21, 30]);

/** hugetlb_file_setup, where no huge pages were set aside. */
function refuseHugePages({ cred }: Task, flags: number): never {
  if (!HUGE_SIZES.has((flags >>> 26) & 63)) throw new Errno(EINVAL);
  throw new Errno(cred.can(CAP_IPC_LOCK) || cred.egid === 0 || cred.groups.includes(0) ? ENOMEM : EPERM);
}

export const SHMMNI = 4096;
const SHMMAX = 0xffff_ffff_feff_ffffn;
const MAX_REAL = 2 * 1024 ** 3; // bytes of all segments there may really be
export const SHM_DEST = 0o1000;
export const SHM_LOCKED = 0o2000;

export class SharedMemory implements IpcObject {
  readonly permissions: IpcPermissions;
  id = -1;
  removed = false;
  readonly size: number;
  readonly inode: TmpfsInode;
  readonly dentry: Dentry;
  readonly creator: number;
  lastUser = 0;
  attachedAt = 0;
  detachedAt = 0;
  changedAt: number;

  constructor(task: Task, permissions: IpcPermissions, size: number) {
    const { memfdFs } = task.kernel;
    this.permissions = permissions;
    this.size = size;
    const owner = { uid: task.cred.euid, gid: task.cred.egid };
    this.inode = new TmpfsInode(memfdFs, memfdFs.nextIno(), S_IFREG | (permissions.mode & 0o777), owner);
    this.inode.truncate(pageUp(size));
    const name = `/SYSV${(permissions.key >>> 0).toString(16).padStart(8, "0")} (deleted)`;
    this.dentry = new Dentry(name, undefined, this.inode);
    this.creator = task.tgid;
    this.changedAt = secondsNow(task);
  }

  /** Mappings of it in all address spaces. */
  attachments(kernel: Kernel): number {
    const seen = new Set<Mm>();
    let count = 0;
    for (const { mm, isDead } of kernel.tasks.values()) {
      if (isDead || seen.has(mm)) continue;
      seen.add(mm);
      for (const area of mm.areas.areas) if (this.isMappedBy(area)) count++;
    }
    return count;
  }

  isMappedBy(area: Vma): boolean {
    return area.backing.file?.inode === this.inode;
  }
}

export class SharedMemories extends IpcIds<SharedMemory> {
  constructor() {
    super(SHMMNI);
  }

  override remove(segment: SharedMemory): void {
    super.remove(segment);
    segment.inode.dropNames();
  }

  /** What was removed goes when nobody has it attached any more. */
  collect(kernel: Kernel): void {
    for (const segment of this.all())
      if (segment.permissions.mode & SHM_DEST && segment.attachments(kernel) === 0) this.remove(segment);
  }
}

/** The segments of the task's kernel, without those that are gone. */
export function segments(task: Task): SharedMemories {
  const { sharedMemories } = task.namespaces.ipc;
  sharedMemories.collect(task.kernel);
  return sharedMemories;
}

export function shmget(task: Task, key: number, size: number, flags: number): number {
  const all = segments(task);
  const check = (found: SharedMemory): void => {
    if (size > found.size) throw new Errno(EINVAL);
  };
  const make = (): SharedMemory => {
    if (size < 1 || BigInt(size) > SHMMAX) throw new Errno(EINVAL);
    if (flags & uapi.SHM_HUGETLB) refuseHugePages(task, flags);
    if (all.all().reduce((sum, segment) => sum + segment.size, size) > MAX_REAL) throw new Errno(ENOSPC);
    return new SharedMemory(task, new IpcPermissions(task, key, flags), size);
  };
  return all.get(task, key, flags, check, make).id;
}

/** shmat(2): where it was mapped. */
export function shmat(task: Task, id: number, wanted: number, flags: number): number {
  if (id < 0) throw new Errno(EINVAL);
  let address = wanted;
  if (address % PAGE_SIZE !== 0) {
    if (!(flags & uapi.SHM_RND)) throw new Errno(EINVAL);
    address -= address % PAGE_SIZE;
  }
  if (address === 0 && flags & uapi.SHM_REMAP) throw new Errno(EINVAL);
  const segment = segments(task).find(id);
  const readOnly = (flags & uapi.SHM_RDONLY) !== 0;
  const executes = (flags & uapi.SHM_EXEC) !== 0;
  segment.permissions.check(task, READ | (readOnly ? 0 : WRITE) | (executes ? 0o111 : 0));
  const { mm } = task;
  if (address !== 0 && !(flags & uapi.SHM_REMAP)) {
    if (mm.areas.overlapping(address, address + pageUp(segment.size)).length > 0) throw new Errno(EINVAL);
  }
  const file = new RegularFile(segment.dentry, readOnly ? O_RDONLY : O_RDWR);
  const prot = PROT_READ | (readOnly ? 0 : PROT_WRITE) | (executes ? PROT_EXEC : 0);
  try {
    const at = mmap(
      mm,
      address,
      segment.size,
      prot,
      MAP_SHARED | (address === 0 ? 0 : MAP_FIXED),
      file,
      0,
      task.compat,
    );
    segment.lastUser = task.tgid;
    segment.attachedAt = secondsNow(task);
    return at;
  } finally {
    file.put();
  }
}

/** shmdt(2): `address` is where the segment begins, whatever else is mapped there now. */
export function shmdt(task: Task, address: number): void {
  if (address % PAGE_SIZE !== 0) throw new Errno(EINVAL);
  const all = segments(task);
  for (const segment of all.all()) {
    const areas = task.mm.areas.areas.filter(
      (area) => segment.isMappedBy(area) && area.start - area.offset === address,
    );
    if (areas.length === 0) continue;
    for (const { start, end } of areas) munmap(task.mm, start, end - start);
    segment.lastUser = task.tgid;
    segment.detachedAt = secondsNow(task);
    all.collect(task.kernel);
    return;
  }
  throw new Errno(EINVAL);
}

/** An address space with segments attached ends. shm_close */
export function detachAll(task: Task): void {
  const { sharedMemories } = task.namespaces.ipc;
  if (sharedMemories.count === 0) return;
  for (const segment of sharedMemories.all()) {
    if (!task.mm.areas.areas.some((area) => segment.isMappedBy(area))) continue;
    segment.lastUser = task.tgid;
    segment.detachedAt = secondsNow(task);
  }
}

export function shmctl(task: Task, id: number, command: number, address: number): number {
  if (id < 0 || command < 0) throw new Errno(EINVAL);
  const all = segments(task);
  switch (command) {
    case uapi.IPC_INFO:
      task.writeStruct(shminfo, address, {
        shmmax: shmmax(task),
        shmmin: 1,
        shmmni: SHMMNI,
        shmseg: SHMMNI,
        shmall: SHMMAX,
      });
      return all.highest;
    case uapi.SHM_INFO:
      task.writeStruct(shmUsage, address, usage(all.all()));
      return all.highest;
    case uapi.IPC_STAT:
    case uapi.SHM_STAT:
    case uapi.SHM_STAT_ANY: {
      const segment = command === uapi.IPC_STAT ? all.find(id) : all.at(id);
      if (command !== uapi.SHM_STAT_ANY) segment.permissions.check(task, READ);
      task.copyOut(address, pack(task, segment));
      return command === uapi.IPC_STAT ? 0 : segment.id;
    }
    case uapi.IPC_SET: {
      const view = task.readStruct(shmidDs, address);
      const { permissions } = all.find(id);
      permissions.checkOwner(task);
      permissions.set(view, task);
      all.find(id).changedAt = secondsNow(task);
      return 0;
    }
    case uapi.IPC_RMID: {
      const { permissions } = all.find(id);
      permissions.checkOwner(task);
      permissions.key = uapi.IPC_PRIVATE;
      permissions.mode |= SHM_DEST;
      all.collect(task.kernel);
      return 0;
    }
    case uapi.SHM_LOCK:
    case uapi.SHM_UNLOCK: {
      const { permissions } = all.find(id);
      permissions.checkOwner(task);
      permissions.mode = (permissions.mode & ~SHM_LOCKED) | (command === uapi.SHM_LOCK ? SHM_LOCKED : 0);
      return 0;
    }
    default:
      throw new Errno(EINVAL);
  }
}

/** What a structure of i386 cannot hold is INT_MAX there. */
const shmmax = (task: Task): bigint => (task.longBytes === 4 ? 0x7fff_ffffn : SHMMAX);

/** struct shmid64_ds. */
function pack(task: Task, segment: SharedMemory): Uint8Array {
  return shmidDs.encode(
    {
      shm_perm: segment.permissions.encode(segment.id, task),
      shm_segsz: segment.size,
      shm_atime: segment.attachedAt,
      shm_dtime: segment.detachedAt,
      shm_ctime: segment.changedAt,
      shm_cpid: task.pidNamespace.inside(segment.creator),
      shm_lpid: task.pidNamespace.inside(segment.lastUser),
      shm_nattch: segment.attachments(task.kernel),
    },
    task.abi,
  );
}

function usage(all: readonly SharedMemory[]): { used_ids: number; shm_tot: number; shm_rss: number } {
  return {
    used_ids: all.length,
    shm_tot: all.reduce((sum, { size }) => sum + pageUp(size) / PAGE_SIZE, 0),
    shm_rss: all.reduce((sum, { inode }) => sum + (inode.stat().blocks * 512) / PAGE_SIZE, 0),
  };
}
