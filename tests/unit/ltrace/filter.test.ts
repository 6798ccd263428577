import { describe, expect, test } from "vitest";
import { Filter } from "../../../src/ltrace/filter.js";

const of = (symbol: string, soname: string, isMain = false) => ({ symbol, soname, path: `/lib/${soname}`, isMain });
const LIBC = "libc.so.6";

describe("filter expressions", () => {
  test.each([
    ["malloc", of("malloc", LIBC), true],
    ["malloc", of("mallocx", LIBC), false],
    ["mal*", of("malloc", LIBC), true],
    ["m?lloc", of("malloc", LIBC), true],
    ["[a-m]alloc", of("malloc", LIBC), true],
    ["[!m]alloc", of("malloc", LIBC), false],
    ["malloc+free-@libc.so*", of("malloc", LIBC), false],
    ["malloc+free-@libc.so*", of("free", "prog"), true],
    ["-malloc", of("free", LIBC), true],
    ["-malloc", of("malloc", LIBC), false],
    ["@MAIN", of("free", "prog", true), true],
    ["@MAIN", of("free", "MAIN"), false],
    ["@[M]AIN", of("free", "MAIN"), true],
    ["@^MAIN", of("free", "MAIN"), true],
    ["/mal.*/", of("malloc", LIBC), true],
    ["/mal/", of("malloc", LIBC), false],
    ["/mal.*@libc.*/", of("malloc", LIBC), true],
    ["/mal.*@libm.*/", of("malloc", LIBC), false],
    ["/mal.*/@/libc.*/", of("malloc", LIBC), true],
    ["malloc@/lib/libc*", of("malloc", LIBC), true],
    ["malloc@/usr/*", of("malloc", LIBC), false],
    ["/a+b/", of("aab", LIBC), true],
    ["operator+", of("operator", LIBC), true],
    ["", of("anything", LIBC), true],
  ])("%s", (chain, identity, wanted) => {
    expect(new Filter([chain]).wants(identity)).toBe(wanted);
  });

  test("any of several chains will do, and none wants nothing", () => {
    expect(new Filter(["a", "b"]).wants(of("b", LIBC))).toBe(true);
    expect(new Filter([]).wants(of("b", LIBC))).toBe(false);
    expect(new Filter([]).isEmpty).toBe(true);
  });

  test.each(["/[/", "/(/"])("%s is no pattern", (chain) => {
    expect(() => new Filter([chain])).toThrow(`invalid pattern '${chain}'`);
  });
});
