// Ranges that one owner locks are merged, split and converted; those of others stand in the way or not.
import { describe, expect, test } from "vitest";
import { F_RDLCK, F_UNLCK, F_WRLCK } from "../../../src/abi/constants/files.js";
import { type RecordLock, RecordLocks } from "../../../src/kernel/vfs/record-locks.js";

const [ME, YOU] = [{}, {}];

function lock(owner: object, type: number, start: number, end: number): RecordLock {
  return { owner, pid: 1, type, start: BigInt(start), end: BigInt(end) };
}

function shown(locks: RecordLocks): string[] {
  return locks.list.map(({ type, start, end }) => `${type === F_WRLCK ? "w" : "r"}${start}-${end}`);
}

describe("one owner's", () => {
  test("neighbours of a type become one, others are split", () => {
    const locks = new RecordLocks();
    locks.set(lock(ME, F_WRLCK, 0, 9));
    locks.set(lock(ME, F_WRLCK, 10, 19));
    expect(shown(locks)).toEqual(["w0-19"]);
    locks.set(lock(ME, F_RDLCK, 5, 6));
    expect(shown(locks)).toEqual(["w0-4", "r5-6", "w7-19"]);
    locks.set(lock(ME, F_UNLCK, 3, 8));
    expect(shown(locks)).toEqual(["w0-2", "w9-19"]);
    locks.set(lock(ME, F_RDLCK, 0, 100));
    expect(shown(locks)).toEqual(["r0-100"]);
  });
});

describe("another's", () => {
  test("reading is shared, writing is not", () => {
    const locks = new RecordLocks();
    locks.set(lock(ME, F_RDLCK, 10, 20));
    expect(locks.conflict(lock(YOU, F_RDLCK, 0, 100))).toBeUndefined();
    expect(locks.conflict(lock(YOU, F_WRLCK, 20, 30))?.owner).toBe(ME);
    expect(locks.conflict(lock(YOU, F_WRLCK, 21, 30))).toBeUndefined();
    expect(locks.conflict(lock(ME, F_WRLCK, 0, 100))).toBeUndefined();
    locks.release(ME);
    expect(shown(locks)).toEqual([]);
  });
});
