// NETLINK_SOCK_DIAG: what sockets there are, and what of them. net/core/sock_diag.c, net/unix/diag.c, net/netlink/diag.c
import { NLM_F_DUMP, NLM_F_MULTI } from "../../../abi/constants/interfaces.js";
import * as nl from "../../../abi/constants/netlink.js";
import { AF_INET, AF_INET6, AF_NETLINK, AF_UNIX } from "../../../abi/constants/network.js";
import { EINVAL, ENOENT, EOPNOTSUPP, ESTALE } from "../../../abi/errno.js";
import { answers, questions } from "../../../abi/netlink/sock-diag.js";
import type { Fields, Struct } from "../../../abi/struct.js";
import { joinBytes } from "../../../lib/bytes.js";
import type { Net } from "../net.js";
import { LISTEN } from "../sock.js";
import { pathOfAddress, SUN_PATH } from "../unix/unix-names.js";
import { UnixSock } from "../unix/unix-sock.js";
import { cookieOf, type Diagnosis, isCookieOf, memoryOf } from "./diagnosis.js";
import { inetDiagnosis } from "./inet-diagnosis.js";
import { attribute, int32, message, type NetlinkRequest } from "./netlink-message.js";
import { NetlinkSock } from "./netlink-sock.js";
import type { Reply } from "./reply.js";

const FAMILIES = 46; // AF_MAX
const PROTOCOLS = 32; // MAX_LINKS
/** What a dump puts in one buffer. */
const BUFFER = 16384;

const headerOf = (payloads: typeof answers, family: number): Struct<Fields> =>
  (payloads[family] as (typeof answers)[number]).header as Struct<Fields>;

function unixBody(sock: UnixSock, show: number): Uint8Array {
  const { peer, address } = sock;
  const parts = [
    headerOf(answers, AF_UNIX).encode({
      udiag_family: AF_UNIX,
      udiag_type: sock.type,
      udiag_state: sock.state,
      udiag_ino: sock.ino,
      udiag_cookie: cookieOf(sock),
    }),
  ];
  const tell = (flag: number, type: number, value: () => Uint8Array | undefined): void => {
    const bytes = (show & flag) === flag ? value() : undefined;
    if (bytes !== undefined) parts.push(attribute(type, bytes));
  };
  tell(nl.UDIAG_SHOW_NAME, nl.UNIX_DIAG_NAME, () => address?.subarray(SUN_PATH));
  tell(nl.UDIAG_SHOW_VFS, nl.UNIX_DIAG_VFS, () => placeOf(sock));
  tell(nl.UDIAG_SHOW_PEER, nl.UNIX_DIAG_PEER, () => (peer === undefined ? undefined : int32(Number(peer.ino))));
  tell(nl.UDIAG_SHOW_ICONS, nl.UNIX_DIAG_ICONS, () =>
    sock.state === LISTEN ? joinBytes(sock.embryos.map((each) => int32(Number(each.peer?.ino ?? 0n)))) : undefined,
  );
  tell(nl.UDIAG_SHOW_RQLEN, nl.UNIX_DIAG_RQLEN, () => queuesOf(sock));
  tell(nl.UDIAG_SHOW_MEMINFO, nl.UNIX_DIAG_MEMINFO, () => memoryOf(sock));
  tell(0, nl.UNIX_DIAG_SHUTDOWN, () => new Uint8Array([sock.shutdownMask]));
  tell(nl.UDIAG_SHOW_UID, nl.UNIX_DIAG_UID, () => int32(sock.uid));
  return joinBytes(parts);
}

/** struct unix_diag_vfs: where a name is in the file system. */
function placeOf(sock: UnixSock): Uint8Array | undefined {
  const { place, address } = sock;
  if (place === undefined || address === undefined || pathOfAddress(address) === "") return undefined;
  const { ino, dev } = place.stat();
  // The kernel's own dev_t, which has twelve bits before twenty.
  const [major, minor] = [(dev >>> 8) & 0xfff, (dev & 0xff) | ((dev >>> 12) & 0xfff00)];
  return joinBytes([int32(Number(ino)), int32((major << 20) | minor)]);
}

function queuesOf(sock: UnixSock): Uint8Array {
  if (sock.state === LISTEN) return joinBytes([int32(sock.embryos.length), int32(sock.acceptLimit)]);
  return joinBytes([int32(sock.unreadBytes() ?? 0), int32(sock.unsentBytes() ?? 0)]);
}

