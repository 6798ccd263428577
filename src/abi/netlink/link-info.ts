// IFLA_LINKINFO: what kind of link it is, and then data of that kind.

import * as t from "../constants/netlink.js";
import type { ShowContext } from "../show.js";
import { struct, u32 } from "../struct.js";
import { type AttributeTable, type AttributeValue, attributes, showAttributes, showHexBytes } from "./attribute.js";
import { bridgeAttributes, portAttributes } from "./bridges.js";
import * as v from "./values.js";

const tunAttributes = attributes(t.tunTypes, {
  IFLA_TUN_OWNER: v.u32,
  IFLA_TUN_GROUP: v.u32,
  IFLA_TUN_TYPE: v.notBeyond(8, v.oneOf(t.tunDevices, 1)),
  IFLA_TUN_PI: v.u8,
  IFLA_TUN_VNET_HDR: v.u8,
  IFLA_TUN_PERSIST: v.u8,
  IFLA_TUN_MULTI_QUEUE: v.u8,
  IFLA_TUN_NUM_QUEUES: v.u32,
  IFLA_TUN_NUM_DISABLED_QUEUES: v.u32,
});

const data: Readonly<Record<string, AttributeValue>> = {
  bridge: v.nested(bridgeAttributes),
  tun: v.nested(tunAttributes),
};
const statistics: Readonly<Record<string, AttributeValue>> = {
  can: v.struct(
    struct({
      bus_error: u32(),
      error_warning: u32(),
      error_passive: u32(),
      bus_off: u32(),
      arbitration_lost: u32(),
      restarts: u32(),
    }),
  ),
};
const dataOfSlaves: Readonly<Record<string, AttributeValue>> = { bridge: v.nested(portAttributes) };

/** A kind, by which what comes after it in the same link is shown. */
class Kind implements AttributeValue {
  readonly least = 1;
  #name = "";

  show(c: ShowContext, view: DataView, family: number): void {
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    this.#name = new TextDecoder("latin1").decode(bytes).replace(/\0.*/s, "");
    v.word.show(c, view, family);
  }

  of(values: Readonly<Record<string, AttributeValue>>): AttributeValue {
    return {
      least: 1,
      show: (c, view, family) => {
        const value = Object.hasOwn(values, this.#name) ? (values[this.#name] as AttributeValue) : v.hex;
        if (view.byteLength < value.least) showHexBytes(c, view);
        else value.show(c, view, family);
      },
    };
  }
}

function tableOfLink(): AttributeTable {
  const kind = new Kind();
  const slaveKind = new Kind();
  return attributes(t.iflaInfoTypes, {
    IFLA_INFO_KIND: kind,
    IFLA_INFO_DATA: kind.of(data),
    IFLA_INFO_XSTATS: kind.of(statistics),
    IFLA_INFO_SLAVE_KIND: slaveKind,
    IFLA_INFO_SLAVE_DATA: slaveKind.of(dataOfSlaves),
  });
}

export const linkInfo: AttributeValue = {
  least: 4,
  show: (c, view, family) => showAttributes(c, view, tableOfLink(), family),
};
