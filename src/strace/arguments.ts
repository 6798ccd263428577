// Arguments as the tracer comes by them at a call's entry and exit, apart from those that show themselves.
import { hex } from "../abi/digits.js";
import type { Traced } from "./traced.js";

const UNKNOWN_ARGUMENTS = 6;

/** Lets the types that print at exit remember what they need. */
export function noteEntries(task: Traced): void {
  const { call, context } = task;
  if (call === undefined) return;
  for (let i = task.done; i < call.types.length; i++) {
    const type = call.types[i];
    if (type?.enter === undefined) continue;
    const register = call.order[i] as number;
    context.index = register;
    type.enter(context, context.argumentLow(register), context.argumentHigh(register));
  }
}

/** What the kernel wrote back into arguments printed at entry: only the last of them can still be added to. */
export function leaveArguments(task: Traced, entryCount: number): void {
  const { call, context } = task;
  const type = call?.types[entryCount - 1];
  if (call === undefined || type?.leave === undefined) return;
  const register = call.order[entryCount - 1] as number;
  context.index = register;
  type.leave(context, context.argumentLow(register), context.argumentHigh(register));
}

/** As -e raw prints them, and those of calls that nobody has declared. */
export function showRawArguments(task: Traced, named: boolean): void {
  const { call, context } = task;
  const count = call === undefined ? UNKNOWN_ARGUMENTS : call.order.length;
  for (; task.done < count; task.done++) {
    if (task.done > 0) context.out.punct(", ");
    const register = call === undefined ? task.done : (call.order[task.done] as number);
    if (call !== undefined && named) {
      context.out.name(call.labels[task.done] as string);
      context.out.punct("=");
    }
    context.out.number(hex(context.argumentLow(register), context.argumentHigh(register)));
  }
}
