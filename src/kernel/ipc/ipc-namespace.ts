// Linux's ipc_namespace: all System V objects and POSIX queues there are.
import { MessageQueues } from "./message-queues.js";
import { PosixQueues } from "./posix-queue.js";
import { Semaphores } from "./semaphores.js";
import { SharedMemories } from "./shared-memory.js";

export class IpcNamespace {
  readonly sharedMemories = new SharedMemories();
  readonly semaphores = new Semaphores();
  readonly messageQueues = new MessageQueues();
  readonly posixQueues = new PosixQueues();
}
