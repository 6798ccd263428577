// PR_SET_MM: what an address space says of itself. kernel/sys.c: prctl_set_mm
import * as pr from "../../abi/constants/processes.js";
import { CAP_CHECKPOINT_RESTORE, CAP_SYS_RESOURCE } from "../../abi/constants/security.js";
import { EACCES, EBUSY, EFAULT, EINVAL, EPERM, Errno } from "../../abi/errno.js";
import { MMAP_MIN_ADDRESS, type Mm, TASK_SIZE } from "../mm/mm.js";
import { MAY_EXEC, mayAccess } from "../vfs/credentials.js";
import { refusesExec } from "../vfs/mount.js";
import type { Task } from "./task.js";

/** struct prctl_mm_map's first words, and the options' order from PR_SET_MM_START_CODE on but for the stack's place. */
const FIELDS = [
  "startCode",
  "endCode",
  "startData",
  "endData",
  "startBrk",
  "brk",
  "startStack",
  "argStart",
  "argEnd",
  "envStart",
  "envEnd",
] as const satisfies readonly (keyof Mm)[];
type Map = Record<(typeof FIELDS)[number], number>;

const OPTIONS: Readonly<Record<number, keyof Map>> = {
  [pr.PR_SET_MM_START_CODE]: "startCode",
  [pr.PR_SET_MM_END_CODE]: "endCode",
  [pr.PR_SET_MM_START_DATA]: "startData",
  [pr.PR_SET_MM_END_DATA]: "endData",
  [pr.PR_SET_MM_START_STACK]: "startStack",
  [pr.PR_SET_MM_START_BRK]: "startBrk",
  [pr.PR_SET_MM_BRK]: "brk",
  [pr.PR_SET_MM_ARG_START]: "argStart",
  [pr.PR_SET_MM_ARG_END]: "argEnd",
  [pr.PR_SET_MM_ENV_START]: "envStart",
  [pr.PR_SET_MM_ENV_END]: "envEnd",
};
const IN_MEMORY: readonly (keyof Map)[] = ["startStack", "argStart", "argEnd", "envStart", "envEnd"];
const MAP_SIZE = 104;
const MOST_AUXV = 416; // sizeof(mm->saved_auxv)
const NO_FILE = 0xffffffff;

export function setMm(task: Task, option: number, address: number, length: number, rest: number): void {
  const takesLength = [pr.PR_SET_MM_AUXV, pr.PR_SET_MM_MAP, pr.PR_SET_MM_MAP_SIZE].includes(option);
  if (rest !== 0 || (length !== 0 && !takesLength)) throw new Errno(EINVAL);
  if (option === pr.PR_SET_MM_MAP_SIZE) return task.writeU32(address, MAP_SIZE);
  if (option === pr.PR_SET_MM_MAP) return setAll(task, address, length);
  if (!task.cred.can(CAP_SYS_RESOURCE)) throw new Errno(EPERM);
  if (option === pr.PR_SET_MM_EXE_FILE) return setExeFile(task, address);
  if (option === pr.PR_SET_MM_AUXV) return setAuxv(task, address, length);
  if (address >= TASK_SIZE || address < MMAP_MIN_ADDRESS) throw new Errno(EINVAL);
  const field = OPTIONS[option];
  if (field === undefined) throw new Errno(EINVAL);
  const map = { ...current(task.mm), [field]: address };
  check(map);
  if (IN_MEMORY.includes(field) && !task.mm.areas.areas.some(({ end }) => end > address)) throw new Errno(EFAULT);
  Object.assign(task.mm, map);
}

function current(mm: Mm): Map {
  return Object.fromEntries(FIELDS.map((name) => [name, mm[name]])) as Map;
}

/** validate_prctl_map_addr */
function check(map: Map): void {
  const isBad = FIELDS.some((name) => map[name] < MMAP_MIN_ADDRESS || map[name] >= TASK_SIZE);
  const inOrder =
    map.startCode < map.endCode &&
    map.startData <= map.endData &&
    map.startBrk <= map.brk &&
    map.argStart <= map.argEnd &&
    map.envStart <= map.envEnd;
  if (isBad || !inOrder) throw new Errno(EINVAL);
}

/** prctl_set_mm_map: all at once. */
function setAll(task: Task, address: number, length: number): void {
  if (length !== MAP_SIZE) throw new Errno(EINVAL);
  const view = new DataView(task.copyIn(address, MAP_SIZE).buffer);
  const word = (index: number): number => Number(view.getBigUint64(index * 8, true));
  const map = Object.fromEntries(FIELDS.map((name, index) => [name, word(index)])) as Map;
  check(map);
  const [auxv, auxvSize, file] = [word(11), view.getUint32(96, true), view.getUint32(100, true)];
  if (auxvSize !== 0) {
    if (auxv === 0 || auxvSize > MOST_AUXV) throw new Errno(EINVAL);
    setAuxv(task, auxv, auxvSize);
  }
  if (file !== NO_FILE) {
    if (!task.cred.can(CAP_CHECKPOINT_RESTORE) && !task.cred.isPrivileged) throw new Errno(EPERM);
    setExeFile(task, file);
  }
  Object.assign(task.mm, map);
}

/** prctl_set_auxv: the last entry is AT_NULL whatever it was. */
function setAuxv(task: Task, address: number, length: number): void {
  if (length > MOST_AUXV) throw new Errno(EINVAL);
  const vector = new Uint8Array(MOST_AUXV);
  vector.set(task.copyIn(address, length));
  vector.fill(0, MOST_AUXV - 16);
  task.mm.auxv = vector;
}

/** prctl_set_mm_exe_file: only when nothing of the old one is mapped any more. */
function setExeFile(task: Task, fd: number): void {
  const file = task.files.get(fd);
  const { inode, dentry } = file;
  if (!inode.isRegular || refusesExec(dentry) || !mayAccess(inode, task.cred, MAY_EXEC)) throw new Errno(EACCES);
  const { mm } = task;
  const old = mm.exeFile;
  if (old && mm.areas.areas.some(({ backing }) => backing.file?.inode === old.inode)) throw new Errno(EBUSY);
  mm.exeFile = file.hold();
  old?.put();
}
