// Attributes of addresses, of neighbours and their tables, and of address labels.

import * as t from "../constants/netlink.js";
import { inetProtocols } from "../constants/network.js";
import { struct, u16, u32, u64 } from "../struct.js";
import { attributes } from "./attribute.js";
import * as v from "./values.js";

export const addrAttributes = attributes(t.ifaTypes, {
  IFA_ADDRESS: v.familyAddress,
  IFA_LOCAL: v.familyAddress,
  IFA_LABEL: v.text,
  IFA_BROADCAST: v.familyAddress,
  IFA_ANYCAST: v.familyAddress,
  IFA_CACHEINFO: v.struct(struct({ ifa_prefered: u32(), ifa_valid: u32(), cstamp: u32(), tstamp: u32() })),
  IFA_MULTICAST: v.familyAddress,
  IFA_FLAGS: v.flags(t.ifaFFlags, 4),
  IFA_RT_PRIORITY: v.u32,
  IFA_TARGET_NETNSID: v.s32,
});

export const neighAttrsAttributes = attributes(t.nfeaTypes, {
  NFEA_ACTIVITY_NOTIFY: v.wideFlags(t.fdbNotifyFlags, 1),
});

export const neighAttributes = attributes(t.ndaTypes, {
  NDA_DST: v.familyAddress,
  NDA_LLADDR: v.hardwareAddress,
  NDA_CACHEINFO: v.struct(struct({ ndm_confirmed: u32(), ndm_used: u32(), ndm_updated: u32(), ndm_refcnt: u32() })),
  NDA_PROBES: v.u32,
  NDA_VLAN: v.u16,
  NDA_PORT: v.port,
  NDA_VNI: v.u32,
  NDA_IFINDEX: v.interfaceIndex,
  NDA_MASTER: v.interfaceIndex,
  NDA_LINK_NETNSID: v.u32,
  NDA_SRC_VNI: v.u32,
  NDA_PROTOCOL: v.wideOneOf(inetProtocols, 1),
  NDA_NH_ID: v.u32,
  NDA_FDB_EXT_ATTRS: v.nested(neighAttrsAttributes),
  NDA_FLAGS_EXT: v.wideFlags(t.ntfExtFlags, 4),
  NDA_NDM_STATE_MASK: v.wideFlags(t.nudFlags, 2),
  NDA_NDM_FLAGS_MASK: v.wideFlags(t.ntfFlags, 1),
});

export const neightblParmsAttributes = attributes(t.ndtpaTypes, {
  NDTPA_IFINDEX: v.interfaceIndex,
  NDTPA_REFCNT: v.u32,
  NDTPA_REACHABLE_TIME: v.u64,
  NDTPA_BASE_REACHABLE_TIME: v.u64,
  NDTPA_RETRANS_TIME: v.u64,
  NDTPA_GC_STALETIME: v.u64,
  NDTPA_DELAY_PROBE_TIME: v.u64,
  NDTPA_QUEUE_LEN: v.u32,
  NDTPA_APP_PROBES: v.u32,
  NDTPA_UCAST_PROBES: v.u32,
  NDTPA_MCAST_PROBES: v.u32,
  NDTPA_ANYCAST_DELAY: v.u64,
  NDTPA_PROXY_DELAY: v.u64,
  NDTPA_PROXY_QLEN: v.u32,
  NDTPA_LOCKTIME: v.u64,
  NDTPA_QUEUE_LENBYTES: v.u32,
  NDTPA_MCAST_REPROBES: v.u32,
  NDTPA_INTERVAL_PROBE_TIME_MS: v.u64,
});

export const neightblAttributes = attributes(t.ndtaTypes, {
  NDTA_NAME: v.text,
  NDTA_THRESH1: v.u32,
  NDTA_THRESH2: v.u32,
  NDTA_THRESH3: v.u32,
  NDTA_CONFIG: v.struct(
    struct({
      ndtc_key_len: u16(),
      ndtc_entry_size: u16(),
      ndtc_entries: u32(),
      ndtc_last_flush: u32(),
      ndtc_last_rand: u32(),
      ndtc_hash_rnd: u32(),
      ndtc_hash_mask: u32(v.eightDigits),
      ndtc_hash_chain_gc: u32(),
      ndtc_proxy_qlen: u32(),
    }),
  ),
  NDTA_PARMS: v.nested(neightblParmsAttributes),
  NDTA_STATS: v.struct(
    struct({
      ndts_allocs: u64(),
      ndts_destroys: u64(),
      ndts_hash_grows: u64(),
      ndts_res_failed: u64(),
      ndts_lookups: u64(),
      ndts_hits: u64(),
      ndts_rcv_probes_mcast: u64(),
      ndts_rcv_probes_ucast: u64(),
      ndts_periodic_gc_runs: u64(),
      ndts_forced_gc_runs: u64(),
      ndts_table_fulls: u64(),
    }),
  ),
  NDTA_GC_INTERVAL: v.u64,
});

export const addrlabelAttributes = attributes(t.ifalTypes, {
  IFAL_ADDRESS: v.familyAddress,
  IFAL_LABEL: v.u32,
});
