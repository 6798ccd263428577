// What each pure IR operator computes: one step of the interpreter.
import type { Node } from "../ir/node.js";
import { OPERATORS, type Operator } from "../ir/operators.js";
import { scalarOperations } from "./scalar-operations.js";
import type { Operation, Value } from "./values.js";
import { vectorOperations } from "./vector-operations.js";

const operations = new Map<Operator, Operation>();
for (const [name, operator] of OPERATORS) {
  const operation = scalarOperations[name] ?? vectorOperations[name];
  if (!operation) throw new Error(`the interpreter lacks '${name}'`);
  operations.set(operator, operation);
}

/** The value of a PURE node whose operands' values are in `values` by index. */
export function evaluate(node: Node, values: readonly Value[]): Value {
  const operation = operations.get(node.operator as Operator) as Operation;
  return operation(
    node.a && values[node.a.index],
    node.b && values[node.b.index],
    node.c && values[node.c.index],
    node,
  );
}
