// setsockopt(2) and getsockopt(2): values in user memory, and the options of all sockets (SOL_SOCKET). net/core/sock.c

import * as so from "../../abi/constants/network.js";
import { CAP_NET_ADMIN } from "../../abi/constants/security.js";
import {
  EACCES,
  EDOM,
  EINVAL,
  ENODATA,
  ENODEV,
  ENOENT,
  ENOPROTOOPT,
  EOPNOTSUPP,
  EPERM,
  ERANGE,
  Errno,
} from "../../abi/errno.js";
import type { Abi } from "../../abi/struct.js";
import { timeval } from "../../abi/time.js";
import { byteString } from "../mm/user-access.js";
import type { Task } from "../task/task.js";
import { readPair } from "../time/sleep.js";
import { LISTEN, type Sock } from "./sock.js";
import { socketOf } from "./socket-calls.js";
import { ucredBytes } from "./unix/rights.js";
import { UnixSock } from "./unix/unix-sock.js";

/** net.core.wmem_max and rmem_max. */
const BUFFER_MAX = 4194304;
const SEND_MIN = 4608;
const RECEIVE_MIN = 2304;
const LINGER_MAX = 0x7fffffff;

export function setOption(task: Task, fd: number, level: number, name: number, address: number, length: number): void {
  const { sock } = socketOf(task, fd);
  if (length < 0) throw new Errno(EINVAL);
  if (level === so.SOL_SOCKET) setSocketOption(task, sock, name, address, length);
  else sock.setOption(level, name, address, length, task);
}

export function getOption(
  task: Task,
  fd: number,
  level: number,
  name: number,
  address: number,
  lengthAddress: number,
): void {
  const { sock } = socketOf(task, fd);
  if (level !== so.SOL_SOCKET && sock instanceof UnixSock) throw new Errno(EOPNOTSUPP);
  const room = task.readI32(lengthAddress);
  if (room < 0) throw new Errno(EINVAL);
  const value =
    level === so.SOL_SOCKET ? socketOption(task, sock, name, room) : sock.getOption(level, name, task, room);
  task.copyOut(address, value.subarray(0, room));
  task.writeU32(lengthAddress, Math.min(room, value.length));
}

export function intBytes(...values: number[]): Uint8Array {
  return new Uint8Array(new Int32Array(values).buffer);
}

/** Options with a value that is only given back: what they were made with. */
const rememberedDefaults = new Map<number, number>([
  [so.SO_DEBUG, 0],
  [so.SO_DONTROUTE, 0],
  [so.SO_BROADCAST, 0],
  [so.SO_KEEPALIVE, 0],
  [so.SO_OOBINLINE, 0],
  [so.SO_NO_CHECK, 0],
  [so.SO_PRIORITY, 0],
  [so.SO_PASSSEC, 0],
  [so.SO_TXREHASH, 1],
  [so.SO_RCVPRIORITY, 0],
  [so.SO_PASSRIGHTS, 1],
  [so.SO_MARK, 0],
  [so.SO_RXQ_OVFL, 0],
  [so.SO_WIFI_STATUS, 0],
  [so.SO_NOFCS, 0],
  [so.SO_LOCK_FILTER, 0],
  [so.SO_SELECT_ERR_QUEUE, 0],
  [so.SO_BUSY_POLL, 0],
  [so.SO_INCOMING_CPU, -1],
  [so.SO_ZEROCOPY, 0],
  [so.SO_BINDTOIFINDEX, 0],
  [so.SO_PREFER_BUSY_POLL, 0],
  [so.SO_BUF_LOCK, 0],
  [so.SO_RCVMARK, 0],
]);

/** Of those, the ones that are on or off. */
const booleans = new Set<number>([
  so.SO_DEBUG,
  so.SO_DONTROUTE,
  so.SO_BROADCAST,
  so.SO_KEEPALIVE,
  so.SO_OOBINLINE,
  so.SO_NO_CHECK,
  so.SO_PASSSEC,
  so.SO_PASSRIGHTS,
  so.SO_RXQ_OVFL,
  so.SO_WIFI_STATUS,
  so.SO_NOFCS,
  so.SO_SELECT_ERR_QUEUE,
  so.SO_RCVMARK,
]);

const forAdministrators = new Set<number>([so.SO_DEBUG, so.SO_MARK]);

