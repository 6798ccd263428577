import { describe, expect, test } from "vitest";
import { byteString } from "../../../src/kernel/mm/user-access.js";
import { directory, type FakeNode, file, link } from "./fake-host.js";
import { Machine, SCRATCH } from "./machine.js";

const AT_FDCWD = -100;
const AT_REMOVEDIR = 0x200;
const O_WRONLY = 1;
const O_RDWR = 2;
const O_CREAT = 0o100;
const O_EXCL = 0o200;
const O_TRUNC = 0o1000;
const O_APPEND = 0o2000;
const O_DIRECTORY = 0o200000;
const O_NOFOLLOW = 0o400000;
const [EPERM, ENOENT, EACCES, EEXIST, ENOTDIR, EISDIR, EINVAL, ENOTEMPTY, ELOOP] = [1, 2, 13, 17, 20, 21, 22, 39, 40];

const tree: Readonly<Record<string, FakeNode>> = {
  "/d": directory(),
  "/d/a": file("aaa"),
  "/d/b": file("bbb", 0o600),
  "/d/sub": directory(),
  "/d/sub/c": file("ccc"),
  "/l": link("d/a"),
  "/abs": link("/d/sub"),
  "/loop": link("loop"),
  "/up": link("../../../../d"),
};

function list(machine: Machine, path: string): string[] {
  const fd = machine.path("open", path, O_DIRECTORY);
  const names: string[] = [];
  const size = machine.call("getdents64", fd, SCRATCH + 4096, 4096);
  for (let at = SCRATCH + 4096; at < SCRATCH + 4096 + size; ) {
    const length = machine.task.readU32(at + 16) & 0xffff;
    const bytes = machine.task.copyIn(at + 19, length - 19);
    names.push(byteString(bytes.subarray(0, bytes.indexOf(0))));
    at += length;
  }
  machine.call("close", fd);
  return names;
}

function contents(machine: Machine, path: string): string {
  const fd = machine.path("open", path, 0);
  if (fd < 0) return `errno ${-fd}`;
  const count = machine.call("read", fd, SCRATCH + 4096, 4096);
  machine.call("close", fd);
  return byteString(machine.task.copyIn(SCRATCH + 4096, count));
}

function write(machine: Machine, path: string, flags: number, text: string): number {
  const fd = machine.path("open", path, flags, 0o644);
  if (fd < 0) return fd;
  const count = machine.call("write", fd, machine.string(text, 512), text.length);
  machine.call("close", fd);
  return count;
}

describe("walking", () => {
  test.each([
    ["/d/a", "aaa"],
    ["/l", "aaa"],
    ["/abs/c", "ccc"],
    ["/up/a", "aaa"],
    ["/d/../d/./sub/../a", "aaa"],
    ["/../../d/a", "aaa"],
    ["/missing", `errno ${ENOENT}`],
    ["/d/a/", `errno ${ENOTDIR}`],
    ["/d/a/x", `errno ${ENOTDIR}`],
    ["/loop", `errno ${ELOOP}`],
    [`/${"n".repeat(256)}`, "errno 36"],
    ["", `errno ${ENOENT}`],
  ])("%s", (path, expected) => {
    expect(contents(new Machine({ tree }), path)).toBe(expected);
  });

  test("O_NOFOLLOW and O_DIRECTORY", () => {
    const machine = new Machine({ tree });
    expect(machine.path("open", "/l", O_NOFOLLOW)).toBe(-ELOOP);
    expect(machine.path("open", "/d/a", O_DIRECTORY)).toBe(-ENOTDIR);
    expect(machine.path("open", "/d", O_WRONLY)).toBe(-EISDIR);
  });

  test("the working directory has a name", () => {
    const machine = new Machine({ tree });
    expect(machine.path("chdir", "/abs")).toBe(0);
    expect(machine.call("getcwd", SCRATCH, 100)).toBe("/d/sub".length + 1);
    expect(contents(machine, "c")).toBe("ccc");
    expect(machine.task.tracee.cwd()).toBe("/d/sub");
  });
});

