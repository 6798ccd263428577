// The namespaces the machine begins with.
import type { Kernel } from "../kernel.js";
import { firstUserNamespace } from "../vfs/credentials.js";
import {
  type AnyNamespace,
  CgroupNamespace,
  identify,
  type NamespaceKind,
  type Namespaces,
  TimeNamespace,
  UtsNamespace,
} from "./namespaces.js";

const first = <T extends AnyNamespace>(namespace: T, kind: NamespaceKind): T =>
  identify(namespace, kind, firstUserNamespace, true);

export function firstNamespaces({ mounts, ipc, net, pids }: Kernel, hostname: string): Namespaces {
  first(firstUserNamespace, "user");
  const time = first(new TimeNamespace(), "time");
  time.isFrozen = true;
  return {
    mnt: first(mounts, "mnt"),
    uts: first(new UtsNamespace(hostname), "uts"),
    ipc: first(ipc, "ipc"),
    net: first(net, "net"),
    cgroup: first(new CgroupNamespace(), "cgroup"),
    pidForChildren: first(pids, "pid"),
    time,
    timeForChildren: time,
  };
}
