// Values of socket options that are structures of their own, or words with a meaning, where a program sets them.
import {
  hashChoices,
  ICMP_FILTER,
  IP_LOCAL_PORT_RANGE,
  icmpTypes,
  keyFlags,
  MCAST_JOIN_GROUP,
  MCAST_LEAVE_GROUP,
  PACKET_ADD_MEMBERSHIP,
  PACKET_DROP_MEMBERSHIP,
  PACKET_RX_RING,
  PACKET_TX_RING,
  packetMemberships,
  SO_TXREHASH,
  SOL_IP,
  SOL_IPV6,
  SOL_PACKET,
  SOL_RAW,
  SOL_SOCKET,
  SOL_TCP,
  TCP_AO_ADD_KEY,
} from "./constants/network.js";
import { showInterface } from "./control-messages.js";
import { hex, unsignedNumber } from "./digits.js";
import { peekView } from "./memory.js";
import { nameField } from "./name-field.js";
import { showHardwareAddress } from "./named-bytes.js";
import { flagsOf, oneOf, showAddress } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { showSocketAddress } from "./socket-address.js";
import { quoted } from "./strings.js";
import {
  bytes,
  type Fields,
  longBytes,
  reserved,
  type Struct,
  showPointed,
  struct,
  subview,
  u8,
  u16,
  u32,
} from "./struct.js";
import { showEnumeration } from "./tables.js";

const SOCKADDR_STORAGE = 128;
const index = u32({ receive: (low) => low >>> 0, show: (c, low) => showInterface(c, low >>> 0) });

const group: Struct<Fields> = struct({
  gr_interface: index,
  gr_group: {
    ...bytes(SOCKADDR_STORAGE, (c, view, at) => showSocketAddress(c, subview(view, at, SOCKADDR_STORAGE))),
    align: longBytes,
  },
});

const membership: Struct<Fields> = struct({
  mr_ifindex: index,
  mr_type: u16(oneOf(packetMemberships)),
  mr_alen: u16(),
  mr_address: bytes(8, (c, view, at) =>
    showHardwareAddress(c, new Uint8Array(view.buffer, view.byteOffset + at, Math.min(8, view.getUint16(6, true)))),
  ),
});

const ring: Struct<Fields> = struct({
  tp_block_size: u32(),
  tp_block_nr: u32(),
  tp_frame_size: u32(),
  tp_frame_nr: u32(),
});

const TCP_AO_MAXKEYLEN = 80;
const keyOfConnection: Struct<Fields> = struct({
  addr: bytes(SOCKADDR_STORAGE, (c, view, at) => showSocketAddress(c, subview(view, at, SOCKADDR_STORAGE))),
  alg_name: nameField(64),
  ifindex: index,
  set_current: bytes(4, (c, view, at) => c.out.number((view.getUint8(at) & 1).toString())),
  pad: reserved(2),
  prefix: u8(),
  sndid: u8(),
  rcvid: u8(),
  maclen: u8(),
  keyflags: u8(flagsOf(keyFlags)),
  keylen: u8(),
  key: bytes(TCP_AO_MAXKEYLEN, (c, view, at) => {
    const length = Math.min(view.getUint8(at - 1), TCP_AO_MAXKEYLEN);
    c.out.string(quoted(new Uint8Array(view.buffer, view.byteOffset + at, length), { hexStrings: "always" }));
  }),
});

/** struct tcp_ao_add: what is not given is zeros. */
function showKeyOfConnection(c: ShowContext, found: DataView): void {
  const whole = new Uint8Array(keyOfConnection.size());
  whole.set(new Uint8Array(found.buffer, found.byteOffset, found.byteLength));
  const view = new DataView(whole.buffer);
  c.out.punct("{");
  keyOfConnection.showFields(c, view, ["addr", "prefix", "alg_name", "ifindex", "set_current"]);
  c.out.punct(", ");
  c.out.name("set_rnext");
  c.out.punct("=");
  c.out.number(((view.getUint8(keyOfConnection.offset("set_current")) >> 1) & 1).toString());
  c.out.punct(", ");
  keyOfConnection.showFields(c, view, ["sndid", "rcvid", "maclen", "keyflags", "key", "keylen"]);
  c.out.punct("}");
}

