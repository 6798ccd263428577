// The prototypes that belong to the tool: every line is one that ltrace.conf(5) knows, and the real ltrace prints with them what it should.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";

const DIRECTORY = fileURLToPath(new URL("../../src/ltrace/prototypes", import.meta.url));
const PROGRAMS = fileURLToPath(new URL("programs", import.meta.url));
const files = readdirSync(DIRECTORY).filter((file) => file.endsWith(".conf"));
const linesOf = (file: string): string[] => readFileSync(join(DIRECTORY, file), "utf8").split("\n");

const PRIMITIVES = "void char short ushort int uint long ulong float double addr";
const LENSES = "struct array enum string oct hex bin hide bool bitvec format zero retval";
const KNOWN = new Set(`${PRIMITIVES} ${LENSES} ldouble`.split(" "));
const PROTOTYPE = /^(\S+) (\w+)\((.*)\);$/;
const TYPEDEF = /^typedef (\w+) = (.+);$/;

/** Words of a lens that are neither the language's nor one of `types`. */
function unknownWords(lens: string, types: ReadonlySet<string>): string[] {
  const words = lens.replace(/enum\([^)]*\)/g, "int").match(/[A-Za-z_]\w*/g) ?? [];
  return words.filter((word) => !KNOWN.has(word) && !types.has(word) && !/^(arg|elt)\d+$/.test(word));
}

/** What is wrong with the lines of a file. */
function mistakes(lines: readonly string[]): string[] {
  const types = new Set<string>();
  const names = new Set<string>();
  return lines.filter((line) => {
    if (line === "" || line.startsWith(";") || /^import "[\w.+-]+";$/.test(line)) return false;
    const typedef = TYPEDEF.exec(line);
    if (typedef) {
      const [, name, lens] = typedef as unknown as [string, string, string];
      const isWrong = types.has(name) || unknownWords(lens, types).length > 0 || !isBalanced(lens);
      types.add(name);
      return isWrong;
    }
    const prototype = PROTOTYPE.exec(line);
    if (!prototype) return true;
    const [, result, name, parameters] = prototype as unknown as [string, string, string, string];
    const isWrong = names.has(name) || unknownWords(`${result} ${parameters}`, types).length > 0 || !isBalanced(line);
    names.add(name);
    return isWrong;
  });
}

function isBalanced(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if ("([".includes(character)) depth++;
    else if (")]".includes(character)) depth--;
    if (depth < 0) return false;
  }
  return depth === 0;
}

test.each(files)("%s has no line that is wrong", (file) => {
  expect(mistakes(linesOf(file))).toEqual([]);
});

test("a wrong line is found", () => {
  const wrong = ["int f(strng);", "int g(string", "int h(array(char,3);", "int i();", "int i();", "typedef t = u;"];
  expect(mistakes(wrong)).toEqual(wrong.filter((_, index) => index !== 3));
});

test("what is imported is there", () => {
  const imported = files.flatMap(linesOf).flatMap((line) => /^import "(.+)";$/.exec(line)?.[1] ?? []);
  expect(imported.filter((name) => !files.includes(`${name}.conf`))).toEqual([]);
});

