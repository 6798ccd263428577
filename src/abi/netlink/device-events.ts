// NETLINK_KOBJECT_UEVENT: what udev tells begins with a header, what the kernel tells is text.

import type { ShowContext } from "../show.js";
import { showBytes } from "../strings.js";
import { bytes, type Fields, type Struct, struct, u32 } from "../struct.js";

const PREFIX = "libudev\0";

const big = bytes(4, (c, view, at) => c.out.flag(`htonl(0x${view.getUint32(at).toString(16)})`), 4);

const header: Struct<Fields> = struct({
  prefix: bytes(PREFIX.length, (c) => c.out.string(`"${PREFIX.slice(0, -1)}"`)),
  magic: big,
  header_size: u32(),
  properties_off: u32(),
  properties_len: u32(),
  filter_subsystem_hash: big,
  filter_devtype_hash: big,
  filter_tag_bloom_hi: big,
  filter_tag_bloom_lo: big,
});

/** Prints what udev tells; false, and nothing printed, when it is something else. */
export function showDeviceEvent(c: ShowContext, view: DataView): boolean {
  const size = header.size();
  if (view.byteLength < size) return false;
  for (let i = 0; i < PREFIX.length; i++) if (view.getUint8(i) !== PREFIX.charCodeAt(i)) return false;
  const isFollowed = view.byteLength > size;
  if (isFollowed) c.out.punct("[");
  header.show(c, view);
  if (!isFollowed) return true;
  c.out.punct(", ");
  showBytes(c, new Uint8Array(view.buffer, view.byteOffset + size, view.byteLength - size), true);
  c.out.punct("]");
  return true;
}
