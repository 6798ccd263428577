// /proc/sysvipc: tables of shared memory, semaphores and message queues. ipc/shm.c, sem.c, msg.c: sysvipc_*_proc_show
import { PAGE_SIZE } from "../../../machine/state-layout.js";
import type { IpcObject } from "../../ipc/ipc-ids.js";
import { segments } from "../../ipc/shared-memory.js";
import type { Task } from "../../task/task.js";

type Column = readonly [text: string | number, width: number];

function line(columns: readonly Column[]): string {
  return `${columns.map(([text, width]) => String(text).padStart(width)).join(" ")}\n`;
}

/** The row's beginning: two blanks stand between mode and size in all but one table. */
function head({ permissions, id }: IpcObject): Column[] {
  return [
    [permissions.key, 10],
    [id, 10],
    [permissions.mode.toString(8), 5],
  ];
}

function owners({ permissions: { uid, gid, cuid, cgid } }: IpcObject): Column[] {
  return [uid, gid, cuid, cgid].map((id) => [id, 5] as const);
}

const times = (...seconds: readonly number[]): Column[] => seconds.map((time) => [time, 10] as const);

export function sharedMemoryTable(task: Task): string {
  const title =
    "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime      ctime                   rss                  swap\n";
  const rows = segments(task)
    .all()
    .map((segment) =>
      line([
        ...head(segment),
        [segment.size, 21],
        [segment.creator, 5],
        [segment.lastUser, 5],
        [segment.attachments(task.kernel), 6],
        ...owners(segment),
        ...times(segment.attachedAt, segment.detachedAt, segment.changedAt),
        [Math.ceil((segment.inode.stat().blocks * 512) / PAGE_SIZE) * PAGE_SIZE, 21],
        [0, 21],
      ]),
    );
  return title + rows.join("");
}

export function semaphoreTable(task: Task): string {
  const title = "       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n";
  const rows = task.namespaces.ipc.semaphores
    .all()
    .map((set) => line([...head(set), [set.values.length, 10], ...owners(set), ...times(set.usedAt, set.changedAt)]));
  return title + rows.join("");
}

export function messageQueueTable(task: Task): string {
  const title =
    "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      stime      rtime      ctime\n";
  const rows = task.namespaces.ipc.messageQueues
    .all()
    .map((queue) =>
      line([
        ...head(queue),
        [queue.bytes, 11],
        [queue.messages.length, 10],
        [queue.sender, 5],
        [queue.receiver, 5],
        ...owners(queue),
        ...times(queue.sentAt, queue.receivedAt, queue.changedAt),
      ]),
    );
  return title + rows.join("");
}
