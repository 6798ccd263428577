// NETLINK_CRYPTO: which algorithms the kernel has, and what of. See linux/cryptouser.h.

import * as t from "../constants/netlink.js";
import { nameField } from "../name-field.js";
import { hexInt } from "../scalars.js";
import { showBytes } from "../strings.js";
import { type Fields, type Struct, struct, u32 } from "../struct.js";
import type { FlagSet } from "../tables.js";
import { type AttributeValue, attributes, showHexBytes } from "./attribute.js";
import { type Payload, type Protocol, showPayload, typesOf } from "./payload.js";
import * as v from "./values.js";

const CRYPTO_MAX_NAME = 64;
const name = nameField(CRYPTO_MAX_NAME);

/** Bytes as text, which is what is cut here is taken for. */
const asText: AttributeValue = {
  least: 1,
  show: (c, view) => showBytes(c, new Uint8Array(view.buffer, view.byteOffset, view.byteLength), true),
};

const report = (type: Struct<Fields>): AttributeValue => ({
  least: 1,
  show: (c, view, family) => {
    if (view.byteLength < type.size()) asText.show(c, view, family);
    else type.show(c, view);
  },
});

/** A report that says what type of algorithm it is about, and nothing else. */
const typeOnly: AttributeValue = {
  least: 1,
  show: (c, view, family) => {
    c.out.punct("{");
    c.out.name("type");
    c.out.punct("=");
    v.word.show(c, view, family);
    c.out.punct("}");
  },
};

const cryptoAttributes = attributes(t.cryptoAttributeTypes, {
  CRYPTOCFGA_PRIORITY_VAL: v.u32,
  CRYPTOCFGA_REPORT_LARVAL: typeOnly,
  CRYPTOCFGA_REPORT_HASH: report(struct({ type: name, blocksize: u32(), digestsize: u32() })),
  CRYPTOCFGA_REPORT_BLKCIPHER: report(
    struct({ type: name, geniv: name, blocksize: u32(), min_keysize: u32(), max_keysize: u32(), ivsize: u32() }),
  ),
  CRYPTOCFGA_REPORT_AEAD: report(
    struct({ type: name, geniv: name, blocksize: u32(), maxauthsize: u32(), ivsize: u32() }),
  ),
  CRYPTOCFGA_REPORT_COMPRESS: typeOnly,
  CRYPTOCFGA_REPORT_RNG: report(struct({ type: name, seedsize: u32() })),
  CRYPTOCFGA_REPORT_CIPHER: report(struct({ type: name, blocksize: u32(), min_keysize: u32(), max_keysize: u32() })),
  CRYPTOCFGA_REPORT_AKCIPHER: typeOnly,
  CRYPTOCFGA_REPORT_KPP: typeOnly,
  CRYPTOCFGA_REPORT_ACOMP: typeOnly,
  CRYPTOCFGA_REPORT_SIG: typeOnly,
});

const algorithm: Payload = {
  header: struct({
    cru_name: name,
    cru_driver_name: name,
    cru_module_name: name,
    cru_type: u32(hexInt),
    cru_mask: u32(hexInt),
    cru_refcnt: u32(),
    cru_flags: u32(hexInt),
  }),
  attributes: cryptoAttributes,
};

const flagsOfType: Readonly<Record<number, FlagSet>> = {
  [t.CRYPTO_MSG_NEWALG]: t.newFlags,
  [t.CRYPTO_MSG_DELALG]: t.deleteFlags,
  [t.CRYPTO_MSG_GETALG]: t.getFlags,
  [t.CRYPTO_MSG_DELRNG]: t.deleteFlags,
};

export const cryptoProtocol: Protocol = {
  showType: typesOf(t.cryptoMessageTypes),
  flags: (type) => flagsOfType[type] ?? t.commonFlags,
  show: (c, type, payload) => {
    if (type < t.CRYPTO_MSG_NEWALG || type > t.CRYPTO_MSG_GETALG) showHexBytes(c, payload);
    else if (payload.byteLength < algorithm.header.size()) asText.show(c, payload, 0);
    else showPayload(c, payload, algorithm);
  },
};
