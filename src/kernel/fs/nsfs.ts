// Namespaces as files: where the links of /proc/PID/ns lead, what setns(2) takes, and what can be asked of them. fs/nsfs.c
import { O_RDONLY, S_IFREG } from "../../abi/constants/files.js";
import { RLIMIT_NOFILE } from "../../abi/constants/processes.js";
import { EINVAL, ENOTTY, EPERM, Errno } from "../../abi/errno.js";
import { type AnyNamespace, identityOf, NAMESPACE_KINDS } from "../task/namespaces.js";
import { PidNamespace } from "../task/pid-namespace.js";
import type { Task } from "../task/task.js";
import { UserNamespace } from "../task/user-namespace.js";
import { Dentry } from "../vfs/dentry.js";
import { File } from "../vfs/file.js";
import { FileSystem, makeDev } from "./file-system.js";
import { TmpfsInode } from "./tmpfs/tmpfs-inode.js";

const NSFS_MAGIC = 0x6e736673;
const NS_GET_USERNS = 0xb701;
const NS_GET_PARENT = 0xb702;
const NS_GET_NSTYPE = 0xb703;
const NS_GET_OWNER_UID = 0xb704;
const NS_GET_MNTNS_ID = 0x8008b705;
const NS_GET_ID = 0x8008b70d;

const fs = new FileSystem({ name: "nsfs", dev: makeDev(0, 4), magic: NSFS_MAGIC, now: () => 0n });

class NsInode extends TmpfsInode {
  readonly namespace: AnyNamespace;

  constructor(namespace: AnyNamespace) {
    super(fs, BigInt(identityOf(namespace).inode), S_IFREG | 0o444, { uid: 0, gid: 0 });
    this.namespace = namespace;
  }

  override open(dentry: Dentry, flags: number): File {
    return new NsFile(dentry, flags, this.namespace);
  }
}

export const namespaceName = (namespace: AnyNamespace): string => {
  const { kind, inode } = identityOf(namespace);
  return `${kind}:[${inode}]`;
};

export function namespaceDentry(namespace: AnyNamespace): Dentry {
  return new Dentry(namespaceName(namespace), undefined, new NsInode(namespace));
}

export class NsFile extends File {
  readonly namespace: AnyNamespace;

  constructor(dentry: Dentry, flags: number, namespace: AnyNamespace) {
    super(dentry, flags);
    this.namespace = namespace;
  }

  override ioctl(command: number, argument: number, task: Task): number {
    const { kind, owner, id } = identityOf(this.namespace);
    switch (command >>> 0) {
      case NS_GET_USERNS:
        return openAnother(task, kind === "user" ? (this.namespace as UserNamespace).parent : owner);
      case NS_GET_PARENT:
        if (!(this.namespace instanceof UserNamespace || this.namespace instanceof PidNamespace))
          throw new Errno(EINVAL);
        return openAnother(task, this.namespace.parent);
      case NS_GET_NSTYPE:
        return NAMESPACE_KINDS[kind].flag;
      case NS_GET_OWNER_UID:
        if (!(this.namespace instanceof UserNamespace)) throw new Errno(EINVAL);
        task.writeU32(argument, task.cred.shownUid(this.namespace.owner));
        return 0;
      case NS_GET_MNTNS_ID:
        if (kind !== "mnt") throw new Errno(EINVAL);
        task.writeU64(argument, id);
        return 0;
      case NS_GET_ID:
        task.writeU64(argument, id);
        return 0;
      default:
        throw new Errno(ENOTTY);
    }
  }
}

/** EPERM for what is beyond what the task is in. */
function openAnother(task: Task, namespace: UserNamespace | PidNamespace | undefined): number {
  if (namespace === undefined) throw new Errno(EPERM);
  const within =
    namespace instanceof PidNamespace
      ? task.pidNamespace.holds(namespace)
      : isWithin(namespace, task.cred.userNamespace);
  if (!within) throw new Errno(EPERM);
  const file = new NsFile(namespaceDentry(namespace), O_RDONLY, namespace);
  return task.files.install(file, true, task.signal.limits.soft(RLIMIT_NOFILE));
}

function isWithin(namespace: UserNamespace, of: UserNamespace): boolean {
  for (let at: UserNamespace | undefined = namespace; at; at = at.parent) if (at === of) return true;
  return false;
}
