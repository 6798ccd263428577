// What is looked for in the trees of btrfs, and what it tells of inodes. See linux/btrfs_tree.h.
import type { ArgumentType } from "../argument.js";
import * as names from "../constants/btrfs.js";
import { unsignedDecimal, unsignedNumber } from "../digits.js";
import { peekString } from "../memory.js";
import { address, longFlagsOf, showAddress } from "../scalars.js";
import type { ShowContext } from "../show.js";
import { quoted } from "../strings.js";
import {
  type Fields,
  reserved,
  reservedWords,
  type Struct,
  showArray,
  showPointed,
  struct,
  u32,
  u64,
} from "../struct.js";
import { showNamed } from "../tables.js";
import { exchanged, fieldsOf, member, text } from "./fields.js";

type Shape = Struct<Fields>;

/** A number that is named when it says "no end". */
export const bounded: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => {
    const digits = unsignedDecimal(low, high);
    if (low === -1 && high === -1) showNamed(c, digits, "UINT64_MAX");
    else c.out.number(digits);
  },
};

const LAST_FREE = -256;

/** A tree, or an object in one. */
export const object: ArgumentType<number> = {
  receive: unsignedNumber,
  show: (c, low, high) => {
    const name = high === 0 ? names.btrfsObjects.names.get(low) : undefined;
    if (name !== undefined) showNamed(c, unsignedDecimal(low, high), name);
    else if (low === LAST_FREE && high === -1) showNamed(c, unsignedDecimal(low, high), "BTRFS_LAST_FREE_OBJECTID");
    else bounded.show(c, low, high);
  },
};

const key: ArgumentType<number> = {
  receive: (low) => low >>> 0,
  show: (c, low) => {
    const name = names.btrfsKeys.names.get(low);
    if (name !== undefined) showNamed(c, unsignedDecimal(low, 0), name);
    else c.out.number(unsignedDecimal(low, 0));
  },
};

// Searching trees.

const searchKey = struct({
  tree_id: u64(object),
  min_objectid: u64(object),
  max_objectid: u64(object),
  min_offset: u64(bounded),
  max_offset: u64(bounded),
  min_transid: u64(bounded),
  max_transid: u64(bounded),
  min_type: u32(key),
  max_type: u32(key),
  nr_items: u32(),
  rest: reserved(36, 4),
}) as Shape;
const found = struct({
  transid: u64(),
  objectid: u64(object),
  offset: u64(bounded),
  type: u32(key),
  len: u32(),
}) as Shape;
const FIRST_FREE = 256;

/** The whole range of objects goes without saying. */
function showSearchKey(c: ShowContext, view: DataView): void {
  const isFirst = view.getInt32(8, true) === FIRST_FREE && view.getInt32(12, true) === 0;
  const isLast = view.getInt32(16, true) === LAST_FREE && view.getInt32(20, true) === -1;
  const shown = Object.keys(searchKey.fields).filter(
    (name) =>
      name !== "rest" &&
      !(c.abbreviate && ((name === "min_objectid" && isFirst) || (name === "max_objectid" && isLast))),
  );
  member(c, "key", true);
  c.out.punct("{");
  searchKey.showFields(c, view, shown);
  c.out.punct("}");
}

/** The items that were found, in `size` bytes behind `offset` bytes of the structure at the address of the argument. */
function showFound(c: ShowContext, view: DataView, offset: number, size: number): void {
  if (c.abbreviate) {
    c.out.punct(", ...");
    return;
  }
  const count = searchKey.get(view, "nr_items");
  const start = unsignedNumber(c.low("argp"), c.high("argp")) + offset;
  member(c, "buf");
  c.out.punct("[");
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (i > 0) c.out.punct(", ");
    const length = at + found.size() > size ? undefined : showItem(c, start + at);
    if (length === undefined) {
      c.out.punct("...");
      break;
    }
    at += found.size() + length;
  }
  c.out.punct("]");
}

/** Shows one item; the length of what it holds, undefined when it cannot be read. */
function showItem(c: ShowContext, at: number): number | undefined {
  let length: number | undefined;
  showPointed(c, at | 0, Math.floor(at / 2 ** 32), found.size(), (_, view) => {
    found.show(c, view);
    length = found.get(view, "len");
  });
  return length;
}

const SEARCH_BUFFER = 4096 - searchKey.size();
export const search = (size: number, hasSize: boolean): ArgumentType<number> => {
  const bufferSize = (c: ShowContext, view: DataView): void => {
    if (!hasSize) return;
    member(c, "buf_size");
    bounded.show(c, view.getInt32(104, true), view.getInt32(108, true));
  };
  return exchanged(
    size,
    (c, view) => {
      c.out.punct("{");
      showSearchKey(c, view);
      bufferSize(c, view);
      c.out.punct("}");
    },
    (c, view) => {
      c.out.punct("{");
      member(c, "key", true);
      fieldsOf(searchKey, "nr_items")(c, view);
      bufferSize(c, view);
      const length = unsignedNumber(view.getInt32(104, true), view.getInt32(108, true));
      showFound(c, view, hasSize ? size : searchKey.size(), hasSize ? length : SEARCH_BUFFER);
      c.out.punct("}");
    },
  );
};

export const lookup = struct({ treeid: u64(object), objectid: u64(object), name: text(4080) }) as Shape;

// What the file system tells of inodes: a buffer elsewhere.

const container = struct({ bytes_left: u32(), bytes_missing: u32(), elem_cnt: u32(), elem_missed: u32() }) as Shape;
const inodes = struct({ inum: u64(), offset: u64(), root: u64() }) as Shape;

const pathAt = (start: number, c: ShowContext, view: DataView): void => {
  const at = start + container.size() + unsignedNumber(view.getInt32(0, true), view.getInt32(4, true));
  const path = peekString(c.tracee, at, 4096);
  if (path === undefined) showAddress(c, at | 0, Math.floor(at / 2 ** 32));
  else c.out.string(quoted(path.bytes, c.style));
};

const WORDS_OF_INODE = 3;

export function told(name: string, isPaths: boolean): (c: ShowContext, view: DataView) => void {
  return (c, view) => {
    c.out.punct("{");
    member(c, name, true);
    const [low, high] = [view.getInt32(48, true), view.getInt32(52, true)];
    const start = unsignedNumber(low, high);
    showPointed(c, low, high, container.size(), (_, head) => {
      c.out.punct("{");
      container.showFields(c, head, Object.keys(container.fields));
      if (c.abbreviate) c.out.punct(", ...");
      else {
        member(c, "val");
        const values = start + container.size();
        const count = container.get(head, "elem_cnt");
        const [size, type] = isPaths
          ? [8, (__: ShowContext, at: DataView) => pathAt(start, c, at)]
          : [8 * WORDS_OF_INODE, (__: ShowContext, at: DataView) => inodes.show(c, at)];
        const elements = isPaths ? count : Math.floor(count / WORDS_OF_INODE);
        showArray(c, values | 0, Math.floor(values / 2 ** 32), elements, size, type);
      }
      c.out.punct("}");
    });
    c.out.punct("}");
  };
}

export const paths = struct({ inum: u64(), size: u64(), rest: reserved(32, 8), fspath: u64(address) }) as Shape;
export const logical = struct({
  logical: u64(),
  size: u64(),
  reserved: reservedWords(3, 8),
  flags: u64(longFlagsOf(names.btrfsLogicalFlags)),
  inodes: u64(address),
}) as Shape;
