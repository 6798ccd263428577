// What compiled regions share: with the engine that runs them, and with the other functions of their module.
import type { JumpMap } from "./jump-map.js";
import type { RegisterSet } from "./register-flow.js";
import type { ImportName, Site } from "./sites.js";

/** The kinds of numbers in compiled code. */
export const LINK_KINDS = ["sites", "indirects", "roots", "slots", "maps"] as const;
export type LinkKind = (typeof LINK_KINDS)[number];

/** A number of the library's in compiled code. */
export interface Link {
  readonly kind: LinkKind;
  /** Of the group that has it, in its module. */
  readonly group: number;
  /** Which of the group's of its kind it is. */
  readonly which: number;
  readonly number: number;
}

export interface RegionLinks {
  addSite(site: Site): Link;
  /** Dispatcher slot of the function at a guest address. */
  slotOf(address: number): Link;
  /** A table in memory that says which of `addresses` a code address is, and where it lies; undefined when there is no room for one. */
  jumpMap(addresses: readonly number[]): { readonly map: JumpMap; readonly link: Link } | undefined;
  /** Where the indirect jump or call at the end of a block has gone so far. */
  targets(block: number): readonly number[];
  /** Number by which a region is known when it uses up the fuel. */
  regionNumber(root: number): Link;
  /** Number by which the indirect jump at the end of `block` in the region of `root` is known when it misses. */
  addIndirect(block: number, root: number): Link;
}

/** What the functions of one group in a module share. */
export interface ModulePlan {
  /** Functions imported so far, in order of first use: an import costs time at instantiation. The whole module's. */
  readonly imports: ImportName[];
  /** Number of the group's first function in the module. */
  readonly first: number;
  /** Guest address of each function of the group. */
  readonly functions: readonly number[];
  /** Registers that it sets before anything can be seen of them. */
  readonly overwritten: readonly RegisterSet[];
  readonly functionType: number;
  /** Type of a block with the results of a function. */
  readonly resultType: number;
}
