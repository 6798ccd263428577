// Requests about network interfaces: struct ifreq and struct ifconf, as ioctls take them. See netdevice(7).
import type { ArgumentType } from "./argument.js";
import * as ifc from "./constants/interfaces.js";
import * as hw from "./constants/netlink.js";
import { hex, unsignedNumber } from "./digits.js";
import { peekView, wordSize } from "./memory.js";
import { hexInt, hexLong, showAddress } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { showSocketAddress } from "./socket-address.js";
import { quoted } from "./strings.js";
import { showPointed, struct, subview, u8, u16, u64 } from "./struct.js";
import { showEnumeration, showFlags } from "./tables.js";

const IFREQ = 40;
const UNION = ifc.IFNAMSIZ;

/** struct ifmap. */
const map = struct({
  mem_start: u64(hexLong),
  mem_end: u64(hexLong),
  base_addr: u16(hexInt),
  irq: u8(hexInt),
  dma: u8(hexInt),
  port: u8(hexInt),
});
const showMap = (c: ShowContext, value: DataView): void => map.show(c, value);

/** By command: the member of the union, and how it is shown. */
const members = new Map<number, readonly [name: string, show: (c: ShowContext, value: DataView) => void]>([
  [ifc.SIOCGIFFLAGS, ["ifr_flags", (c, value) => showFlags(c, ifc.interfaceFlags, value.getUint16(0, true))]],
  [ifc.SIOCGIFADDR, ["ifr_addr", showInet]],
  [ifc.SIOCGIFDSTADDR, ["ifr_dstaddr", showInet]],
  [ifc.SIOCGIFBRDADDR, ["ifr_broadaddr", showInet]],
  [ifc.SIOCGIFNETMASK, ["ifr_netmask", showInet]],
  [ifc.SIOCGIFHWADDR, ["ifr_hwaddr", showHardware]],
  [ifc.SIOCGIFMETRIC, ["ifr_metric", showInt]],
  [ifc.SIOCGIFMTU, ["ifr_mtu", showInt]],
  [ifc.SIOCGIFINDEX, ["ifr_ifindex", showInt]],
  [ifc.SIOCGIFTXQLEN, ["ifr_qlen", showInt]],
  [ifc.SIOCGIFMAP, ["ifr_map", showMap]],
  [ifc.SIOCGIFSLAVE, ["ifr_slave", (c, value) => showNameAt(c, value, 0)]],
]);

function showInt(c: ShowContext, value: DataView): void {
  c.out.number(value.getInt32(0, true).toString());
}

function showInet(c: ShowContext, value: DataView): void {
  showSocketAddress(c, subview(value, 0, 16));
}

/** How long addresses are, by type of hardware; those of other types fill sa_data. */
const hardwareLengths: Readonly<Record<number, number>> = {
  ...lengths(1, [hw.ARPHRD_ARCNET, hw.ARPHRD_MCTP, hw.ARPHRD_LOCALTLK, hw.ARPHRD_PHONET, hw.ARPHRD_PHONET_PIPE]),
  ...lengths(1, [hw.ARPHRD_CAIF]),
  ...lengths(2, [hw.ARPHRD_DLCI]),
  ...lengths(4, [hw.ARPHRD_TUNNEL, hw.ARPHRD_SIT, hw.ARPHRD_IPDDP, hw.ARPHRD_IPGRE, hw.ARPHRD_PIMREG, hw.ARPHRD_IRDA]),
  ...lengths(5, [hw.ARPHRD_ROSE, hw.ARPHRD_X25]),
  ...lengths(6, [hw.ARPHRD_ETHER, hw.ARPHRD_IEEE802, ifc.ARPHRD_LOOPBACK, hw.ARPHRD_FDDI, hw.ARPHRD_HIPPI]),
  ...lengths(6, [hw.ARPHRD_IEEE80211, hw.ARPHRD_IEEE80211_PRISM, hw.ARPHRD_IEEE80211_RADIOTAP]),
  ...lengths(7, [hw.ARPHRD_NETROM, hw.ARPHRD_AX25]),
  ...lengths(8, [hw.ARPHRD_EUI64, hw.ARPHRD_IEEE802154, hw.ARPHRD_IEEE802154_MONITOR, hw.ARPHRD_6LOWPAN]),
  ...lengths(8, [hw.ARPHRD_VSOCKMON]),
};

function lengths(length: number, types: readonly number[]): Record<number, number> {
  return Object.fromEntries(types.map((type) => [type, length]));
}

function showHardware(c: ShowContext, value: DataView): void {
  const { out } = c;
  const type = value.getUint16(0, true);
  out.punct("{");
  out.name("sa_family");
  out.punct("=");
  showEnumeration(c, hw.arphrdTypes, type);
  out.punct(", ");
  out.name("sa_data");
  out.punct("=");
  const data = new Uint8Array(value.buffer, value.byteOffset + 2, 14);
  const text = [...data.subarray(0, hardwareLengths[type] ?? data.length)]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join(":");
  if (c.style.constants === "abbrev") out.string(text);
  else {
    out.string(quoted(data, { hexStrings: "always" }));
    if (c.style.constants === "verbose") out.comment(` /* ${text} */`);
  }
  out.punct("}");
}

