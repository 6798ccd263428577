// Unix sockets whose descriptors are on their way in messages, and the release of those that nothing else holds any more: a
// socket that waits in its own queue, or two in each other's. net/unix/garbage.c
import type { File } from "../../vfs/file.js";
import type { Net } from "../net.js";
import { SocketFile } from "../socket-file.js";
import { UnixSock } from "./unix-sock.js";

export class UnixInFlight {
  readonly #counts = new Map<SocketFile, number>();
  collecting = false;

  add(files: readonly File[]): void {
    for (const file of files) {
      if (isUnix(file)) this.#counts.set(file, (this.#counts.get(file) ?? 0) + 1);
    }
  }

  remove(files: readonly File[]): void {
    for (const file of files) {
      if (!isUnix(file)) continue;
      const count = (this.#counts.get(file) ?? 0) - 1;
      if (count > 0) this.#counts.set(file, count);
      else this.#counts.delete(file);
    }
  }

  /** Sockets that only messages hold. */
  unheld(): Set<SocketFile> {
    const found = new Set<SocketFile>();
    for (const [file, count] of this.#counts) if (file.references === count) found.add(file);
    return found;
  }
}

function isUnix(file: File): file is SocketFile {
  return file instanceof SocketFile && file.sock instanceof UnixSock;
}

/** unix_gc: what cannot be received by anybody is dropped. */
export function collectUnixGarbage(net: Net): void {
  const { inFlight } = net;
  if (inFlight.collecting) return;
  const lost = inFlight.unheld();
  if (lost.size === 0) return;
  const reached: UnixSock[] = [];
  for (const sock of net.sockets) {
    if (sock instanceof UnixSock && sock.file !== undefined && !lost.has(sock.file)) reached.push(sock);
  }
  for (let sock = reached.pop(); sock !== undefined; sock = reached.pop()) {
    reached.push(...sock.embryos);
    for (const packet of sock.queue) {
      for (const file of packet.files ?? []) {
        if (isUnix(file) && lost.delete(file)) reached.push(file.sock as UnixSock);
      }
    }
  }
  inFlight.collecting = true;
  for (const file of lost) {
    const sock = file.sock as UnixSock;
    sock.queue.purge();
    for (const embryo of sock.embryos) embryo.queue.purge();
  }
  inFlight.collecting = false;
}
