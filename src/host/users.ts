// Users of this host by their names: /etc/passwd and /etc/group.
import { readFileSync } from "node:fs";

export interface User {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups. */
  readonly groups: readonly number[];
}

function entries(path: string): string[][] {
  try {
    return readFileSync(path, "latin1")
      .split("\n")
      .map((line) => line.split(":"));
  } catch {
    return [];
  }
}

/** As initgroups(3) would have him; undefined when there is no such user. */
export function findUser(name: string): User | undefined {
  const found = entries("/etc/passwd").find((fields) => fields[0] === name && fields.length >= 4);
  if (name === "" || found === undefined) return undefined;
  const [uid, gid] = [Number(found[2]), Number(found[3])];
  const others = entries("/etc/group").filter(([, , , members = ""]) => members.split(",").includes(name));
  return { uid, gid, groups: [...new Set([gid, ...others.map(([, , id]) => Number(id))])] };
}

export const isRoot = (): boolean => process.getuid?.() === 0;
