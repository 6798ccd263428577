// ELF files for the tests, as small and as wrong as wanted.

export interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly offset: bigint | undefined;
  readonly address: bigint;
  readonly fileSize: bigint | undefined;
  readonly memorySize: bigint | undefined;
  readonly text: string;
}

export interface HeaderChanges {
  readonly type?: number;
  readonly machine?: number;
  readonly elfClass?: number;
  readonly entrySize?: number;
  readonly tableOffset?: bigint;
}

/** Where programs begin, from the start of the file. */
export const RIP_OFFSET = 0x1f0;
const FILE_SIZE = 0x1000;
const TEXT_AT = 0x800;

export function segment(parts: Partial<Omit<Segment, "text">>, text = ""): Segment {
  const offset = text === "" ? undefined : BigInt(TEXT_AT);
  return { type: 1, flags: 5, offset, address: 0x400000n, fileSize: undefined, memorySize: undefined, text, ...parts };
}

/** A file whose segments begin at its own start unless they say otherwise; the rest is `fill`. */
export function program(segments: readonly Segment[], fill = 0, changes: HeaderChanges = {}): Uint8Array {
  const bytes = new Uint8Array(FILE_SIZE).fill(fill);
  const view = new DataView(bytes.buffer);
  bytes.fill(0, 0, 64 + segments.length * 56);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, changes.elfClass ?? 2, 1, 1]);
  view.setUint16(16, changes.type ?? 2, true);
  view.setUint16(18, changes.machine ?? 62, true);
  view.setBigUint64(24, (segments[0]?.address ?? 0n) + BigInt(RIP_OFFSET), true);
  view.setBigInt64(32, changes.tableOffset ?? 64n, true);
  view.setUint16(54, changes.entrySize ?? 56, true);
  view.setUint16(56, segments.length, true);
  segments.forEach((each, index) => {
    const at = 64 + index * 56;
    const fileSize = each.fileSize ?? BigInt(FILE_SIZE);
    view.setUint32(at, each.type, true);
    view.setUint32(at + 4, each.flags, true);
    view.setBigUint64(at + 8, each.offset ?? 0n, true);
    view.setBigUint64(at + 16, each.address, true);
    view.setBigUint64(at + 32, fileSize, true);
    view.setBigUint64(at + 40, each.memorySize ?? fileSize, true);
    view.setBigUint64(at + 48, 0x1000n, true);
    bytes.set(
      Uint8Array.from(`${each.text}\0`, (character) => character.charCodeAt(0)),
      TEXT_AT,
    );
  });
  return bytes;
}
