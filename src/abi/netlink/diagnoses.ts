// Attributes of what sock_diag(7) tells of sockets.

import * as t from "../constants/netlink.js";
import { inetProtocols } from "../constants/network.js";
import { device, flagsOf, hexInt, oneOf } from "../scalars.js";
import { struct, u16, u32 } from "../struct.js";
import { attributes } from "./attribute.js";
import {
  filter,
  groups,
  multicasts,
  packetFilter,
  signatures,
  socketAddresses,
  socketOptions,
} from "./diagnosis-values.js";
import * as v from "./values.js";

const memoryOfSocket = v.indexed(t.skMeminfo, u32());

export const inetdiagInfoTlsAttributes = attributes(t.tlsInfoTypes, {
  TLS_INFO_VERSION: v.notBeyond(8, v.oneOf(t.tlsVersionTypes, 2)),
  TLS_INFO_CIPHER: v.notBeyond(8, v.oneOf(t.tlsCipherTypes, 2)),
  TLS_INFO_TXCONF: v.notBeyond(8, v.oneOf(t.tlsConfTypes, 2)),
  TLS_INFO_RXCONF: v.notBeyond(8, v.oneOf(t.tlsConfTypes, 2)),
});

export const inetdiagInfoMptcpAttributes = attributes(t.mptcpSubflowAttrTypes, {
  MPTCP_SUBFLOW_ATTR_TOKEN_REM: v.x32,
  MPTCP_SUBFLOW_ATTR_TOKEN_LOC: v.x32,
  MPTCP_SUBFLOW_ATTR_RELWRITE_SEQ: v.u32,
  MPTCP_SUBFLOW_ATTR_MAP_SEQ: v.u64,
  MPTCP_SUBFLOW_ATTR_MAP_SFSEQ: v.u32,
  MPTCP_SUBFLOW_ATTR_SSN_OFFSET: v.u32,
  MPTCP_SUBFLOW_ATTR_MAP_DATALEN: v.u16,
  MPTCP_SUBFLOW_ATTR_FLAGS: v.wideFlags(t.mptcpSubflowFlagFlags, 4),
  MPTCP_SUBFLOW_ATTR_ID_REM: v.u8,
  MPTCP_SUBFLOW_ATTR_ID_LOC: v.u8,
});

export const inetdiagInfoAttributes = attributes(t.inetUlpInfoTypes, {
  INET_ULP_INFO_NAME: v.text,
  INET_ULP_INFO_TLS: v.nested(inetdiagInfoTlsAttributes),
  INET_ULP_INFO_MPTCP: v.nested(inetdiagInfoMptcpAttributes),
});

export const inetdiagStoragesStorageAttributes = attributes(t.skDiagBpfStorageTypes2, {
  SK_DIAG_BPF_STORAGE_MAP_ID: v.u32,
  SK_DIAG_BPF_STORAGE_MAP_VALUE: v.hexOfAnySize,
});

export const inetdiagStoragesAttributes = attributes(t.skDiagBpfStorageTypes, {
  SK_DIAG_BPF_STORAGE: v.nested(inetdiagStoragesStorageAttributes),
});

export const inetdiagAttributes = attributes(t.inetDiagTypes, {
  INET_DIAG_MEMINFO: v.struct(struct({ idiag_rmem: u32(), idiag_wmem: u32(), idiag_fmem: u32(), idiag_tmem: u32() })),
  INET_DIAG_VEGASINFO: v.struct(
    struct({ tcpv_enabled: u32(), tcpv_rttcnt: u32(), tcpv_rtt: u32(), tcpv_minrtt: u32() }),
  ),
  INET_DIAG_CONG: v.text,
  INET_DIAG_TOS: v.u8,
  INET_DIAG_TCLASS: v.u8,
  INET_DIAG_SKMEMINFO: memoryOfSocket,
  INET_DIAG_SHUTDOWN: v.toldFlags(t.shutdownFlags),
  INET_DIAG_DCTCPINFO: v.struct(
    struct({
      dctcp_enabled: u16(),
      dctcp_ce_state: u16(),
      dctcp_alpha: u32(),
      dctcp_ab_ecn: u32(),
      dctcp_ab_tot: u32(),
    }),
  ),
  INET_DIAG_PROTOCOL: v.wideOneOf(inetProtocols, 1),
  INET_DIAG_SKV6ONLY: v.u8,
  INET_DIAG_LOCALS: socketAddresses,
  INET_DIAG_PEERS: socketAddresses,
  INET_DIAG_MARK: v.u32,
  INET_DIAG_BBRINFO: v.struct(
    struct({
      bbr_bw_lo: u32(hexInt),
      bbr_bw_hi: u32(hexInt),
      bbr_min_rtt: u32(),
      bbr_pacing_gain: u32(),
      bbr_cwnd_gain: u32(),
    }),
  ),
  INET_DIAG_CLASS_ID: v.u32,
  INET_DIAG_MD5SIG: signatures,
  INET_DIAG_ULP_INFO: v.nested(inetdiagInfoAttributes),
  INET_DIAG_SK_BPF_STORAGES: v.nested(inetdiagStoragesAttributes),
  INET_DIAG_CGROUP_ID: v.u64,
  INET_DIAG_SOCKOPT: socketOptions,
});

