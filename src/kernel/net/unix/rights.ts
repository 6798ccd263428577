// SCM_RIGHTS and SCM_CREDENTIALS: descriptors and credentials that travel with messages of Unix sockets. net/core/scm.c

import {
  MSG_CMSG_CLOEXEC,
  MSG_CTRUNC,
  MSG_PEEK,
  SCM_CREDENTIALS,
  SCM_RIGHTS,
  SOL_SOCKET,
} from "../../../abi/constants/network.js";
import { RLIMIT_NOFILE } from "../../../abi/constants/processes.js";
import { CAP_SETGID, CAP_SETUID, CAP_SYS_RESOURCE } from "../../../abi/constants/security.js";
import { EBADF, EINVAL, EPERM, Errno, ESRCH, ETOOMANYREFS } from "../../../abi/errno.js";
import type { Task } from "../../task/task.js";
import type { Credentials } from "../../vfs/credentials.js";
import type { File } from "../../vfs/file.js";
import { parseControl } from "../control-message.js";
import type { IncomingMessage } from "../message.js";
import type { Packet, SenderCredentials } from "../packet.js";

const SCM_MAX_FD = 253;
const OVERFLOW_ID = 65534;

/** What goes with a message. The files are held. */
export interface Attachment {
  readonly files: readonly File[] | undefined;
  readonly credentials: SenderCredentials | undefined;
}

/** scm_send: checks and takes up the control messages of a send. */
export function attachmentOf(control: Uint8Array, task: Task): Attachment {
  const files: File[] = [];
  let credentials: SenderCredentials | undefined;
  for (const { level, type, data } of parseControl(control)) {
    if (level !== SOL_SOCKET) continue;
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    if (type === SCM_RIGHTS) collectFiles(files, view, task);
    else if (type === SCM_CREDENTIALS) credentials = checkedCredentials(view, task);
    else throw new Errno(EINVAL);
  }
  if (files.length > 0) {
    const limit = task.signal.limits.soft(RLIMIT_NOFILE);
    if (!task.cred.can(CAP_SYS_RESOURCE) && !task.cred.isPrivileged && task.namespaces.net.filesInFlight > limit)
      throw new Errno(ETOOMANYREFS);
  }
  for (const file of files) file.hold();
  return { files: files.length > 0 ? files : undefined, credentials };
}

/** scm_fp_copy */
function collectFiles(files: File[], data: DataView, task: Task): void {
  const count = Math.floor(data.byteLength / 4);
  if (files.length + count > SCM_MAX_FD) throw new Errno(EINVAL);
  for (let i = 0; i < count; i++) {
    const file = task.files.find(data.getInt32(i * 4, true));
    if (file === undefined) throw new Errno(EBADF);
    files.push(file);
  }
}

function checkedCredentials(data: DataView, task: Task): SenderCredentials {
  if (data.byteLength !== 12) throw new Errno(EINVAL);
  const { cred } = task;
  const uid = cred.machineUid(data.getUint32(4, true));
  const gid = cred.machineGid(data.getUint32(8, true));
  if (uid === undefined || gid === undefined) throw new Errno(EINVAL);
  const credentials = { pid: task.pidNamespace.outside(data.getInt32(0, true)), uid, gid };
  const allowed =
    (credentials.pid === task.tgid || cred.isPrivileged) &&
    ([cred.uid, cred.euid, cred.suid].includes(uid) || cred.canInside(CAP_SETUID)) &&
    ([cred.gid, cred.egid, cred.sgid].includes(gid) || cred.canInside(CAP_SETGID));
  if (!allowed) throw new Errno(EPERM);
  if (!task.kernel.tasks.has(credentials.pid)) throw new Errno(ESRCH);
  return credentials;
}

/** What a task is known by in messages it says nothing more in. */
export function senderOf(task: Task): SenderCredentials {
  return { pid: task.tgid, uid: task.cred.uid, gid: task.cred.gid };
}

/** What SO_PEERCRED tells of a task. */
export function peerCredentialsOf(tgid: number, cred: Credentials): SenderCredentials {
  return { pid: tgid, uid: cred.euid, gid: cred.egid };
}

/** struct ucred. Sent by somebody who did not say who: pid 0 and nobody. */
export function ucredBytes(credentials: SenderCredentials | undefined, { pidNamespace, cred }: Task): Uint8Array {
  const { pid, uid, gid } = credentials ?? { pid: 0, uid: OVERFLOW_ID, gid: OVERFLOW_ID };
  const words = [pidNamespace.inside(pid), cred.shownUid(uid), cred.shownGid(gid)];
  return new Uint8Array(new Int32Array(words).buffer);
}

export function sameSender(a: SenderCredentials | undefined, b: SenderCredentials | undefined): boolean {
  return a?.pid === b?.pid && a?.uid === b?.uid && a?.gid === b?.gid;
}

/** Takes the files of `packet`, or more references to them when it is only looked at. */
export function filesFrom(packet: Packet, flags: number, task: Task): readonly File[] | undefined {
  const { files } = packet;
  if (files === undefined) return undefined;
  if (flags & MSG_PEEK) for (const file of files) file.hold();
  else {
    packet.files = undefined;
    task.namespaces.net.departed(files);
  }
  return files;
}

/** scm_recv: tells the receiver, in its control buffer, who sent the message and which descriptors came with it. */
export function deliver(
  message: IncomingMessage,
  passCredentials: boolean,
  credentials: SenderCredentials | undefined,
  files: readonly File[] | undefined,
  task: Task,
): void {
  const { control } = message;
  if (!control.isPresent) {
    if (passCredentials || files !== undefined) message.resultFlags |= MSG_CTRUNC;
    for (const file of files ?? []) file.put();
    return;
  }
  if (passCredentials) control.put(SOL_SOCKET, SCM_CREDENTIALS, ucredBytes(credentials, task));
  if (files !== undefined) installFiles(message, files, task);
  message.resultFlags |= control.flags;
}

/** scm_detach_fds: as many as there is room for in the buffer and in the table; the others are closed. */
function installFiles(message: IncomingMessage, files: readonly File[], task: Task): void {
  const { control, flags } = message;
  const limit = task.signal.limits.soft(RLIMIT_NOFILE);
  const wanted = Math.min(Math.floor(control.dataRoom / 4), files.length);
  const numbers: number[] = [];
  for (const file of files) {
    if (numbers.length === wanted || !task.files.hasRoom(limit)) break;
    numbers.push(task.files.install(file, (flags & MSG_CMSG_CLOEXEC) !== 0, limit));
  }
  for (const file of files.slice(numbers.length)) file.put();
  if (numbers.length > 0) control.put(SOL_SOCKET, SCM_RIGHTS, new Uint8Array(new Int32Array(numbers).buffer));
  if (numbers.length < files.length) message.resultFlags |= MSG_CTRUNC;
}
