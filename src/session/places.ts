// A trace without the places it was made in: the working directory and the home directory are called by what they are, so that a trace that is kept
// is the same wherever it is made again.
import type { Renaming } from "../strace/options.js";

export interface Place {
  /** What stands for it. */
  readonly name: string;
  /** One character per byte. */
  readonly path: string;
}

const latin1 = (text: string): string => Buffer.from(text).toString("latin1");

/** Paths as the program has them, longest first. `root`: the host's directory that is its "/". */
export function placesOf(cwd: string, home: string | undefined, root = "/"): Place[] {
  const inside = (path: string): string => {
    if (root === "/") return path;
    return path.startsWith(`${root}/`) ? path.slice(root.length) : "/";
  };
  const places = [
    { name: "<cwd>", path: latin1(inside(cwd)) },
    { name: "<home>", path: latin1(inside(home ?? "/")) },
  ];
  return places.filter(({ path }) => path.length > 1).sort((a, b) => b.path.length - a.path.length);
}

/** Where a path begins and ends: it is not part of a longer name. */
const BEFORE = "(?<![\\w.-])";
const AFTER = "(?![\\w.-])";
const literally = (path: string): string => path.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** As many paths in one string are looked for beyond its limit. */
const MOST_IN_A_STRING = 8;

/** Names for places in the strings that calls are given. */
export function renamingOf(places: readonly Place[]): Renaming | undefined {
  if (places.length === 0) return undefined;
  const rename = renamer(places);
  return {
    more: MOST_IN_A_STRING * Math.max(...places.map(({ path }) => path.length)),
    apply: (bytes) => {
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
      const renamed = rename(text);
      return renamed === text ? bytes : Buffer.from(renamed, "latin1");
    },
  };
}

function renamer(places: readonly Place[]): (text: string) => string {
  const patterns = places.map(({ name, path }) => ({
    name,
    pattern: new RegExp(BEFORE + literally(path) + AFTER, "g"),
  }));
  return (text) => patterns.reduce((so, { name, pattern }) => so.replace(pattern, name), text);
}

/** A string, and whether it was cut short. */
const STRING = /"((?:[^"\\]|\\.)*)"(\.\.\.)?/g;
const ESCAPE = /\\(?:[0-7]{1,3}|x[0-9a-f]{2}|.)/g;
/** What the program's standard streams are: others each time. */
const HOST_STREAM = /<(pipe|socket):\[\d+\]>/g;
const COUNT = /(?<=[ (=])\d+(?=[,)\s;}\]]|$)/g;

/** A line in whose strings places have names already: here those that descriptors are shown by, and counts of bytes, get theirs. */
export function withoutPlaces(places: readonly Place[]): (line: string) => string {
  const rename = renamer(places);
  return (line) => {
    let text = "";
    let at = 0;
    let lengths: ReadonlySet<string> | "any" = new Set();
    const outside = (part: string): string =>
      rename(part)
        .replace(HOST_STREAM, "<$1:[...]>")
        .replace(COUNT, (count) => (lengths === "any" || lengths.has(count) ? "<length>" : count));
    for (const { 0: string, 1: content, 2: cut, index } of line.matchAll(STRING)) {
      text += outside(line.slice(at, index)) + string;
      at = index + string.length;
      if (places.some(({ name }) => content.includes(name))) lengths = cut ? "any" : lengthsOf(content, places);
    }
    text += outside(line.slice(at));
    // The result is behind blanks that make columns.
    return text === line && !line.includes("<cwd>") && !line.includes("<home>") ? line : text.replace(/\) += /, ") = ");
  };
}

/** With and without the NUL at its end. */
function lengthsOf(content: string, places: readonly Place[]): ReadonlySet<string> {
  const plain = content.replace(ESCAPE, "x");
  const length = places.reduce(
    (sum, { name, path }) => sum + (plain.split(name).length - 1) * (path.length - name.length),
    plain.length,
  );
  return new Set([String(length), String(length + 1)]);
}
