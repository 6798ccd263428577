// The socket addresses of IPX, X.25, TIPC, NFC, IEEE 802.15.4 and the kernel's ciphers, as their headers have them.
import type { ArgumentType } from "./argument.js";
import * as t from "./constants/netlink.js";
import { hex } from "./digits.js";
import { nameField as name, showName } from "./name-field.js";
import { showHardwareAddress, showPort } from "./named-bytes.js";
import { hexInt, oneOf, unsignedInt } from "./scalars.js";
import { quoted } from "./strings.js";
import { bytes, type Fields, nested, type Struct, struct, subview, u8, u16, u32, u64, unlessZero } from "./struct.js";
import type { Enumeration } from "./tables.js";

const family = u16(hexInt);

/** As printf's %#02x. */
const hexByte = (byte: number): string => (byte === 0 ? "00" : hex(byte));

/** A number first, and behind it what it is called; `always`: also when it is not. */
const numbered = (table: Enumeration, always: boolean): ArgumentType<number> => ({
  receive: (low) => low,
  show: (c, low) => {
    c.out.number(hex(low));
    const named = table.names.get(low) ?? (always ? table.unknown : undefined);
    if (named !== undefined && c.style.constants !== "raw") c.out.comment(` /* ${named} */`);
  },
});

export const ipx = struct({
  sa_family: family,
  sipx_port: bytes(2, showPort),
  sipx_network: bytes(4, (c, view, offset) => c.out.flag(`htonl(${hex(view.getInt32(offset))})`)),
  sipx_node: bytes(6, (c, view, offset) => {
    const node = Array.from({ length: 6 }, (_, i) => hexByte(view.getUint8(offset + i)));
    c.out.punct(`[${node.join(", ")}]`);
  }),
  sipx_type: bytes(1, (c, view, offset) => c.out.number(hexByte(view.getUint8(offset)))),
  sipx_zero: unlessZero(u8(hexInt)),
});

export const x25 = struct({ sa_family: family, sx25_addr: nested(struct({ x25_addr: name(16) }) as Struct<Fields>) });

const SERVICE_NAME = 63;
export const nfc: Struct<Fields> = struct({
  sa_family: family,
  dev_idx: u32(unsignedInt),
  target_idx: u32(hexInt),
  nfc_protocol: u32(oneOf(t.nfcProtocols)),
  dsap: u8(numbered(t.llcpServices, false)),
  ssap: u8(numbered(t.llcpServices, false)),
  service_name: bytes(SERVICE_NAME, (c, view, offset) => {
    const length = Math.min(nfc.get(view, "service_name_len"), SERVICE_NAME);
    c.out.string(quoted(new Uint8Array(view.buffer, view.byteOffset + offset, length), c.style));
  }),
  service_name_len: u64(),
}) as Struct<Fields>;
const NFC_ADDRESS = ["dev_idx", "target_idx", "nfc_protocol"];

/** Longer ones are those of logical links. */
export const nfcFields = (view: DataView): readonly string[] =>
  view.byteLength < nfc.size() ? NFC_ADDRESS : Object.keys(nfc.fields).slice(1);

const NO_ADDRESS = 0;
const SHORT_ADDRESS = 2;
const radioAddress = struct({
  addr_type: u32(numbered(t.ieee802154Addresses, true)),
  pan_id: u16(hexInt),
  short_addr: u16(hexInt),
});

export const ieee802154 = struct({
  sa_family: family,
  addr: bytes(
    16,
    (c, view, offset) => {
      const address = subview(view, offset, 16);
      const kind = radioAddress.get(address, "addr_type");
      c.out.punct("{");
      radioAddress.showFields(c, address, ["addr_type", "pan_id", ...(kind === SHORT_ADDRESS ? ["short_addr"] : [])]);
      if (kind !== NO_ADDRESS && kind !== SHORT_ADDRESS) {
        c.out.punct(", ");
        c.out.name("hwaddr");
        c.out.punct("=");
        showHardwareAddress(c, new Uint8Array(address.buffer, address.byteOffset + 6, 8));
      }
      c.out.punct("}");
    },
    4,
  ),
});

const serviceName = struct({ type: u32(), instance: u32() }) as Struct<Fields>;
/** What a TIPC address of each type is. */
const TIPC_FORMS: Readonly<Record<number, readonly [name: string, form: Struct<Fields>]>> = {
  1: ["nameseq", struct({ type: u32(), lower: u32(), upper: u32() }) as Struct<Fields>],
  2: ["name", struct({ name: nested(serviceName), domain: u32(hexInt) }) as Struct<Fields>],
  3: ["id", struct({ ref: u32(), node: u32(hexInt) }) as Struct<Fields>],
};

export const tipc = struct({
  sa_family: family,
  addrtype: u8(oneOf(t.tipcAddresses)),
  scope: u8(oneOf(t.tipcScopes)),
  addr: bytes(
    12,
    (c, view, offset) => {
      const form = TIPC_FORMS[view.getUint8(2)];
      if (form === undefined) {
        c.out.string(quoted(new Uint8Array(view.buffer, view.byteOffset + offset, 12), c.style));
        return;
      }
      c.out.punct("{");
      c.out.name(form[0]);
      c.out.punct("=");
      form[1].show(c, subview(view, offset, 12));
      c.out.punct("}");
    },
    4,
  ),
});

/** Features are numbers first: what they mean is said behind. */
const features = u32({
  receive: (low) => low,
  show: (c, low) => {
    if (low === 0 || c.style.constants === "raw") {
      c.out.number(hex(low));
      return;
    }
    const known = low & t.CRYPTO_ALG_KERN_DRIVER_ONLY;
    const rest = low & ~known;
    const text =
      known === 0 ? t.algorithmFeatures.unknown : `CRYPTO_ALG_KERN_DRIVER_ONLY${rest === 0 ? "" : `|${hex(rest)}`}`;
    c.out.number(hex(low));
    c.out.comment(` /* ${text} */`);
  },
});

/** As long as the address is. */
const ALGORITHM_NAME = 104;
export const algorithm = struct({
  sa_family: family,
  salg_type: name(14),
  salg_feat: features,
  salg_mask: features,
  salg_name: bytes(ALGORITHM_NAME, (c, view, offset) => showName(c, view, offset, ALGORITHM_NAME)),
});