/** sk_setsockopt */
function setSocketOption(task: Task, sock: Sock, name: number, address: number, length: number): void {
  if (name === so.SO_BINDTODEVICE) {
    bindToDevice(task, sock, address, length);
    return;
  }
  if (length < 4) throw new Errno(EINVAL);
  const value = task.readI32(address);
  const isOn = value !== 0;
  switch (name) {
    case so.SO_TYPE:
    case so.SO_PROTOCOL:
    case so.SO_DOMAIN:
    case so.SO_ERROR:
      throw new Errno(ENOPROTOOPT);
    case so.SO_REUSEADDR:
      sock.reuseAddress = isOn;
      return;
    case so.SO_REUSEPORT:
      sock.reusePort = isOn;
      return;
    case so.SO_SNDBUF:
    case so.SO_SNDBUFFORCE:
      if (name === so.SO_SNDBUFFORCE && !task.cred.can(CAP_NET_ADMIN)) throw new Errno(EPERM);
      sock.sendBuffer = Math.max(bufferSize(value) * 2, SEND_MIN);
      sock.keepSendBuffer();
      return;
    case so.SO_RCVBUF:
    case so.SO_RCVBUFFORCE:
      if (name === so.SO_RCVBUFFORCE && !task.cred.can(CAP_NET_ADMIN)) throw new Errno(EPERM);
      sock.receiveBuffer = Math.max(bufferSize(value) * 2, RECEIVE_MIN);
      return;
    case so.SO_LINGER:
      if (length < 8) throw new Errno(EINVAL);
      sock.linger = isOn ? Math.min(task.readU32(address + 4), LINGER_MAX) : undefined;
      return;
    case so.SO_RCVLOWAT:
      sock.receiveLowat = value < 0 ? LINGER_MAX : value || 1;
      return;
    case so.SO_RCVTIMEO_OLD:
    case so.SO_RCVTIMEO_NEW:
      sock.receiveTimeout = timeout(task, address, length, timevalAbi(task, name));
      return;
    case so.SO_SNDTIMEO_OLD:
    case so.SO_SNDTIMEO_NEW:
      sock.sendTimeout = timeout(task, address, length, timevalAbi(task, name));
      return;
    case so.SO_PASSCRED:
      if (!(sock instanceof UnixSock) && sock.family !== so.AF_NETLINK) throw new Errno(EOPNOTSUPP);
      sock.passCredentials = isOn;
      return;
    case so.SO_TIMESTAMP_OLD:
    case so.SO_TIMESTAMP_NEW:
      sock.timestamps = isOn ? "microseconds" : "none";
      return;
    case so.SO_TIMESTAMPNS_OLD:
    case so.SO_TIMESTAMPNS_NEW:
      sock.timestamps = isOn ? "nanoseconds" : "none";
      return;
    case so.SO_BSDCOMPAT:
      return;
    case so.SO_DETACH_FILTER:
      throw new Errno(ENOENT);
    default:
      remember(task, sock, name, value, isOn);
  }
}

/** sk_may_scm_recv: options about what comes with messages of unix sockets. */
const forMessages = new Set<number>([so.SO_PASSSEC, so.SO_PASSPIDFD, so.SO_PASSRIGHTS]);

function checkMessages(sock: Sock, name: number): void {
  if (forMessages.has(name) && !(sock instanceof UnixSock)) throw new Errno(EOPNOTSUPP);
}

function remember(task: Task, sock: Sock, name: number, value: number, isOn: boolean): void {
  checkMessages(sock, name);
  if (!rememberedDefaults.has(name)) throw new Errno(ENOPROTOOPT);
  if (name === so.SO_BUSY_POLL && value < 0) throw new Errno(EINVAL);
  if (name === so.SO_ZEROCOPY && (value < 0 || value > 1)) throw new Errno(EINVAL);
  const needsRight = forAdministrators.has(name) && (name !== so.SO_DEBUG || isOn);
  if (needsRight && !task.cred.can(CAP_NET_ADMIN)) throw new Errno(name === so.SO_DEBUG ? EACCES : EPERM);
  if (name === so.SO_PRIORITY && (value < 0 || value > 6) && !task.cred.can(CAP_NET_ADMIN)) throw new Errno(EPERM);
  sock.remembered.set(name, booleans.has(name) ? Number(isOn) : value);
}

function bufferSize(value: number): number {
  return Math.min(value < 0 ? BUFFER_MAX : value, BUFFER_MAX);
}

/** The options with NEW in their names have times of 64 bits everywhere. */
function timevalAbi({ abi }: Task, name: number): Abi {
  const isNew = name === so.SO_RCVTIMEO_NEW || name === so.SO_SNDTIMEO_NEW;
  return isNew ? "x86_64" : abi;
}

/** sock_set_timeout: 0 is no timeout. */
function timeout(task: Task, address: number, length: number, abi: Abi): number | undefined {
  if (length < timeval.size(abi)) throw new Errno(EINVAL);
  const { seconds, fraction: microseconds } = readPair(task, address, abi);
  if (microseconds < 0 || microseconds >= 1e6) throw new Errno(EDOM);
  if (seconds < 0) return 0;
  return seconds === 0 && microseconds === 0 ? undefined : seconds * 1e9 + microseconds * 1000;
}

function bindToDevice(task: Task, sock: Sock, address: number, length: number): void {
  const name = byteString(task.copyIn(address, Math.min(length, 15))).replace(/\0.*$/s, "");
  if (name !== "" && name !== "lo") throw new Errno(ENODEV);
  sock.remembered.set(so.SO_BINDTOIFINDEX, name === "lo" ? 1 : 0);
}

