// The expressions of ltrace.conf(5): lengths that depend on the call.

/** What an expression may refer to. */
export interface Scope {
  /** argN as a signed number; arg0 is the result. Undefined while it is not known. */
  argument(number: number): number | undefined;
  /** eltN of the structure around. */
  element(number: number): number | undefined;
}

export type Expression =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "argument"; readonly number: number }
  | { readonly kind: "element"; readonly number: number }
  /** Up to the first element that is all zeros, and no further than `limit`. */
  | { readonly kind: "zero"; readonly limit: Expression | undefined };

export const ZERO: Expression = { kind: "zero", limit: undefined };

/** The most elements there are; undefined when the end can only be found by looking. */
export function limitOf(expression: Expression, scope: Scope): number | undefined {
  switch (expression.kind) {
    case "number":
      return expression.value;
    case "argument":
      return scope.argument(expression.number);
    case "element":
      return scope.element(expression.number);
    case "zero":
      return expression.limit === undefined ? undefined : limitOf(expression.limit, scope);
  }
}
