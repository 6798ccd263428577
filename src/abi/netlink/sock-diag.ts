// NETLINK_SOCK_DIAG: questions about sockets of a family and what is answered. See sock_diag(7).

import * as interfaces from "../constants/interfaces.js";
import * as t from "../constants/netlink.js";
import {
  AF_INET,
  AF_INET6,
  AF_NETLINK,
  AF_PACKET,
  AF_SMC,
  AF_UNIX,
  addressFamilies,
  inetProtocols,
  netlinkProtocols,
} from "../constants/network.js";
import { flagsOf, hexInt, oneOf } from "../scalars.js";
import { bytes, type Field, reserved, struct, subview, u8, u16, u32, u64 } from "../struct.js";
import { flagSet } from "../tables.js";
import {
  inetdiagAttributes,
  inetdiagreqAttributes,
  netlinkdiagAttributes,
  packetdiagAttributes,
  smcdiagAttributes,
  unixdiagAttributes,
} from "./diagnoses.js";
import { showDiagnosedAddress } from "./diagnosis-values.js";
import { type Payload, type Protocol, showFamilyAndData, showPayload, typesOf } from "./payload.js";
import * as v from "./values.js";

const family = u8(oneOf(addressFamilies));
const states = flagSet(
  "1<<TCP_???",
  Object.fromEntries([...t.tcpTypes.names].map(([state, name]) => [`1<<${name}`, 1 << state])),
);
const extensions = flagSet(
  "1<<INET_DIAG_???-1",
  Object.fromEntries(
    [...t.inetDiagTypes.names]
      .filter(([type]) => type > 0 && type <= 8)
      .map(([type, name]) => [`1<<(${name}-1)`, 1 << (type - 1)]),
  ),
);
const smcExtensions = flagSet("1<<SMC_DIAG_???-1", {
  "1<<(SMC_DIAG_CONNINFO-1)": 1 << (t.SMC_DIAG_CONNINFO - 1),
  "1<<(SMC_DIAG_LGRINFO-1)": 1 << (t.SMC_DIAG_LGRINFO - 1),
});

const cookie: Field = bytes(
  8,
  (c, view, at) => {
    c.out.punct("[");
    c.out.number(view.getUint32(at, true).toString());
    c.out.punct(", ");
    c.out.number(view.getUint32(at + 4, true).toString());
    c.out.punct("]");
  },
  4,
);

const rest = struct({ idiag_if: v.interfaceField, idiag_cookie: cookie });

/** struct inet_diag_sockid. */
const socketId: Field = bytes(
  48,
  (c, view, at) => {
    const { out } = c;
    out.punct("{");
    out.name("idiag_sport");
    out.punct("=");
    v.portField.showBytes?.(c, view, at);
    out.punct(", ");
    out.name("idiag_dport");
    out.punct("=");
    v.portField.showBytes?.(c, view, at + 2);
    out.punct(", ");
    showDiagnosedAddress(c, subview(view, at + 4, 16), "idiag_src", view.getUint8(0));
    out.punct(", ");
    showDiagnosedAddress(c, subview(view, at + 20, 16), "idiag_dst", view.getUint8(0));
    out.punct(", ");
    rest.showFields(c, new DataView(view.buffer, view.byteOffset + at + 36, 12), ["idiag_if", "idiag_cookie"]);
    out.punct("}");
  },
  4,
);