/** A line or more of each family of functions, from the programs; addresses are P. */
const WANTED: Readonly<Record<string, readonly string[]>> = {
  strings: [
    'strlen("hello world") = 11',
    'strtok("x,y", ",") = "x"',
    'strtok(nil, ",") = "y"',
    'strncpy(P, "trun", 4) = P',
    'memcpy(P, "0123456789abcde\\0", 16) = P',
    "memset(P, 'z', 8) = P",
    'strsignal(SIGSEGV) = "Segmentation fault"',
  ],
  stdio: [
    'fopen("/etc/passwd", "r") = P',
    "fseek(P, 5, SEEK_CUR) = 0",
    'fprintf(P, "%s %d %c %5.2f %lu %p\\n", "text", -3, \'c\', 2.500000, 7, 0x10) = 23',
    'snprintf("tru", 4, "%s", "truncated") = 9',
    'asprintf("42", "%d", 42) = 2',
    'puts("x") = 2',
    "fclose(P) = 0",
  ],
  stdlib: [
    "malloc(100) = P",
    "realloc(P, 200) = P",
    "free(P) = <void>",
    "free(nil) = <void>",
    'strtol("77x", "x", 10) = 77',
    "div(7, 2) = {3, 1}",
    "qsort(P, 3, 4, P) = <void>",
    'getenv("TSLTRACE_NOT_SET") = nil',
  ],
  ctype: [
    "toupper('a') = 'A'",
    'setlocale(LC_ALL, "C.UTF-8") = "C.UTF-8"',
    'wcslen("hello you") = 9',
    'wprintf("wide %d\\n", 3) = 7',
    "iswalpha('a') = true",
  ],
  times: [
    "nanosleep({0, 1000}, nil) = 0",
    'gmtime(1000000000) = {40, 46, 1, 9, 8, 101, 0, 251, 0, 0, "GMT"}',
    'ctime(1000000000) = "Sun Sep  9 01:46:40 2001\\n"',
  ],
  files: [
    'open("/tmp/tsltrace-file", 0x242, 0644) = 3',
    'write(3, "hello\\n", 6) = 6',
    'writev(3, [{"ab", 2}, {"cd\\n", 3}], 2) = 5',
    'mkdir("/tmp/tsltrace-dir", 0755) = 0',
    "umask(022) = 022",
    "lseek(3, 0, SEEK_SET) = 0",
  ],
  processes: [
    "sigaddset(<9>, SIGUSR1) = 0",
    "sigprocmask(SIG_BLOCK, ~<31-32>, <>) = 0",
    'send(3, "ping", 4, 0) = 4',
    'recv(4, "ping", 64, 0) = 4',
    'dlsym(P, "cos") = P',
    "htons(80) = 0x5000",
    'regexec(P, "xabbb", 2, [{1, 5}, {2, 5}], 0) = 0',
  ],
  maths: [
    "frexp(0.750000, 0) = 0.750000",
    "pow(0.750000, 2.000000) = 0.562500",
    "cabs({0.750000, 2.000000}) = 2.136001",
  ],
  others: [
    'argz_add(P, P, "more") = 0',
    'hsearch_r({"key", P}, 1, P, P) = 1',
    'if_indextoname(1, "lo") = "lo"',
    'umount2("/nonexistent", 0x2) = -1',
  ],
  threads: ["pthread_mutexattr_settype(P, PTHREAD_MUTEX_RECURSIVE) = 0", "sem_getvalue(P, 1) = 0"],
};

const oracle = process.env.TSSTRACE_ORACLE_LTRACE;
// The real tool reads this file before all directories.
const LEGACY = "/etc/ltrace.conf";

describe.skipIf(oracle === undefined)(
  `with the real ltrace${oracle === undefined ? " (skipped: set TSSTRACE_ORACLE_LTRACE)" : ""}`,
  () => {
    const built = mkdtempSync(join(tmpdir(), "tsltrace-prototypes-"));
    afterAll(() => rmSync(built, { recursive: true }));

    test.each(Object.keys(WANTED))("%s", (name) => {
      const program = join(built, name);
      const source = join(PROGRAMS, `${name}.c`);
      execFileSync("gcc", ["-w", "-O0", "-fno-builtin", "-o", program, source, "-lm"]);
      const output = join(built, `${name}.trace`);
      const hidden = `test ! -e ${LEGACY} || mount --bind /dev/null ${LEGACY}; exec "$@"`;
      const command = [
        "unshare",
        "-m",
        "sh",
        "-c",
        hidden,
        "sh",
        oracle as string,
        "-F",
        DIRECTORY,
        "-o",
        output,
        program,
      ];
      const { stderr } = spawnSync(command[0] as string, command.slice(1), {
        encoding: "utf8",
        timeout: 30_000,
        env: { PATH: process.env.PATH, HOME: "/root", LANG: "C" },
      });
      expect(stderr).not.toMatch(/\.conf:\d+: error/);
      const seen = readFileSync(output, "utf8")
        .replace(/0x[0-9a-f]{7,}/g, "P")
        .replace(/\s+= /g, " = ")
        .split("\n");
      expect((WANTED[name] as readonly string[]).filter((line) => !seen.includes(line))).toEqual([]);
    });
  },
);
