// Values of sock_diag(7)'s attributes that are more than a structure: filters, keys, and options in bits.

import type { ArgumentType } from "../argument.js";
import { showSocketStatements } from "../bpf/filter.js";
import * as t from "../constants/netlink.js";
import { AF_INET, AF_INET6, AF_SMC, addressFamilies } from "../constants/network.js";
import { hex, unsignedNumber } from "../digits.js";
import { showInet6Field, showInetAddress } from "../named-bytes.js";
import { oneOf } from "../scalars.js";
import type { ShowContext } from "../show.js";
import { showSocketAddress } from "../socket-address.js";
import { longBytes, reserved, struct, subview, u8, u16, u32, u64 } from "../struct.js";
import { type AttributeValue, addressOf, showHexBytes } from "./attribute.js";
import * as v from "./values.js";

/** An address of `ofFamily`: SMC's are IPv4's. Bytes where it is cut or of another family. */
export function showDiagnosedAddress(c: ShowContext, address: DataView, name: string, ofFamily: number): void {
  const bytes = new Uint8Array(address.buffer, address.byteOffset, address.byteLength);
  if (ofFamily === AF_INET6 && bytes.length >= 16) {
    showInet6Field(c, name, bytes);
    return;
  }
  c.out.name(name);
  c.out.punct("=");
  if ((ofFamily === AF_INET || ofFamily === AF_SMC) && bytes.length >= 4) showInetAddress(c, bytes);
  else showHexBytes(c, address);
}

const operation = struct({ code: u8(oneOf(t.inetDiagBcTypes)), yes: u8(), no: u16() });
const hostCondition = struct({ family: u8(oneOf(addressFamilies)), prefix_len: u8(), pad: reserved(2), port: u32() });
const markCondition = struct({ mark: u32(), mask: u32() });

/** The operand of a comparison with a host: an address of any length. */
const host: AttributeValue = {
  least: hostCondition.size(),
  show: (c, view) => {
    const start = hostCondition.size();
    c.out.punct("{");
    hostCondition.showFields(c, view, ["family", "prefix_len", "port"]);
    if (view.byteLength > start) {
      c.out.punct(", ");
      showDiagnosedAddress(c, subview(view, start, view.byteLength - start), "addr", view.getUint8(0));
    }
    c.out.punct("}");
  },
};

/** What follows an operation of inet_diag's filters, by its code. */
const operands: Readonly<Record<number, AttributeValue>> = {
  [t.INET_DIAG_BC_S_GE]: v.struct(operation),
  [t.INET_DIAG_BC_S_LE]: v.struct(operation),
  [t.INET_DIAG_BC_D_GE]: v.struct(operation),
  [t.INET_DIAG_BC_D_LE]: v.struct(operation),
  [t.INET_DIAG_BC_S_COND]: host,
  [t.INET_DIAG_BC_D_COND]: host,
  [t.INET_DIAG_BC_DEV_COND]: v.interfaceIndex,
  [t.INET_DIAG_BC_MARK_COND]: v.struct(markCondition),
};

/** The first operation of a filter. */
export const filter: AttributeValue = {
  least: operation.size(),
  show: (c, view, family) => {
    operation.show(c, view);
    const start = operation.size();
    if (view.byteLength <= start) return;
    c.out.punct(", ");
    const operand = subview(view, start, view.byteLength - start);
    const known = operands[view.getUint8(0)] ?? v.hex;
    if (operand.byteLength < known.least) showHexBytes(c, operand);
    else known.show(c, operand, family);
  },
};

/** A word of a set of groups: all places, for zero too. */
const groupsWord: ArgumentType<unknown> = {
  receive: unsignedNumber,
  show: (c, low, high) => {
    const places = 2 * longBytes(c.abi);
    const digits = hex(low, high).replace(/^0x/, "");
    c.out.number(low === 0 && high === 0 ? digits.padStart(places, "0") : `0x${digits.padStart(places - 2, "0")}`);
  },
};
const [longs, ints] = [v.list(u64(groupsWord)), v.list(u32(groupsWord))];