/** Which structure an option is, and whether its length has to be just that. */
function structureOf(level: number, name: number): readonly [form: Struct<Fields>, isExact: boolean] | undefined {
  if (level === SOL_IP || level === SOL_IPV6)
    return name === MCAST_JOIN_GROUP || name === MCAST_LEAVE_GROUP ? [group, false] : undefined;
  if (level !== SOL_PACKET) return undefined;
  if (name === PACKET_ADD_MEMBERSHIP || name === PACKET_DROP_MEMBERSHIP) return [membership, true];
  return name === PACKET_RX_RING || name === PACKET_TX_RING ? [ring, true] : undefined;
}

/** False, and nothing printed, when the option is none of these. */
export function showStructuredOption(c: ShowContext, low: number, high: number, length: number): boolean {
  const [level, name] = [c.low("level"), c.low("optname")];
  const structure = structureOf(level, name);
  if (structure !== undefined) {
    const [form, isExact] = structure;
    const fits = isExact ? length === form.size(c.abi) : length >= form.size(c.abi);
    if (fits) showPointed(c, low, high, form.size(c.abi), (_, view) => form.show(c, view));
    else showAddress(c, low, high);
    return true;
  }
  if (level === SOL_SOCKET && name === SO_TXREHASH) {
    if (length >= 4) showPointed(c, low, high, 4, showHashChoice);
    else showAddress(c, low, high);
    return true;
  }
  if (level === SOL_TCP && name === TCP_AO_ADD_KEY) {
    if (length > 0) showPointed(c, low, high, Math.min(length, keyOfConnection.size()), showKeyOfConnection);
    else showAddress(c, low, high);
    return true;
  }
  if (level === SOL_RAW && name === ICMP_FILTER) {
    if (length > 0) showPointed(c, low, high, Math.min(length, 4), showMessageTypes);
    else showAddress(c, low, high);
    return true;
  }
  if (level !== SOL_IP || name !== IP_LOCAL_PORT_RANGE || length <= 0) return false;
  showPortRange(c, low, high, length);
  return true;
}

/** struct icmp_filter: the types of messages that are in it, or those that are not when that is shorter. What is cut is in it. */
function showMessageTypes(c: ShowContext, view: DataView): void {
  const whole = new Uint8Array(4).fill(255);
  whole.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  const bits = new DataView(whole.buffer).getInt32(0, true);
  const all = Array.from({ length: 32 }, (_, type) => type);
  const inside = all.filter((type) => (bits >>> type) & 1);
  const isInverted = inside.length > 16;
  c.out.punct(isInverted ? "~[" : "[");
  const shown = isInverted ? all.filter((type) => !inside.includes(type)) : inside;
  shown.forEach((type, at) => {
    if (at > 0) c.out.punct(" ");
    showEnumeration(c, icmpTypes, type);
  });
  c.out.punct("]");
}

function showHashChoice(c: ShowContext, view: DataView): void {
  c.out.punct("[");
  showEnumeration(c, hashChoices, view.getInt32(0, true), 0, "decimal");
  c.out.punct("]");
}

/** Two ports in a word, zero for none; a value of any other length is bytes. */
function showPortRange(c: ShowContext, low: number, high: number, length: number): void {
  const { out } = c;
  const shown = Math.min(length, Math.max(4, c.style.stringLimit));
  const view = peekView(c.tracee, unsignedNumber(low, high), length === 4 ? 4 : shown);
  if (view === undefined) {
    showAddress(c, low, high);
    return;
  }
  if (length !== 4) {
    out.string(
      quoted(new Uint8Array(view.buffer, view.byteOffset, Math.min(length, c.style.stringLimit)), {
        hexStrings: "always",
      }),
    );
    if (length > c.style.stringLimit) out.punct("...");
    return;
  }
  const [first, last] = [view.getUint16(0, true), view.getUint16(2, true)];
  out.punct("[");
  out.number(hex(view.getInt32(0, true)));
  const isRange = first !== 0 || last !== 0;
  if (isRange && (first === 0 || last === 0 || first <= last) && c.style.constants !== "raw")
    out.comment(` /* ${first || ""}..${last || ""} */`);
  out.punct("]");
}
