// memfd_secret(2): memory that is nobody's but the program's. It can only be mapped, shared. mm/secretmem.c
import { O_CLOEXEC, O_LARGEFILE, O_RDWR, S_IFREG } from "../../../abi/constants/files.js";
import { RLIMIT_NOFILE } from "../../../abi/constants/processes.js";
import { EINVAL, Errno, ESPIPE } from "../../../abi/errno.js";
import type { Task } from "../../task/task.js";
import { RegularFile } from "../../vfs/regular-file.js";
import { shmemDentry } from "./anon-fs.js";

class SecretFile extends RegularFile {
  override get seekable(): boolean {
    return false;
  }

  override read(): number {
    throw new Errno(EINVAL);
  }

  override write(): number {
    throw new Errno(EINVAL);
  }

  override seek(): number {
    throw new Errno(ESPIPE);
  }

  override get splices(): boolean {
    return false;
  }

  override mappable(): "secret" {
    return "secret";
  }
}

export function memfdSecret(task: Task, flags: number): number {
  if (flags & ~O_CLOEXEC) throw new Errno(EINVAL);
  const file = new SecretFile(shmemDentry(task, "/secretmem (deleted)", S_IFREG | 0o600, 1), O_RDWR | O_LARGEFILE);
  return task.files.install(file, (flags & O_CLOEXEC) !== 0, task.signal.limits.soft(RLIMIT_NOFILE));
}