/** A name in the 16 bytes at `at`. */
function showNameAt(c: ShowContext, request: DataView, at: number): void {
  const name = new Uint8Array(request.buffer, request.byteOffset + at, ifc.IFNAMSIZ);
  const end = name.indexOf(0);
  c.out.string(quoted(end < 0 ? name.subarray(0, ifc.IFNAMSIZ - 1) : name.subarray(0, end), c.style));
  if (end < 0) c.out.punct("...");
}

function showName(c: ShowContext, request: DataView): void {
  c.out.name("ifr_name");
  c.out.punct("=");
  showNameAt(c, request, 0);
}

/** struct ifreq of the commands that ask. */
export const interfaceRequest: ArgumentType<number> = {
  receive: unsignedNumber,
  atExit: true,
  show: (c, low, high) =>
    showPointed(c, low, high, IFREQ, (_, request) => {
      const command = c.low("op") >>> 0;
      const member = members.get(command);
      c.out.punct("{");
      if (command === ifc.SIOCGIFNAME) {
        c.out.name("ifr_ifindex");
        c.out.punct("=");
        c.out.number(request.getInt32(UNION, true).toString());
        if (!c.failed) c.out.punct(", ");
      }
      if (command !== ifc.SIOCGIFNAME || !c.failed) showName(c, request);
      if (member !== undefined && !c.failed) {
        c.out.punct(", ");
        c.out.name(member[0]);
        c.out.punct("=");
        member[1](c, subview(request, UNION, IFREQ - UNION));
      }
      c.out.punct("}");
    }),
};

/** struct ifreq of a command that sets `member`. */
export function interfaceChange(member: string, show: (c: ShowContext, value: DataView) => void): ArgumentType<number> {
  return {
    receive: unsignedNumber,
    show: (c, low, high) =>
      showPointed(c, low, high, IFREQ, (_, request) => {
        c.out.punct("{");
        showName(c, request);
        c.out.punct(", ");
        c.out.name(member);
        c.out.punct("=");
        show(c, subview(request, UNION, IFREQ - UNION));
        c.out.punct("}");
      }),
  };
}

/** The members of struct ifreq's union, as commands set them. */
export const interfaceChanges = {
  flags: interfaceChange("ifr_flags", (c, value) => showFlags(c, ifc.interfaceFlags, value.getUint16(0, true))),
  address: interfaceChange("ifr_addr", showInet),
  destination: interfaceChange("ifr_dstaddr", showInet),
  broadcast: interfaceChange("ifr_broadaddr", showInet),
  mask: interfaceChange("ifr_netmask", showInet),
  metric: interfaceChange("ifr_metric", showInt),
  mtu: interfaceChange("ifr_mtu", showInt),
  hardware: interfaceChange("ifr_hwaddr", showHardware),
  name: interfaceChange("ifr_newname", (c, value) => showNameAt(c, value, 0)),
  slave: interfaceChange("ifr_slave", (c, value) => showNameAt(c, value, 0)),
  queue: interfaceChange("ifr_qlen", showInt),
  map: interfaceChange("ifr_map", showMap),
};

/** struct ifconf: the length that was there, the length that came, and the interfaces. */
export const interfaceList: ArgumentType<number> = {
  receive: unsignedNumber,
  atExit: true,
  enter: (c, low, high) => {
    const view = peekView(c.tracee, unsignedNumber(low, high), 16);
    c.notes[c.index] = view && {
      length: view.getInt32(0, true),
      buffer: Number(view.getBigUint64(8, true)),
      text: hex(view.getInt32(8, true), view.getInt32(12, true)),
    };
  },
  show: (c, low, high) => {
    const before = c.notes[c.index] as { length: number; buffer: number; text: string } | undefined;
    if (before === undefined || wordSize(c) !== 8) {
      showAddress(c, low, high);
      return;
    }
    showPointed(c, low, high, 16, (_, view) => {
      const { out } = c;
      const length = c.failed ? before.length : view.getInt32(0, true);
      const count = Math.floor(length / IFREQ);
      out.punct("{");
      out.name("ifc_len");
      out.punct("=");
      if (before.buffer !== 0 && length !== before.length) {
        out.number(before.length.toString());
        out.punct(" => ");
      }
      out.number(length.toString());
      if (!c.failed && length === count * IFREQ) out.comment(` /* ${count} * sizeof(struct ifreq) */`);
      out.punct(", ");
      out.name("ifc_buf");
      out.punct("=");
      const requests = c.failed ? undefined : peekView(c.tracee, before.buffer, count * IFREQ);
      if (before.buffer === 0) out.flag("NULL");
      else if (requests === undefined) out.address(before.text);
      else showRequests(c, requests, count);
      out.punct("}");
    });
  },
};

function showRequests(c: ShowContext, requests: DataView, count: number): void {
  c.out.punct("[");
  for (let i = 0; i < count; i++) {
    c.out.punct(i === 0 ? "{" : ", {");
    showName(c, subview(requests, i * IFREQ, IFREQ));
    c.out.punct(", ");
    c.out.name("ifr_addr");
    c.out.punct("=");
    showInet(c, subview(requests, i * IFREQ + UNION, IFREQ - UNION));
    c.out.punct("}");
  }
  c.out.punct("]");
}
