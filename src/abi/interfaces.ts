// Requests about network interfaces: struct ifreq and struct ifconf, as ioctls take them. See netdevice(7).
import type { ArgumentType } from "./argument.js";
import * as ifc from "./constants/interfaces.js";
import { unsignedNumber } from "./digits.js";
import { peekView, wordSize } from "./memory.js";
import { showAddress } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { showSocketAddress } from "./socket-address.js";
import { quoted } from "./strings.js";
import { showPointed, subview } from "./struct.js";
import { showFlags } from "./tables.js";

const IFREQ = 40;
const UNION = ifc.IFNAMSIZ;

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
]);

export const interfaceCommands: readonly number[] = [...members.keys(), ifc.SIOCGIFNAME];

function showInt(c: ShowContext, value: DataView): void {
  c.out.number(value.getInt32(0, true).toString());
}

function showInet(c: ShowContext, value: DataView): void {
  showSocketAddress(c, subview(value, 0, 16));
}

function showHardware(c: ShowContext, value: DataView): void {
  const { out } = c;
  const type = value.getUint16(0, true);
  out.punct("{");
  out.name("sa_family");
  out.punct("=");
  if (type === ifc.ARPHRD_LOOPBACK) out.flag("ARPHRD_LOOPBACK");
  else out.number(type.toString());
  out.punct(", ");
  out.name("sa_data");
  out.punct("=");
  out.string(
    [...new Uint8Array(value.buffer, value.byteOffset + 2, 6)].map((b) => b.toString(16).padStart(2, "0")).join(":"),
  );
  out.punct("}");
}

/** struct ifmap. */
function showMap(c: ShowContext, value: DataView): void {
  const fields: readonly (readonly [string, number])[] = [
    ["mem_start", Number(value.getBigUint64(0, true))],
    ["mem_end", Number(value.getBigUint64(8, true))],
    ["base_addr", value.getUint16(16, true)],
    ["irq", value.getUint8(18)],
    ["dma", value.getUint8(19)],
    ["port", value.getUint8(20)],
  ];
  c.out.punct("{");
  fields.forEach(([name, number], index) => {
    if (index > 0) c.out.punct(", ");
    c.out.name(name);
    c.out.punct("=");
    c.out.number(number === 0 ? "0" : `0x${number.toString(16)}`);
  });
  c.out.punct("}");
}

function showName(c: ShowContext, request: DataView): void {
  const name = new Uint8Array(request.buffer, request.byteOffset, UNION);
  const end = name.indexOf(0);
  c.out.name("ifr_name");
  c.out.punct("=");
  c.out.string(quoted(end < 0 ? name : name.subarray(0, end), c.style));
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

/** struct ifconf: the length that was there, the length that came, and the interfaces. */
export const interfaceList: ArgumentType<number> = {
  receive: unsignedNumber,
  atExit: true,
  enter: (c, low, high) => {
    const view = peekView(c.tracee, unsignedNumber(low, high), 16);
    c.notes[c.index] = view && { length: view.getInt32(0, true), buffer: Number(view.getBigUint64(8, true)) };
  },
  show: (c, low, high) => {
    const before = c.notes[c.index] as { length: number; buffer: number } | undefined;
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
      else if (requests === undefined) out.address(`0x${before.buffer.toString(16)}`);
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
