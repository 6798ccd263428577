// What Unix sockets are bound to: abstract names, and socket inodes of the file system. net/unix/af_unix.c
import { AF_UNIX } from "../../../abi/constants/network.js";
import { EADDRINUSE, EINVAL, ENOSPC, Errno } from "../../../abi/errno.js";
import { byteString, bytesOf } from "../../mm/user-access.js";
import type { Inode } from "../../vfs/inode.js";
import { familyOf } from "../sock.js";
import type { UnixSock } from "./unix-sock.js";

export const SUN_PATH = 2; // offsetof(struct sockaddr_un, sun_path)
export const SOCKADDR_UN = 110;
const AUTOBIND_NAMES = 0x100000;

/** unix_validate_addr */
export function checkUnixAddress(address: Uint8Array): void {
  if (address.length <= SUN_PATH || address.length > SOCKADDR_UN || familyOf(address) !== AF_UNIX)
    throw new Errno(EINVAL);
}

/** The path of an address that is no abstract name: up to its NUL. */
export function pathOfAddress(address: Uint8Array): string {
  const path = address.subarray(SUN_PATH);
  const end = path.indexOf(0);
  return byteString(end < 0 ? path : path.subarray(0, end));
}

export function isAbstract(address: Uint8Array): boolean {
  return address[SUN_PATH] === 0;
}

/** A sockaddr_un: `name` with one character per byte. */
export function unixAddress(name: string): Uint8Array {
  const address = new Uint8Array(SUN_PATH + name.length);
  address[0] = AF_UNIX;
  address.set(bytesOf(name), SUN_PATH);
  return address;
}

export class UnixNames {
  /** By type and name: sockets of different types do not see one another's. */
  readonly #abstract = new Map<string, UnixSock>();
  readonly #inodes = new WeakMap<Inode, UnixSock>();
  #lastAutobind = 0;

  #key(type: number, address: Uint8Array): string {
    return `${type}:${byteString(address.subarray(SUN_PATH))}`;
  }

  findAbstract(type: number, address: Uint8Array): UnixSock | undefined {
    return this.#abstract.get(this.#key(type, address));
  }

  bindAbstract(sock: UnixSock, address: Uint8Array): void {
    const key = this.#key(sock.type, address);
    if (this.#abstract.has(key)) throw new Errno(EADDRINUSE);
    this.#abstract.set(key, sock);
  }

  /** unix_autobind: a free name of five hexadecimal digits. */
  autobind(sock: UnixSock): Uint8Array {
    for (let tries = 0; tries < AUTOBIND_NAMES; tries++) {
      this.#lastAutobind = (this.#lastAutobind + 1) % AUTOBIND_NAMES;
      const address = unixAddress(`\0${this.#lastAutobind.toString(16).padStart(5, "0")}`);
      if (this.findAbstract(sock.type, address)) continue;
      this.bindAbstract(sock, address);
      return address;
    }
    throw new Errno(ENOSPC);
  }

  findInode(inode: Inode): UnixSock | undefined {
    return this.#inodes.get(inode);
  }

  bindInode(sock: UnixSock, inode: Inode): void {
    this.#inodes.set(inode, sock);
  }

  /** `sock` is closed. Its inode stays, and refuses connections. */
  release(sock: UnixSock, address: Uint8Array, inode: Inode | undefined): void {
    if (inode) this.#inodes.delete(inode);
    else if (this.findAbstract(sock.type, address) === sock) this.#abstract.delete(this.#key(sock.type, address));
  }
}