export const questions: Readonly<Record<number, Payload>> = {
  [AF_UNIX]: {
    header: struct({
      sdiag_family: family,
      sdiag_protocol: u8(),
      pad: reserved(2),
      udiag_states: u32(flagsOf(states)),
      udiag_ino: u32(),
      udiag_show: u32(flagsOf(t.udiagShowFlags)),
      udiag_cookie: cookie,
    }),
    attributes: "unread",
  },
  [AF_NETLINK]: {
    header: struct({
      sdiag_family: family,
      sdiag_protocol: u8(oneOf(t.netlinkTypes)),
      pad: reserved(2),
      ndiag_ino: u32(),
      ndiag_show: u32(flagsOf(t.ndiagShowFlags)),
      ndiag_cookie: cookie,
    }),
    attributes: "unread",
  },
  [AF_PACKET]: {
    header: struct({
      sdiag_family: family,
      sdiag_protocol: u8(hexInt),
      pad: reserved(2),
      pdiag_ino: u32(),
      pdiag_show: u32(flagsOf(t.packetShowFlags)),
      pdiag_cookie: cookie,
    }),
    attributes: "unread",
  },
  [AF_SMC]: {
    header: struct({ diag_family: family, pad: reserved(2), diag_ext: u8(flagsOf(smcExtensions)), id: socketId }),
    attributes: "unread",
  },
};
export const inetQuestion: Payload = {
  header: struct({
    sdiag_family: family,
    sdiag_protocol: u8(oneOf(inetProtocols)),
    idiag_ext: u8(flagsOf(extensions)),
    pad: reserved(1),
    idiag_states: u32(flagsOf(states)),
    id: socketId,
  }),
  attributes: inetdiagreqAttributes,
};
const oldInetQuestion: Payload = {
  header: struct({
    idiag_family: family,
    idiag_src_len: u8(),
    idiag_dst_len: u8(),
    idiag_ext: u8(flagsOf(extensions)),
    id: socketId,
    idiag_states: u32(flagsOf(states)),
    idiag_dbs: u32(),
  }),
  attributes: inetdiagreqAttributes,
};

export const inetAnswer: Payload = {
  header: struct({
    idiag_family: family,
    idiag_state: u8(oneOf(t.tcpTypes)),
    idiag_timer: u8(),
    idiag_retrans: u8(),
    id: socketId,
    idiag_expires: u32(),
    idiag_rqueue: u32(),
    idiag_wqueue: u32(),
    idiag_uid: u32(),
    idiag_inode: u32(),
  }),
  attributes: inetdiagAttributes,
};
export const answers: Readonly<Record<number, Payload>> = {
  [AF_INET]: inetAnswer,
  [AF_INET6]: inetAnswer,
  [AF_UNIX]: {
    header: struct({
      udiag_family: family,
      udiag_type: u8(oneOf(t.sockTypes)),
      udiag_state: u8(oneOf(t.tcpTypes)),
      pad: reserved(1),
      udiag_ino: u32(),
      udiag_cookie: cookie,
    }),
    attributes: unixdiagAttributes,
  },
  [AF_NETLINK]: {
    header: struct({
      ndiag_family: family,
      ndiag_type: u8(oneOf(t.sockTypes)),
      ndiag_protocol: u8(oneOf(netlinkProtocols)),
      ndiag_state: u8(oneOf(t.netlinkTypes2)),
      ndiag_portid: u32(),
      ndiag_dst_portid: u32(),
      ndiag_dst_group: u32(),
      ndiag_ino: u32(),
      ndiag_cookie: cookie,
    }),
    attributes: netlinkdiagAttributes,
  },
  [AF_PACKET]: {
    header: struct({
      pdiag_family: family,
      pdiag_type: u8(oneOf(t.sockTypes)),
      pdiag_num: u16(oneOf(t.ethPTypes)),
      pdiag_ino: u32(),
      pdiag_cookie: cookie,
    }),
    attributes: packetdiagAttributes,
  },
  [AF_SMC]: {
    header: struct({
      diag_family: family,
      diag_state: u8(oneOf(t.smcTypes)),
      diag_fallback: u8(oneOf(t.smcDiagModeTypes)),
      diag_shutdown: u8(),
      id: socketId,
      diag_uid: u32(),
      diag_inode: u64(),
    }),
    attributes: smcdiagAttributes,
  },
};

/** The question about a family: TCP's and DCCP's were asked by messages of their own once. */
function questionAbout(ofFamily: number, type: number): Payload | undefined {
  if (ofFamily !== AF_INET && ofFamily !== AF_INET6) return questions[ofFamily];
  return type === t.TCPDIAG_GETSOCK || type === t.DCCPDIAG_GETSOCK ? oldInetQuestion : inetQuestion;
}

export const sockDiagProtocol: Protocol = {
  showType: typesOf(t.sockDiagTypes),
  flags: () => t.getFlags,
  show: (c, type, payload, flags) => {
    const ofFamily = payload.getUint8(0);
    const isQuestion = (flags & interfaces.NLM_F_REQUEST) !== 0;
    const found = isQuestion ? questionAbout(ofFamily, type) : answers[ofFamily];
    if (found !== undefined && payload.byteLength > 1) showPayload(c, payload, found);
    else showFamilyAndData(c, payload);
  },
};
