// Netlink messages: headers, attributes, and their bytes. include/net/netlink.h

import { NLM_F_CAPPED, NLM_F_MULTI, NLMSG_DONE, NLMSG_ERROR } from "../../../abi/constants/interfaces.js";
import { joinBytes } from "../../../lib/bytes.js";

export const NLMSG_HDRLEN = 16;

export const align4 = (length: number): number => (length + 3) & ~3;

export interface NetlinkRequest {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** What follows the header. */
  readonly body: Uint8Array;
  /** All of it, for the error that quotes it. */
  readonly whole: Uint8Array;
}

/** The messages in a buffer, up to the first whose length cannot be. */
export function requestsIn(bytes: Uint8Array): NetlinkRequest[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const requests: NetlinkRequest[] = [];
  for (let at = 0; at + NLMSG_HDRLEN <= bytes.length; ) {
    const length = view.getUint32(at, true);
    if (length < NLMSG_HDRLEN || length > bytes.length - at) break;
    requests.push({
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      sequence: view.getUint32(at + 8, true),
      body: bytes.subarray(at + NLMSG_HDRLEN, at + length),
      whole: bytes.subarray(at, at + length),
    });
    at += align4(length);
  }
  return requests;
}

export function message(type: number, flags: number, sequence: number, port: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(align4(NLMSG_HDRLEN + body.length));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, NLMSG_HDRLEN + body.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setUint32(8, sequence, true);
  view.setInt32(12, port, true);
  bytes.set(body, NLMSG_HDRLEN);
  return bytes;
}

export const int32 = (value: number): Uint8Array => new Uint8Array(new Int32Array([value]).buffer);

export function done(request: NetlinkRequest, port: number, error = 0): Uint8Array {
  return message(NLMSG_DONE, NLM_F_MULTI, request.sequence, port, int32(-error));
}

/** netlink_ack: error 0 acknowledges and quotes the header only. */
export function acknowledgement(request: NetlinkRequest, port: number, error: number): Uint8Array {
  const quoted = error === 0 ? request.whole.subarray(0, NLMSG_HDRLEN) : request.whole;
  const flags = error === 0 ? NLM_F_CAPPED : 0;
  return message(NLMSG_ERROR, flags, request.sequence, port, joinBytes([int32(-error), quoted]));
}

/** An attribute, padded. */
export function attribute(type: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(align4(4 + data.length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 4 + data.length, true);
  view.setUint16(2, type, true);
  bytes.set(data, 4);
  return bytes;
}

export function attributesIn(bytes: Uint8Array): Map<number, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = new Map<number, Uint8Array>();
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = view.getUint16(at, true);
    if (length < 4 || at + length > bytes.length) break;
    found.set(view.getUint16(at + 2, true) & 0x3fff, bytes.subarray(at + 4, at + length));
    at += align4(length);
  }
  return found;
}
