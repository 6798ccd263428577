// Linux's user_namespace: which ids of the machine its processes have under which numbers, and over what its capabilities reach.
// kernel/user_namespace.c

export const OVERFLOW_ID = 65534;

/** `count` ids from `inside` on are those from `outside` on: the numbers of the machine, not of the parent. */
export interface IdRange {
  readonly inside: number;
  readonly outside: number;
  readonly count: number;
}

export class UserNamespace {
  /** Undefined for the machine's first, whose ids are the machine's. */
  readonly parent: UserNamespace | undefined;
  readonly level: number;
  /** Who made it, by the machine's numbers. */
  readonly owner: number;
  readonly group: number;
  uidMap: readonly IdRange[] | undefined;
  gidMap: readonly IdRange[] | undefined;
  setgroups: "allow" | "deny";

  constructor(parent: UserNamespace | undefined, owner: number, group: number) {
    this.parent = parent;
    this.level = parent ? parent.level + 1 : 0;
    this.owner = owner;
    this.group = group;
    this.setgroups = parent?.setgroups ?? "allow";
    if (parent === undefined) {
      const all = [{ inside: 0, outside: 0, count: 0xffffffff }];
      this.uidMap = this.gidMap = all;
    }
  }
}

/** make_kuid: the machine's number; undefined where the namespace has no such id. */
export function idOutside(map: readonly IdRange[] | undefined, id: number): number | undefined {
  const range = map?.find(({ inside, count }) => id >= inside && id - inside < count);
  return range && range.outside + (id - range.inside);
}

/** from_kuid */
export function idInside(map: readonly IdRange[] | undefined, id: number): number | undefined {
  const range = map?.find(({ outside, count }) => id >= outside && id - outside < count);
  return range && range.inside + (id - range.outside);
}
