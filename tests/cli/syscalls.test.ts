// --syscalls and --json: the support table says what the declarations say.
import { execa } from "execa";
import { expect, test } from "vitest";
import { syscalls } from "../../src/syscalls/table.js";
import { TSSTRACE } from "../tool.js";

const [node, ...tool] = TSSTRACE;
const print = async (...words: string[]): Promise<string> =>
  (await execa(node as string, [...tool, "--syscalls", ...words])).stdout;

test("one line for each call, and the counts last", async () => {
  const lines = (await print()).split("\n");
  expect(lines).toContain("     0  read                     implemented");
  expect(lines).toContain(
    "    16  ioctl                    partial      terminals, files, sockets, namespaces, interfaces and the random device; no other devices",
  );
  const last = /^(\d+) calls: (\d+) implemented, (\d+) partial, (\d+) ENOSYS$/.exec(lines.at(-1) ?? "");
  const [calls, implemented, partial, missing] = (last ?? []).slice(1).map(Number);
  expect(calls).toBe(syscalls.filter(({ nr }) => nr.x64 !== undefined).length);
  expect(implemented + partial + missing).toBe(calls);
  expect(lines).toHaveLength(calls + 2);
});

test("--json prints one array", async () => {
  const calls: { number: number; name: string; status: string; missing?: string }[] = JSON.parse(await print("--json"));
  const memfdCreate = syscalls.find(({ name }) => name === "memfd_create");
  expect(calls.find(({ name }) => name === "memfd_create")).toEqual({
    number: 319,
    name: "memfd_create",
    status: "partial",
    missing: memfdCreate?.partial,
  });
  for (const { name, status } of calls) {
    expect(status === "ENOSYS").toBe(syscalls.find((call) => call.name === name)?.run === undefined);
  }
});
