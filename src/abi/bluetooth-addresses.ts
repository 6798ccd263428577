// Socket addresses of Bluetooth: which of its protocols one is for is told by its length.
import * as t from "./constants/netlink.js";
import { hex } from "./digits.js";
import { showHardwareAddress } from "./named-bytes.js";
import { hexInt, oneOf, unsignedInt } from "./scalars.js";
import type { ShowContext, ShowStyle } from "./show.js";
import { bytes, type Field, type Fields, reserved, type Struct, struct, u8, u16 } from "./struct.js";
import type { Enumeration } from "./tables.js";

/** A number in the byte order of the air. */
function airNumber(show: (value: number, style: ShowStyle["constants"]) => string): Field {
  return bytes(2, (c, view, offset) => {
    c.out.flag(`htobs(${show(view.getUint16(offset, true), c.style.constants)})`);
  });
}

interface Range {
  readonly name: string;
  readonly first: number;
  readonly last: number;
}

/** By name, or by how far it is from the beginning of a range. */
const namedIn =
  (table: Enumeration, ranges: readonly Range[]) =>
  (value: number, style: ShowStyle["constants"]): string => {
    if (style === "raw") return hex(value);
    const known = table.names.get(value);
    const range = ranges.find(({ first, last }) => value > first && value < last);
    if (style === "abbrev" && known !== undefined) return known;
    if (known !== undefined || range === undefined) return `${hex(value)} /* ${known ?? table.unknown} */`;
    const distance = value - range.first;
    if (style === "abbrev") return `${range.name}+${distance}`;
    return `${hex(value)} /* ${hex(range.first)} /* ${range.name} */+${distance} */`;
  };

const multiplexer = namedIn(t.bluetoothMultiplexers, [
  { name: "L2CAP_PSM_LE_DYN_START", first: t.L2CAP_PSM_LE_DYN_START, last: t.L2CAP_PSM_LE_DYN_END },
  { name: "L2CAP_PSM_DYN_START", first: t.L2CAP_PSM_DYN_START, last: t.L2CAP_PSM_DYN_END },
]);
const channel = namedIn(t.bluetoothChannels, [
  { name: "L2CAP_CID_DYN_START", first: t.L2CAP_CID_DYN_START, last: t.L2CAP_CID_DYN_END },
]);

const deviceAddress: Field = bytes(6, (c: ShowContext, view, offset) =>
  showHardwareAddress(c, new Uint8Array(view.buffer, view.byteOffset + offset, 6)),
);

const logicalLink = { l2_psm: airNumber(multiplexer), l2_bdaddr: deviceAddress, l2_cid: airNumber(channel) };
const FIELDS: readonly Fields[] = [
  { hci_dev: airNumber((value) => value.toString()) },
  { hci_dev: airNumber((value) => value.toString()), hci_channel: u16(oneOf(t.bluetoothControllers)) },
  { sco_bdaddr: deviceAddress },
  { rc_bdaddr: deviceAddress, rc_channel: u8(unsignedInt), padding: reserved(1) },
  logicalLink,
  { ...logicalLink, l2_bdaddr_type: u8(oneOf(t.bluetoothAddresses)), padding: reserved(1) },
];
const FORMS: ReadonlyMap<number, Struct<Fields>> = new Map(
  FIELDS.map((fields) => {
    const form: Struct<Fields> = struct({ sa_family: u16(hexInt), ...fields });
    return [form.size(), form];
  }),
);

/** Undefined for a length that no protocol has. */
export const bluetoothForm = (length: number): Struct<Fields> | undefined => FORMS.get(length);
