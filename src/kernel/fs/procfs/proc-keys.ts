// /proc/keys and /proc/key-users: keys that may be seen, and how many everybody has. security/keys/proc.c

import type { Key } from "../../security/key.js";
import { NEED_VIEW } from "../../security/key.js";
import type { Task } from "../../task/task.js";

const MAX_KEYS = { others: 200, root: 1_000_000 };
const MAX_BYTES = { others: 20_000, root: 25_000_000 };

export function keysText(task: Task): string {
  const now = task.kernel.clock.monotonic();
  return [...task.kernel.keys.all]
    .filter((key) => isVisible(key, task))
    .map((key) => lineOf(key, now))
    .join("");
}

function isVisible(key: Key, task: Task): boolean {
  const rings = [task.keyring, task.signal.keyring, task.signal.sessionKeyring];
  try {
    key.check(
      task,
      rings.some((ring) => ring === key || ring?.holds(key)),
      NEED_VIEW,
    );
    return true;
  } catch {
    return false;
  }
}

function lineOf(key: Key, now: number): string {
  const flags = `I${key.state === "revoked" ? "R" : "-"}-Q--${key.state === "invalid" ? "i" : "-"}`;
  const left = (key.expires - now) / 1e9;
  const time = key.expires === Number.POSITIVE_INFINITY ? "perm" : left <= 0 ? "expd" : spell(left);
  const what = key.isKeyring
    ? `${key.description}: ${key.links.size || "empty"}`
    : `${key.description}: ${key.payload.length}`;
  const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, "0");
  const owner = `${String(key.uid).padStart(5)} ${String(key.gid).padStart(5)}`;
  return `${hex(key.serial)} ${flags} ${"1".padStart(5)} ${time.padStart(4)} ${hex(key.permissions)} ${owner} ${key.type.padEnd(9)} ${what}\n`;
}

/** Seconds in the largest unit that leaves a number. */
function spell(seconds: number): string {
  for (const [unit, size] of [
    ["w", 604800],
    ["d", 86400],
    ["h", 3600],
    ["m", 60],
  ] as const)
    if (seconds >= size) return `${Math.floor(seconds / size)}${unit}`;
  return `${Math.floor(seconds)}s`;
}

export function keyUsersText({ kernel: { keys } }: Task): string {
  const users = new Map<number, { count: number; bytes: number }>();
  for (const { uid, payload, description } of keys.all) {
    const of = users.get(uid) ?? { count: 0, bytes: 0 };
    users.set(uid, { count: of.count + 1, bytes: of.bytes + payload.length + description.length + 1 });
  }
  return [...users]
    .sort(([one], [other]) => one - other)
    .map(([uid, { count, bytes }]) => {
      const kind = uid === 0 ? "root" : "others";
      return `${String(uid).padStart(5)}: ${String(count).padStart(5)} ${count}/${count} ${count}/${MAX_KEYS[kind]} ${bytes}/${MAX_BYTES[kind]}\n`;
    })
    .join("");
}
