// What processes leave behind when they end.
import { expect, test } from "vitest";
import { forkArguments } from "../../../src/kernel/task/clone-arguments.js";
import { exitTask, reap } from "../../../src/kernel/task/exit.js";
import { clone } from "../../../src/kernel/task/fork.js";
import { Machine, SCRATCH } from "./machine.js";

test("children that end and are reaped hand their address space on", () => {
  const { kernel, task } = new Machine();
  task.writeU32(SCRATCH, 7);
  for (let n = 0; n < 10; n++) {
    const child = kernel.tasks.get(clone(task, forkArguments) as number);
    if (!child) throw new Error("no child");
    expect(child.readU32(SCRATCH)).toBe(7);
    child.writeU32(SCRATCH, 8);
    exitTask(child, 0);
    expect(child.mm.residentPages).toBe(0);
    reap(child);
  }
  expect(kernel.memories.made).toBe(1);
  expect(task.readU32(SCRATCH)).toBe(7);
});

test("a child that was not reaped keeps its address space to itself", () => {
  const { kernel, task } = new Machine();
  const first = kernel.tasks.get(clone(task, forkArguments) as number);
  if (!first) throw new Error("no child");
  exitTask(first, 0);
  const second = kernel.tasks.get(clone(task, forkArguments) as number);
  expect(second?.mm.memory).not.toBe(first.mm.memory);
  expect(kernel.memories.made).toBe(2);
});
