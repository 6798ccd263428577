// A socket as an open file: read, write, poll and ioctl go to its sock. net/socket.c: socket_file_ops

import { O_NONBLOCK, O_RDWR, S_IFSOCK } from "../../abi/constants/files.js";
import { FIOGETOWN, FIOSETOWN, SIOCGPGRP, SIOCSPGRP } from "../../abi/constants/interfaces.js";
import { AF_UNIX, MSG_DONTWAIT, MSG_EOR, SOCK_SEQPACKET } from "../../abi/constants/network.js";
import { TmpfsInode } from "../fs/tmpfs/tmpfs-inode.js";
import type { Task } from "../task/task.js";
import type { Sleep } from "../task/wait.js";
import { Dentry } from "../vfs/dentry.js";
import { File } from "../vfs/file.js";
import { ownerNumber, setOwnerNumber } from "../vfs/file-owner.js";
import type { IoVector } from "../vfs/io-vector.js";
import { ControlBuffer } from "./control-message.js";
import { interfaceIoctl } from "./interface-ioctl.js";
import type { Sock } from "./sock.js";

const NO_BYTES = new Uint8Array(0);

export class SocketFile extends File {
  readonly sock: Sock;

  private constructor(sock: Sock, dentry: Dentry, flags: number) {
    super(dentry, flags);
    this.sock = sock;
  }

  /** Gives `sock` its inode, whose owner is `task`, and its file. */
  static of(sock: Sock, task: Task, flags: number): SocketFile {
    const { sockFs } = sock.net;
    const owner = { uid: task.cred.fsuid, gid: task.cred.fsgid };
    const inode = new TmpfsInode(sockFs, sockFs.nextIno(), S_IFSOCK | 0o777, owner);
    const file = new SocketFile(sock, new Dentry(`socket:[${inode.ino}]`, undefined, inode), O_RDWR | flags);
    sock.ino = inode.ino;
    sock.uid = owner.uid;
    sock.file = file;
    return file;
  }

  protected override released(): void {
    this.sock.release();
    this.sock.net.collectGarbage();
  }

  get #nonBlocking(): number {
    return this.flags & O_NONBLOCK ? MSG_DONTWAIT : 0;
  }

  override read(into: IoVector, task: Task): number | Sleep<number> {
    if (into.remaining === 0) return 0;
    const message = { data: into, flags: this.#nonBlocking, control: new ControlBuffer(task, 0, 0) };
    return this.sock.receive({ ...message, name: NO_BYTES, resultFlags: 0 }, task);
  }

  override write(from: IoVector, task: Task): number | Sleep<number> {
    const isRecord = this.sock.family === AF_UNIX && this.sock.type === SOCK_SEQPACKET;
    const flags = this.#nonBlocking | (isRecord ? MSG_EOR : 0);
    return this.sock.send({ data: from, flags, name: undefined, control: NO_BYTES }, task);
  }

  override get hasAsync(): boolean {
    return true;
  }

  override poll(): number {
    return this.sock.poll();
  }

  override get activity(): number {
    return this.sock.activity;
  }

  override ioctl(command: number, argument: number, task: Task): number {
    if (command === SIOCSPGRP || command === FIOSETOWN) {
      setOwnerNumber(task, this, task.readI32(argument));
      return 0;
    }
    if (command === SIOCGPGRP || command === FIOGETOWN) {
      task.writeU32(argument, ownerNumber(task, this));
      return 0;
    }
    return interfaceIoctl(this.sock, command, argument, task) ?? this.sock.ioctl(command, argument, task);
  }
}