export const inetdiagreqAttributes = attributes(t.inetDiagReqTypes, {
  INET_DIAG_REQ_BYTECODE: filter,
  INET_DIAG_REQ_PROTOCOL: v.wideOneOf(inetProtocols, 1),
});

export const unixdiagAttributes = attributes(t.unixDiagTypes, {
  UNIX_DIAG_NAME: v.text,
  UNIX_DIAG_VFS: v.struct(
    struct({ udiag_vfs_ino: u32(), udiag_vfs_dev: u32(device) }, { shown: ["udiag_vfs_dev", "udiag_vfs_ino"] }),
  ),
  UNIX_DIAG_PEER: v.u32,
  UNIX_DIAG_ICONS: v.list(u32()),
  UNIX_DIAG_RQLEN: v.struct(struct({ udiag_rqueue: u32(), udiag_wqueue: u32() })),
  UNIX_DIAG_MEMINFO: memoryOfSocket,
  UNIX_DIAG_SHUTDOWN: v.u8,
  UNIX_DIAG_UID: v.u32,
});

export const netlinkdiagAttributes = attributes(t.netlinkDiagTypes, {
  NETLINK_DIAG_MEMINFO: memoryOfSocket,
  NETLINK_DIAG_GROUPS: groups,
  NETLINK_DIAG_RX_RING: v.struct(
    struct({ ndr_block_size: u32(), ndr_block_nr: u32(), ndr_frame_size: u32(), ndr_frame_nr: u32() }),
  ),
  NETLINK_DIAG_TX_RING: v.struct(
    struct({ ndr_block_size: u32(), ndr_block_nr: u32(), ndr_frame_size: u32(), ndr_frame_nr: u32() }),
  ),
  NETLINK_DIAG_FLAGS: v.flags(t.ndiagFlagFlags, 4),
});

export const packetdiagAttributes = attributes(t.packetDiagTypes, {
  PACKET_DIAG_INFO: v.struct(
    struct({
      pdi_index: v.interfaceField,
      pdi_version: u32(oneOf(t.tpacketTypes)),
      pdi_reserve: u32(),
      pdi_copy_thresh: u32(),
      pdi_tstamp: u32(),
      pdi_flags: u32(flagsOf(t.pdiFlags)),
    }),
  ),
  PACKET_DIAG_MCLIST: multicasts,
  PACKET_DIAG_RX_RING: v.struct(
    struct({
      pdr_block_size: u32(),
      pdr_block_nr: u32(),
      pdr_frame_size: u32(),
      pdr_frame_nr: u32(),
      pdr_retire_tmo: u32(),
      pdr_sizeof_priv: u32(),
      pdr_features: u32(),
    }),
  ),
  PACKET_DIAG_TX_RING: v.struct(
    struct({
      pdr_block_size: u32(),
      pdr_block_nr: u32(),
      pdr_frame_size: u32(),
      pdr_frame_nr: u32(),
      pdr_retire_tmo: u32(),
      pdr_sizeof_priv: u32(),
      pdr_features: u32(),
    }),
  ),
  PACKET_DIAG_FANOUT: v.u32,
  PACKET_DIAG_UID: v.u32,
  PACKET_DIAG_MEMINFO: memoryOfSocket,
  PACKET_DIAG_FILTER: packetFilter,
});

export const smcdiagAttributes = attributes(t.smcDiagTypes, {});

export const tcpdiagreqAttributes = attributes(t.inetDiagReqTypes, {});
