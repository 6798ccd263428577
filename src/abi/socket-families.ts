// The socket addresses that are structures of numbers, by family: vsock(7), packet(7), and what the kernel's headers say of the others.
import { bluetoothForm } from "./bluetooth-addresses.js";
import * as t from "./constants/netlink.js";
import {
  AF_ALG,
  AF_BLUETOOTH,
  AF_IEEE802154,
  AF_IPX,
  AF_MCTP,
  AF_NFC,
  AF_QIPCRTR,
  AF_TIPC,
  AF_VSOCK,
  AF_X25,
  AF_XDP,
} from "./constants/network.js";
import * as rare from "./rare-addresses.js";
import { hexInt, int, unsignedInt } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { type Fields, type Struct, struct, u8, u16, u32, unlessZero } from "./struct.js";
import { type Enumeration, showEnumeration, showFlags } from "./tables.js";

/** A value that has a name, or is plain hex. */
const named = (table: Enumeration) => {
  const names = table.calling("");
  return {
    receive: (low: number) => low,
    show: (c: ShowContext, low: number) => showEnumeration(c, names, low),
  };
};

const family = u16(hexInt);

const vsock = struct({
  sa_family: family,
  svm_reserved1: unlessZero(u16(hexInt)),
  svm_port: u32(named(t.vsockPorts)),
  svm_cid: u32(named(t.vsockCids)),
  svm_flags: u8({ receive: (low) => low, show: (c, low) => showFlags(c, t.vsockFlags, low) }),
});

const qualcommRouter = struct({ sa_family: family, sq_node: u32(hexInt), sq_port: u32(hexInt) });

const xdp = struct({
  sa_family: family,
  sxdp_flags: u16({ receive: (low) => low, show: (c, low) => showFlags(c, t.xdpBindFlags, low) }),
  sxdp_ifindex: u32(unsignedInt),
  sxdp_queue_id: u32(unsignedInt),
  sxdp_shared_umem_fd: u32(int),
});

const mctp = struct({
  sa_family: family,
  __smctp_pad0: unlessZero(u16(hexInt)),
  smctp_network: u32(named(t.mctpNetworks)),
  smctp_addr: u8({
    receive: (low) => low,
    show: (c, low) => {
      c.out.punct("{");
      c.out.name("s_addr");
      c.out.punct("=");
      showEnumeration(c, t.mctpAddresses, low);
      c.out.punct("}");
    },
  }),
  smctp_type: u8(hexInt),
  smctp_tag: u8(hexInt),
  __smctp_pad1: unlessZero(u8(hexInt)),
});

/** What is printed behind the family, where the address is at least `least` bytes long. */
interface Address {
  readonly least: number;
  readonly form: Struct<Fields>;
  fields(view: DataView): readonly string[];
  /** In addresses that are longer, but not so long, an ellipsis stands for the rest. */
  readonly saysThereIsMoreBelow?: number;
}

/** An address of which all fields are shown. */
const whole = (least: number, form: Struct<Fields>): Address => ({
  least,
  form,
  fields: () => Object.keys(form.fields).filter((name) => name !== "sa_family" && !form.fields[name].hidden),
});

const XDP_SHARED_UMEM = 1;

const structuredAddresses: ReadonlyMap<number, Address> = new Map<number, Address>([
  [AF_VSOCK, { least: 16, form: vsock, fields: () => ["svm_reserved1", "svm_cid", "svm_port", "svm_flags"] }],
  [AF_QIPCRTR, { least: 12, form: qualcommRouter, fields: () => ["sq_node", "sq_port"] }],
  [
    AF_XDP,
    {
      least: 16,
      form: xdp,
      fields: (view) => [
        "sxdp_flags",
        "sxdp_ifindex",
        "sxdp_queue_id",
        ...((view.getUint16(2, true) & XDP_SHARED_UMEM) !== 0 ? ["sxdp_shared_umem_fd"] : []),
      ],
    },
  ],
  [
    AF_MCTP,
    {
      least: 12,
      form: mctp,
      fields: () => ["__smctp_pad0", "smctp_network", "smctp_addr", "smctp_type", "smctp_tag", "__smctp_pad1"],
    },
  ],
  [AF_IPX, whole(16, rare.ipx)],
  [AF_X25, whole(18, rare.x25)],
  [AF_TIPC, whole(16, rare.tipc)],
  [AF_IEEE802154, whole(20, rare.ieee802154)],
  [AF_ALG, whole(25, rare.algorithm)],
  [AF_NFC, { least: 16, form: rare.nfc, fields: rare.nfcFields, saysThereIsMoreBelow: rare.nfc.size() }],
]);

/** What is shown of an address that is `length` bytes long. */
export function structuredAddress(family: number, length: number): Address | undefined {
  if (family !== AF_BLUETOOTH) return structuredAddresses.get(family);
  const form = bluetoothForm(length);
  return form && whole(length, form);
}