const unixDiagnosis: Diagnosis = {
  question: headerOf(questions, AF_UNIX),
  dump: (question, net) => {
    const states = unixDiagnosis.question.get(question, "udiag_states");
    const show = unixDiagnosis.question.get(question, "udiag_show");
    return [...net.sockets]
      .filter((sock) => sock instanceof UnixSock && ((states >>> sock.state) & 1) === 1)
      .map((sock) => unixBody(sock as UnixSock, show));
  },
  one: (question, net) => {
    const ino = BigInt(unixDiagnosis.question.get(question, "udiag_ino"));
    if (ino === 0n) return EINVAL;
    const sock = [...net.sockets].find((each) => each instanceof UnixSock && each.ino === ino);
    if (sock === undefined) return ENOENT;
    if (!isCookieOf(sock, unixDiagnosis.question.inner(question, "udiag_cookie"))) return ESTALE;
    return unixBody(sock as UnixSock, unixDiagnosis.question.get(question, "udiag_show"));
  },
};

function netlinkBody(sock: NetlinkSock, show: number): Uint8Array {
  const parts = [
    headerOf(answers, AF_NETLINK).encode({
      ndiag_family: AF_NETLINK,
      ndiag_type: sock.type,
      ndiag_protocol: sock.protocol,
      ndiag_state: sock.state,
      ndiag_portid: sock.port,
      ndiag_dst_portid: sock.peerPort,
      ndiag_dst_group: sock.peerGroups,
      ndiag_ino: sock.ino,
      ndiag_cookie: cookieOf(sock),
    }),
  ];
  if (show & nl.NDIAG_SHOW_MEMINFO) parts.push(attribute(nl.NETLINK_DIAG_MEMINFO, memoryOf(sock)));
  if (show & nl.NDIAG_SHOW_GROUPS && sock.groups !== 0)
    parts.push(attribute(nl.NETLINK_DIAG_GROUPS, joinBytes([int32(sock.groups), int32(0)])));
  if (show & nl.NDIAG_SHOW_FLAGS) parts.push(attribute(nl.NETLINK_DIAG_FLAGS, int32(sock.diagnosedFlags)));
  return joinBytes(parts);
}

const netlinkDiagnosis: Diagnosis = {
  question: headerOf(questions, AF_NETLINK),
  dump: (question, net) => {
    const protocol = netlinkDiagnosis.question.get(question, "sdiag_protocol");
    if (protocol !== nl.NDIAG_PROTO_ALL && protocol >= PROTOCOLS) return ENOENT;
    const show = netlinkDiagnosis.question.get(question, "ndiag_show");
    return [...net.sockets]
      .filter((sock): sock is NetlinkSock => sock instanceof NetlinkSock && sock.isBound)
      .filter((sock) => protocol === nl.NDIAG_PROTO_ALL || sock.protocol === protocol)
      .map((sock) => netlinkBody(sock, show));
  },
  one: () => EOPNOTSUPP,
};

const diagnoses: Readonly<Record<number, Diagnosis>> = {
  [AF_UNIX]: unixDiagnosis,
  [AF_INET]: inetDiagnosis,
  [AF_INET6]: inetDiagnosis,
  [AF_NETLINK]: netlinkDiagnosis,
};

/** sock_diag_rcv_msg */
export function diagnose(request: NetlinkRequest, port: number, net: Net): Reply {
  const { type, flags, sequence, body } = request;
  if (type !== nl.SOCK_DIAG_BY_FAMILY || body.length < 2) return { error: EINVAL };
  const family = body[0] as number;
  if (family >= FAMILIES) return { error: EINVAL };
  const found = diagnoses[family];
  if (found === undefined) return { error: ENOENT };
  if (body.length < found.question.size()) return { error: EINVAL };
  const question = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const make = (kind: number, content: Uint8Array): Uint8Array => message(type, kind, sequence, port, content);
  if ((flags & NLM_F_DUMP) === 0) {
    const answer = found.one(question, net);
    if (typeof answer === "number") return { error: answer };
    return { parts: [make(0, answer)], isDump: false, doneApart: false };
  }
  const all = found.dump(question, net);
  if (typeof all === "number") return { parts: [], isDump: true, doneApart: true, doneError: all };
  return { parts: inBuffers(all.map((content) => make(NLM_F_MULTI, content))), isDump: true, doneApart: true };
}

/** Messages, as many in each buffer as have room. */
function inBuffers(messages: readonly Uint8Array[]): Uint8Array[] {
  const buffers: Uint8Array[][] = [];
  let size = BUFFER;
  for (const each of messages) {
    if (size + each.length > BUFFER) {
      buffers.push([]);
      size = 0;
    }
    (buffers.at(-1) as Uint8Array[]).push(each);
    size += each.length;
  }
  return buffers.map((buffer) => joinBytes(buffer));
}