function timevalBytes(nanoseconds: number | undefined, abi: Abi): Uint8Array {
  const microseconds = Math.floor((nanoseconds ?? 0) / 1000);
  const seconds = Math.floor(microseconds / 1e6);
  return timeval.encode({ tv_sec: seconds, tv_usec: microseconds % 1e6 }, abi);
}

/** sk_getsockopt */
function socketOption(task: Task, sock: Sock, name: number, room: number): Uint8Array {
  switch (name) {
    case so.SO_BSDCOMPAT:
      return intBytes(0);
    case so.SO_TYPE:
      return intBytes(sock.type);
    case so.SO_PROTOCOL:
      return intBytes(sock.protocol);
    case so.SO_DOMAIN:
      return intBytes(sock.family);
    case so.SO_ERROR:
      return intBytes(sock.takeError());
    case so.SO_ACCEPTCONN:
      return intBytes(Number(sock.state === LISTEN));
    case so.SO_REUSEADDR:
      return intBytes(Number(sock.reuseAddress));
    case so.SO_REUSEPORT:
      return intBytes(Number(sock.reusePort));
    case so.SO_SNDBUF:
      return intBytes(sock.sendBuffer);
    case so.SO_RCVBUF:
      return intBytes(sock.receiveBuffer);
    case so.SO_LINGER:
      return intBytes(Number(sock.linger !== undefined), sock.linger ?? 0);
    case so.SO_RCVLOWAT:
      return intBytes(sock.receiveLowat);
    case so.SO_SNDLOWAT:
      return intBytes(1);
    case so.SO_RCVTIMEO_OLD:
    case so.SO_RCVTIMEO_NEW:
      return timevalBytes(sock.receiveTimeout, timevalAbi(task, name));
    case so.SO_SNDTIMEO_OLD:
    case so.SO_SNDTIMEO_NEW:
      return timevalBytes(sock.sendTimeout, timevalAbi(task, name));
    case so.SO_PASSCRED:
      if (!(sock instanceof UnixSock) && sock.family !== so.AF_NETLINK) throw new Errno(EOPNOTSUPP);
      return intBytes(Number(sock.passCredentials));
    case so.SO_PEERCRED: {
      const peer = sock instanceof UnixSock ? sock.peerCredentials : undefined;
      return peer ? ucredBytes(peer, task) : intBytes(0, -1, -1);
    }
    case so.SO_PEERGROUPS: {
      if (!(sock instanceof UnixSock) || sock.peerCredentials === undefined) throw new Errno(ENODATA);
      const groups = intBytes(...sock.peerGroups);
      if (room < groups.length) throw new Errno(ERANGE);
      return groups;
    }
    case so.SO_PEERNAME: {
      const peer = sock.name(true);
      if (room > peer.length) throw new Errno(EINVAL);
      return peer;
    }
    case so.SO_TIMESTAMP_OLD:
    case so.SO_TIMESTAMP_NEW:
      return intBytes(Number(sock.timestamps === "microseconds"));
    case so.SO_TIMESTAMPNS_OLD:
    case so.SO_TIMESTAMPNS_NEW:
      return intBytes(Number(sock.timestamps === "nanoseconds"));
    case so.SO_BINDTODEVICE: {
      if (!sock.remembered.get(so.SO_BINDTOIFINDEX)) return new Uint8Array(0);
      if (room < 16) throw new Errno(EINVAL);
      return new Uint8Array([0x6c, 0x6f, 0]);
    }
    case so.SO_ATTACH_FILTER: // SO_GET_FILTER: there is none
      return new Uint8Array(0);
    case so.SO_TIMESTAMPING_OLD:
    case so.SO_TIMESTAMPING_NEW:
    case so.SO_TXTIME:
      return new Uint8Array(8);
    case so.SO_MAX_PACING_RATE:
      return new Uint8Array(task.longBytes).fill(0xff);
    case so.SO_RESERVE_MEM:
      return intBytes(0);
    case so.SO_PEERPIDFD:
      throw new Errno(ENODATA);
    case so.SO_COOKIE:
      if (room < 8) throw new Errno(EINVAL);
      return new Uint8Array(new BigUint64Array([sock.ino]).buffer);
    case so.SO_NETNS_COOKIE:
      if (room !== 8) throw new Errno(EINVAL);
      return new Uint8Array(new BigUint64Array([1n]).buffer);
    case so.SO_MEMINFO:
      return intBytes(0, sock.receiveBuffer, 0, sock.sendBuffer, 0, 0, 0, 0, 0);
    case so.SO_BPF_EXTENSIONS:
      return intBytes(64);
    case so.SO_PEERSEC:
      throw new Errno(ENOPROTOOPT);
    default: {
      checkMessages(sock, name);
      const value = sock.remembered.get(name) ?? rememberedDefaults.get(name);
      if (value === undefined) throw new Errno(ENOPROTOOPT);
      return intBytes(value);
    }
  }
}
