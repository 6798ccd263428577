// Flags of inodes as file_getattr and file_setattr have them. linux/fs.h: struct file_attr
import { type ArgumentType, dependent } from "./argument.js";
import { extendedInodeFlags } from "./constants/ioctls.js";
import { type ExtensibleOptions, extensibleIn } from "./extensible.js";
import { address, filledIn, longFlagsOf } from "./scalars.js";
import { type Fields, type Struct, struct, u32, u64 } from "./struct.js";

const PAGE = 4096;

export const fileAttributes = struct({
  fa_xflags: u64(longFlagsOf(extendedInodeFlags)),
  fa_extsize: u32(),
  fa_nextents: u32(),
  fa_projid: u32(),
  fa_cowextsize: u32(),
});
const attributes = fileAttributes as Struct<Fields>;
const options: ExtensibleOptions = { minimum: attributes.size(), size: (c) => c.unsigned("size") };

const settable = extensibleIn(attributes, {
  ...options,
  // How many extents there are cannot be set.
  names: () => ["fa_xflags", "fa_extsize", "fa_projid", "fa_cowextsize"],
});
/** More than a page is not looked at. */
export const fileAttributesIn: ArgumentType<number> = dependent(address, (c) =>
  c.unsigned("size") > PAGE ? address : settable,
);
export const fileAttributesOut: ArgumentType<number> = filledIn(extensibleIn(attributes, options));
