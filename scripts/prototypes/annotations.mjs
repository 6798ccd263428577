/**
 * Annotations: what declarations in C do not say, by hand. Lines are
 *
 *   typedef NAME = LENS;            as in ltrace.conf(5); written out where it is used
 *   LENS NAME(LENS,...);            a prototype, in place of the one made from C
 *   type C-NAME = LENS              how values of a C type are shown
 *   same NAME [NAME...] = OTHER     these have the prototype of OTHER
 *   drop NAME [NAME...]             no prototype
 *   # comment
 */

import { readFileSync } from "node:fs";

const PROTOTYPE = /^(.*?[\s*])(\w+)\((.*)\);$/;

/** @returns {{ typedefs: Map, values: Map, prototypes: Map, same: Map, dropped: Set }} */
export function readAnnotations(path, shared) {
  const read = {
    typedefs: new Map(shared?.typedefs),
    values: new Map(shared?.values),
    prototypes: new Map(),
    same: new Map(),
    dropped: new Set(),
  };
  for (const [index, raw] of readFileSync(path, "utf8").split("\n").entries()) {
    const line = raw.trim();
    if (line !== "" && !line.startsWith("#") && !readLine(line, read))
      throw new Error(`${path}:${index + 1}: not understood: ${line}`);
  }
  return read;
}

function readLine(line, read) {
  let match;
  if ((match = /^typedef (\w+) = (.*);$/.exec(line))) {
    const earlier = read.typedefs.get(match[1]);
    read.typedefs.set(match[1], earlier === "struct" ? `struct;\ntypedef ${match[1]} = ${match[2]}` : match[2]);
  } else if ((match = /^type (.+?) = (.+)$/.exec(line))) read.values.set(match[1], match[2]);
  else if ((match = /^same (.+) = (\w+)$/.exec(line)))
    for (const name of match[1].split(" ")) read.same.set(name, match[2]);
  else if ((match = /^drop (.+)$/.exec(line))) for (const name of match[1].split(" ")) read.dropped.add(name);
  else if ((match = PROTOTYPE.exec(line))) {
    if (read.prototypes.has(match[2])) return false;
    read.prototypes.set(match[2], line);
  } else return false;
  return true;
}

/** How many parameters a prototype has; undefined where a format stands for more. */
export function parameterCount(prototype) {
  const list = PROTOTYPE.exec(prototype)[3];
  if (/(^|,)format(\(\w+\))?$/.test(list)) return undefined;
  let depth = 0;
  let count = list.trim() === "" ? 0 : 1;
  for (const character of list) {
    if ("([".includes(character)) depth++;
    else if (")]".includes(character)) depth--;
    else if (character === "," && depth === 0) count++;
  }
  return count;
}

export function renamed(prototype, name) {
  return prototype.replace(PROTOTYPE, (_, result, _name, list) => `${result}${name}(${list});`);
}
