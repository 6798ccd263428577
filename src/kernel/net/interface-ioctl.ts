// ioctls about network interfaces, of which there is lo. net/core/dev_ioctl.c, net/ipv4/devinet.c

import * as ifc from "../../abi/constants/interfaces.js";
import { AF_INET } from "../../abi/constants/network.js";
import { SIOCGIFCONF } from "../../abi/constants/terminals.js";
import { EADDRNOTAVAIL, ENODEV, EPERM, Errno } from "../../abi/errno.js";
import { isI386 } from "../../abi/struct.js";
import { byteString, bytesOf } from "../mm/user-access.js";
import type { Task } from "../task/task.js";
import { LO } from "./loopback.js";
import type { Sock } from "./sock.js";

/** struct ifreq, whose union holds a structure with pointers. */
const ifreqSize = (task: Task): number => (isI386(task.abi) ? 32 : 40);
const UNION = ifc.IFNAMSIZ;

/** sockaddr_in of an IPv4 address. */
function sockaddr(...address: readonly number[]): Uint8Array {
  return new Uint8Array([AF_INET, 0, 0, 0, ...address, 0, 0, 0, 0, 0, 0, 0, 0]);
}

const int = (value: number): Uint8Array => new Uint8Array(new Int32Array([value]).buffer);

/** What lo answers, by command: the bytes of ifr_ifru. */
const answers = new Map<number, Uint8Array>([
  [ifc.SIOCGIFFLAGS, new Uint8Array(new Uint16Array([LO.flags & 0xffff]).buffer)],
  [ifc.SIOCGIFMETRIC, int(0)],
  [ifc.SIOCGIFMTU, int(LO.mtu)],
  [ifc.SIOCGIFHWADDR, new Uint8Array(new Uint16Array([ifc.ARPHRD_LOOPBACK, 0, 0, 0, 0, 0, 0, 0]).buffer)],
  [ifc.SIOCGIFINDEX, int(LO.index)],
  [ifc.SIOCGIFTXQLEN, int(LO.queueLength)],
  [ifc.SIOCGIFMAP, new Uint8Array(24)],
]);

/** Asked of IPv4 sockets only. */
const inetAnswers = new Map<number, Uint8Array>([
  [ifc.SIOCGIFADDR, sockaddr(127, 0, 0, 1)],
  [ifc.SIOCGIFDSTADDR, sockaddr(127, 0, 0, 1)],
  [ifc.SIOCGIFBRDADDR, sockaddr(0, 0, 0, 0)],
  [ifc.SIOCGIFNETMASK, sockaddr(255, 0, 0, 0)],
]);

/** Undefined when it is no such command. */
export function interfaceIoctl(sock: Sock, command: number, argument: number, task: Task): number | undefined {
  if (command === SIOCGIFCONF) return listInterfaces(argument, task);
  if (command === ifc.SIOCGIFNAME) {
    if (task.readI32(argument + UNION) !== LO.index) throw new Errno(ENODEV);
    task.copyOut(argument, bytesOf("lo".padEnd(UNION, "\0")));
    return 0;
  }
  const answer = answers.get(command) ?? (sock.family === AF_INET ? inetAnswers.get(command) : undefined);
  const changes = [ifc.SIOCSIFFLAGS, ifc.SIOCSIFADDR, ifc.SIOCSIFMTU].includes(command);
  if (answer === undefined && !changes) return undefined;
  const request = task.copyIn(argument, ifreqSize(task));
  const name = byteString(request.subarray(0, UNION)).replace(/\0.*$/s, "");
  if (changes) throw new Errno(EPERM);
  if (name !== "lo" && name !== "lo:") throw new Errno(name.startsWith("lo:") ? EADDRNOTAVAIL : ENODEV);
  if (answer) task.copyOut(argument + UNION, answer);
  return 0;
}

/** struct ifconf is a length and a pointer to room for ifreqs, or to none, to ask how many there are. */
function listInterfaces(argument: number, task: Task): number {
  const size = ifreqSize(task);
  const room = task.readI32(argument);
  const buffer = task.readPointer(argument + task.pointerBytes);
  if (buffer !== 0 && room >= size) {
    const request = new Uint8Array(size);
    request.set(bytesOf("lo"));
    request.set(sockaddr(127, 0, 0, 1), UNION);
    task.copyOut(buffer, request);
  }
  task.writeU32(argument, buffer === 0 || room >= size ? size : 0);
  return 0;
}
