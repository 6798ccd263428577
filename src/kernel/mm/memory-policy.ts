// The memory policy of a task or an area: where its pages should come from. The calls are in policy-calls.ts. mm/mempolicy.c
export interface MemoryPolicy {
  readonly mode: number;
  /** MPOL_F_STATIC_NODES and its like. */
  readonly flags: number;
  /** As get_mempolicy gives them back, a bit for each. */
  readonly nodes: bigint;
}

export function samePolicy(a: MemoryPolicy | undefined, b: MemoryPolicy | undefined): boolean {
  return a === b || (a?.mode === b?.mode && a?.flags === b?.flags && a?.nodes === b?.nodes);
}