describe("the overlay", () => {
  test("writes stay in memory", () => {
    const machine = new Machine({ tree });
    expect(write(machine, "/d/a", O_WRONLY, "X")).toBe(1);
    expect(contents(machine, "/d/a")).toBe("Xaa");
    expect(contents(machine, "/l")).toBe("Xaa");
    expect(byteString(machine.host.files.nodes.get("/d/a")?.data ?? new Uint8Array(0))).toBe("aaa");
    expect(machine.kernel.filesChanged).toBe(1);
  });

  test("append, truncate and O_EXCL", () => {
    const machine = new Machine({ tree });
    write(machine, "/d/a", O_WRONLY | O_APPEND, "zz");
    expect(contents(machine, "/d/a")).toBe("aaazz");
    write(machine, "/d/a", O_WRONLY | O_TRUNC, "q");
    expect(contents(machine, "/d/a")).toBe("q");
    expect(machine.path("open", "/d/a", O_CREAT | O_EXCL | O_RDWR, 0o600)).toBe(-EEXIST);
  });

  test("names are made, removed and moved", () => {
    const machine = new Machine({ tree });
    write(machine, "/d/new", O_CREAT | O_WRONLY, "new");
    expect(machine.path("unlink", "/d/a")).toBe(0);
    expect(machine.call("rename", machine.string("/d/sub"), machine.string("/d/moved", 256))).toBe(0);
    expect(list(machine, "/d")).toEqual([".", "..", "b", "new", "moved"]);
    expect(contents(machine, "/d/moved/c")).toBe("ccc");
    expect(contents(machine, "/d/a")).toBe(`errno ${ENOENT}`);
    expect(machine.host.files.nodes.has("/d/a")).toBe(true);
  });

  test("what is made and removed again is no change", () => {
    const machine = new Machine({ tree });
    write(machine, "/tmp-file", O_CREAT | O_WRONLY, "x");
    machine.path("unlink", "/tmp-file");
    expect(machine.kernel.filesChanged).toBe(0);
  });

  test("directories", () => {
    const machine = new Machine({ tree });
    expect(machine.path("mkdir", "/d", 0o755)).toBe(-EEXIST);
    expect(machine.path("mkdir", "/e", 0o755)).toBe(0);
    expect(machine.path("rmdir", "/d")).toBe(-ENOTEMPTY);
    expect(machine.path("rmdir", "/e/.")).toBe(-EINVAL);
    expect(machine.path("unlink", "/e")).toBe(-EISDIR);
    expect(machine.call("unlinkat", AT_FDCWD, machine.string("/e"), AT_REMOVEDIR)).toBe(0);
    expect(machine.call("rename", machine.string("/d"), machine.string("/d/sub/x", 256))).toBe(-EINVAL);
  });

  test("an open file outlives its name", () => {
    const machine = new Machine({ tree });
    const fd = machine.path("open", "/d/a", 0);
    machine.path("unlink", "/d/a");
    expect(machine.task.tracee.fdPath(fd)).toBe("/d/a (deleted)");
    expect(machine.call("read", fd, SCRATCH, 10)).toBe(3);
  });

  test("host descriptors are closed with the last user", () => {
    const machine = new Machine({ tree });
    contents(machine, "/d/a");
    expect(machine.host.files.openCount).toBe(0);
  });
});

describe("permissions", () => {
  test("of another user's files", () => {
    const machine = new Machine({ tree, uid: 500 });
    expect(contents(machine, "/d/a")).toBe("aaa");
    expect(contents(machine, "/d/b")).toBe(`errno ${EACCES}`);
    expect(write(machine, "/d/a", O_WRONLY, "x")).toBe(-EACCES);
    expect(machine.path("mkdir", "/d/n", 0o755)).toBe(-EACCES);
    expect(machine.path("chmod", "/d/a", 0o777)).toBe(-EPERM);
    expect(machine.path("access", "/d/a", 4)).toBe(0);
    expect(machine.path("access", "/d/a", 2)).toBe(-EACCES);
  });
});

describe("descriptors", () => {
  test("the lowest free one, dup, and what they are called", () => {
    const machine = new Machine({ tree });
    expect(machine.path("open", "/d/a", 0)).toBe(3);
    expect(machine.call("dup", 3)).toBe(4);
    expect(machine.call("close", 3)).toBe(0);
    expect(machine.path("open", "/d/b", 0)).toBe(3);
    expect(machine.call("dup2", 3, 10)).toBe(10);
    expect([1, 3, 4, 11].map((fd) => machine.task.tracee.fdPath(fd))).toEqual(["pipe:[1]", "/d/b", "/d/a", undefined]);
    expect(machine.call("close", 77)).toBe(-9);
  });

  test("pipes carry bytes and end", () => {
    const machine = new Machine();
    expect(machine.call("pipe", SCRATCH)).toBe(0);
    expect(machine.call("write", 4, machine.string("hello", 64), 5)).toBe(5);
    expect(machine.call("read", 3, SCRATCH, 100)).toBe(5);
    machine.call("close", 4);
    expect(machine.call("read", 3, SCRATCH, 100)).toBe(0);
  });

  test("writing to standard output reaches the host", () => {
    const machine = new Machine();
    machine.call("write", 1, machine.string("hi\n"), 3);
    expect(machine.host.streams[1].written).toBe("hi\n");
  });
});
