// Memory accesses of a block at constant distances from one another: the stack frame's, the fields of a structure. One look at the tags
// serves all of a group when they lie in one page; else each is checked for itself.

import type { Node } from "../ir/node.js";
import * as kind from "../ir/node.js";

export interface AccessGroup {
  /** Some access writes: then all of them may read too. */
  write: boolean;
  /** First and one past the last byte, relative to the address of the first access. */
  low: number;
  high: number;
  members: number;
}

export interface GroupedAccess {
  readonly group: AccessGroup;
  readonly isFirst: boolean;
}

/** Bytes from the first to the last: a group that crosses pages is no gain. */
const MAX_SPAN = 512;

/** A value as a root and a constant distance from it. */
interface Place {
  readonly root: string;
  readonly offset: number;
}

interface OpenGroup {
  readonly group: AccessGroup;
  readonly origin: number;
}

/** The TRANSLATE nodes that share a check with others. Those in conditional bodies do not. */
export function accessGroups(nodes: readonly Node[]): Map<Node, GroupedAccess> {
  const grouped = new Map<Node, GroupedAccess>();
  const open = new Map<string, OpenGroup>();
  const values = new Values();
  for (const node of nodes) {
    values.define(node);
    if (node.kind !== kind.TRANSLATE) continue;
    const { root, offset } = values.placeOf(node.a as Node);
    const size = node.low;
    const known = open.get(root);
    if (known) {
      const { group, origin } = known;
      const low = Math.min(group.low, offset - origin);
      const high = Math.max(group.high, offset - origin + size);
      if (high - low <= MAX_SPAN) {
        Object.assign(group, { low, high, write: group.write || node.high !== 0, members: group.members + 1 });
        grouped.set(node, { group, isFirst: false });
        continue;
      }
    }
    const group = { write: node.high !== 0, low: 0, high: size, members: 1 };
    open.set(root, { group, origin: offset });
    grouped.set(node, { group, isFirst: true });
  }
  for (const [node, { group }] of grouped) if (group.members === 1) grouped.delete(node);
  return grouped;
}

/** Which values are at a constant distance from which others. */
class Values {
  readonly #places = new Map<Node, Place>();
  readonly #registers = new Map<number, Place>();
  #count = 0;

  placeOf(node: Node): Place {
    return this.#places.get(node) ?? this.#unknown();
  }

  #unknown(): Place {
    return { root: `?${this.#count++}`, offset: 0 };
  }

  define(node: Node): void {
    switch (node.kind) {
      case kind.GET: {
        const held = this.#registers.get(node.low) ?? this.#unknown();
        this.#registers.set(node.low, held);
        this.#places.set(node, held);
        break;
      }
      case kind.SET:
        this.#registers.set(node.low, this.placeOf(node.a as Node));
        break;
      case kind.MICROCODE:
      case kind.WHEN:
        this.#registers.clear();
        break;
      case kind.PURE: {
        const place = this.#pure(node);
        if (place) this.#places.set(node, place);
        break;
      }
    }
  }

  /**
   * Cut to 32 bits. Distances stay constant but for multiples of 4 GiB: when all of a group lies in one page, the first access being below 4 GiB,
   * there are none.
   */
  #cut({ root, offset }: Place): Place {
    return { root: root.startsWith(CUT) ? root : CUT + root, offset };
  }

  #pure({ operator, a, b }: Node): Place | undefined {
    if (!operator || !a) return undefined;
    const { name } = operator;
    if (name === "i64_extend_i32_u" && a.operator?.name === "i32_wrap_i64") return this.#cut(this.placeOf(a.a as Node));
    if (!b) return undefined;
    if (name === "i64_add" || name === "i64_sub") {
      const distance = smallConstant(b);
      const place = this.placeOf(a);
      if (distance !== undefined)
        return { root: place.root, offset: place.offset + (name === "i64_add" ? distance : -distance) };
      if (name === "i64_add") {
        const other = this.placeOf(b);
        return { root: `(${place.root}+${other.root})`, offset: place.offset + other.offset };
      }
    }
    const by = smallConstant(b);
    const place = this.placeOf(a);
    if (name === "i64_shl" && by !== undefined && place.offset === 0)
      return { root: `(${place.root}<<${by})`, offset: 0 };
    return undefined;
  }
}

const CUT = "w";

const smallConstant = ({ kind: its, low, high }: Node): number | undefined =>
  its === kind.CONST && high === low >> 31 ? low : undefined;
