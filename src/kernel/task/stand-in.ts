// Two processes that are there and do nothing: process 1, and the tool that began the first program. Calls that name them find somebody
// else's process, as they would on any machine; they are not in the table of tasks, and no signal reaches them.
import type { Kernel } from "../kernel.js";
import { Mm } from "../mm/mm.js";
import { Sighand } from "../signal/sighand.js";
import { Credentials } from "../vfs/credentials.js";
import { FilesStruct } from "./files-struct.js";
import { FsStruct } from "./fs-struct.js";
import { Rlimits } from "./rlimits.js";
import { SignalStruct } from "./signal-struct.js";
import { Task } from "./task.js";

const INIT = 1;

/** The one with that number of the machine, made when it is first asked for. */
export function standIn(kernel: Kernel, pid: number): Task | undefined {
  const isTool = pid === kernel.firstPid - 1;
  if (pid !== INIT && !isTool) return undefined;
  let found = kernel.standIns.get(pid);
  if (found === undefined) {
    const { uid, gid, groups } = isTool ? kernel.host.identity() : { uid: 0, gid: 0, groups: [] };
    const limits = new Rlimits();
    found = new Task({
      pid,
      kernel,
      mm: new Mm(limits, kernel.memories.take(), kernel.budget),
      fs: new FsStruct(kernel.root, kernel.root, 0o22),
      files: new FilesStruct(),
      signal: new SignalStruct(pid, pid, pid, limits),
      sighand: new Sighand(),
      cred: new Credentials(uid, gid, groups),
      comm: isTool ? "tsstrace" : "init",
      namespaces: kernel.namespaces,
      pidNamespace: kernel.pids,
    });
    found.state = "sleeping";
    kernel.standIns.set(pid, found);
  }
  return found;
}

export const isStandIn = ({ kernel, pid }: Task): boolean => kernel.standIns.has(pid);