/** A set of groups, in words of the program's. */
export const groups: AttributeValue = {
  least: ints.least,
  show: (c, view, family) => {
    const words = longBytes(c.abi) === 8 ? longs : ints;
    if (view.byteLength < words.least) showHexBytes(c, view);
    else words.show(c, view, family);
  },
};

const MD5_KEY = 80;
const signature = struct({
  tcpm_family: u8(oneOf(addressFamilies)),
  tcpm_prefixlen: u8(),
  tcpm_keylen: u16(),
  tcpm_addr: reserved(16),
  tcpm_key: reserved(MD5_KEY),
});

/** struct tcp_diag_md5sig, of which there may be several. */
export const signatures: AttributeValue = v.sequence(signature.size(), (c, view) => {
  const { out } = c;
  out.punct("{");
  signature.showFields(c, view, ["tcpm_family", "tcpm_prefixlen", "tcpm_keylen"]);
  out.punct(", ");
  showDiagnosedAddress(c, signature.inner(view, "tcpm_addr"), "tcpm_addr", view.getUint8(0));
  out.punct(", ");
  out.name("tcpm_key");
  out.punct("=");
  const length = Math.min(signature.get(view, "tcpm_keylen"), MD5_KEY);
  showHexBytes(c, subview(view, signature.offset("tcpm_key"), length));
  out.punct("}");
});

const MAX_ADDR_LEN = 32;
const multicast = struct({
  pdmc_index: v.interfaceField,
  pdmc_count: u32(),
  pdmc_type: u16(),
  pdmc_alen: u16(),
  pdmc_addr: reserved(MAX_ADDR_LEN),
});

/** struct packet_diag_mclist: the groups a packet socket has joined. */
export const multicasts: AttributeValue = v.sequence(multicast.size(), (c, view) => {
  c.out.punct("{");
  multicast.showFields(c, view, ["pdmc_index", "pdmc_count", "pdmc_type", "pdmc_alen"]);
  c.out.punct(", ");
  c.out.name("pdmc_addr");
  c.out.punct("=");
  const length = Math.min(multicast.get(view, "pdmc_alen"), MAX_ADDR_LEN);
  showHexBytes(c, subview(view, multicast.offset("pdmc_addr"), length));
  c.out.punct("}");
});

const SOCKADDR_STORAGE = 128;
export const socketAddresses: AttributeValue = v.sequence(SOCKADDR_STORAGE, showSocketAddress);

/** A packet socket's filter: in short, where it is. */
export const packetFilter: AttributeValue = {
  least: 8,
  show: (c, view) => {
    if (!c.abbreviate) showSocketStatements(c, view);
    else c.out.address(`0x${addressOf(view).toString(16)}`);
  },
};

const isZero = (view: DataView): boolean =>
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength).every((byte) => byte === 0);

/** struct inet_diag_sockopt: two bytes of bits, of which in short those that are set are told. */
const options = [
  ..."recverr is_icsk freebind hdrincl mc_loop transparent mc_all nodefrag".split(" "),
  ..."bind_address_no_port recverr_rfc4884 defer_connect".split(" "),
];

export const socketOptions: AttributeValue = {
  least: 2,
  show: (c, view) => {
    const { out } = c;
    const bits = view.getUint16(0, true);
    out.punct("{");
    let isFirst = true;
    const tell = (name: string, value: string): void => {
      if (!isFirst) out.punct(", ");
      isFirst = false;
      out.name(name);
      out.punct("=");
      out.number(value);
    };
    for (const [at, name] of options.entries()) {
      const bit = (bits >> at) & 1;
      if (bit === 1 || !c.abbreviate) tell(name, bit.toString());
    }
    const unused = bits >> options.length;
    if (unused !== 0 || !c.abbreviate) {
      tell("unused", hex(unused));
      out.comment(" /* bits 3..8 */");
    }
    out.punct("}");
    const rest = subview(view, 2, view.byteLength - 2);
    if (isZero(rest)) return;
    out.punct(",");
    out.comment(` /* bytes 2..${view.byteLength - 1} */`);
    out.punct(" ");
    showHexBytes(c, rest);
  },
};
