// Flags of inodes as file_getattr and file_setattr have them. linux/fs.h: struct file_attr
import type { ArgumentType } from "./argument.js";
import { extendedInodeFlags } from "./constants/ioctls.js";
import { type ExtensibleOptions, extensibleIn } from "./extensible.js";
import { filledIn, longFlagsOf } from "./scalars.js";
import { type Fields, type Struct, struct, u32, u64 } from "./struct.js";

export const fileAttributes = struct({
  fa_xflags: u64(longFlagsOf(extendedInodeFlags)),
  fa_extsize: u32(),
  fa_nextents: u32(),
  fa_projid: u32(),
  fa_cowextsize: u32(),
});
const attributes = fileAttributes as Struct<Fields>;
const options: ExtensibleOptions = { minimum: attributes.size(), size: (c) => c.unsigned("size") };

/** How many extents there are cannot be set. */
export const fileAttributesIn: ArgumentType<number> = extensibleIn(attributes, {
  ...options,
  names: () => ["fa_xflags", "fa_extsize", "fa_projid", "fa_cowextsize"],
});
export const fileAttributesOut: ArgumentType<number> = filledIn(extensibleIn(attributes, options));
