// Call frame information: how to find, at any instruction of a function, where its caller is. .eh_frame is DWARF's .debug_frame
// (DWARF 5, 6.4) with the changes of the Linux Standard Base, .eh_frame_hdr its index.
import { ByteReader } from "./byte-reader.js";
import { type CallFrameRow, execute } from "./call-frame-program.js";
import type { ElfImage } from "./elf-image.js";

const DW_EH_PE_omit = 0xff;
const DW_EH_PE_pcrel = 0x10;
const DW_EH_PE_datarel = 0x30;
const DW_EH_PE_sdata4 = 0x0b;

const MAX_INDEX = 64 << 20;
/** Of one description. */
const MAX_ENTRY = 1 << 20;
const CACHED_ROWS = 1 << 16;

/** What a CIE says for its FDEs. */
export interface CommonInformation {
  readonly codeAlignment: number;
  readonly dataAlignment: number;
  readonly returnRegister: number;
  readonly isSignalFrame: boolean;
  readonly hasAugmentation: boolean;
  readonly pointerEncoding: number;
  readonly program: Uint8Array;
}

/** The bytes of an entry behind its length, and the address they are loaded at. */
interface EntryBytes {
  readonly bytes: Uint8Array;
  readonly address: number;
}

export class EhFrame {
  readonly #image: ElfImage;
  readonly #index: DataView;
  readonly #indexAddress: number;
  readonly #tableAt: number;
  readonly #count: number;
  readonly #commons = new Map<number, CommonInformation | undefined>();
  readonly #rows = new Map<number, CallFrameRow | undefined>();

  private constructor(image: ElfImage, index: Uint8Array, indexAddress: number, tableAt: number, count: number) {
    this.#image = image;
    this.#index = new DataView(index.buffer, index.byteOffset, index.length);
    this.#indexAddress = indexAddress;
    this.#tableAt = tableAt;
    this.#count = count;
  }

  static open(image: ElfImage, address: number, size: number): EhFrame | undefined {
    const bytes = size > MAX_INDEX ? undefined : image.bytesAt(address, size);
    if (bytes === undefined) return undefined;
    const reader = new ByteReader(bytes);
    const version = reader.u8();
    const frameEncoding = reader.u8();
    const countEncoding = reader.u8();
    const tableEncoding = reader.u8();
    if (version !== 1 || tableEncoding !== (DW_EH_PE_datarel | DW_EH_PE_sdata4)) return undefined;
    pointer(reader, frameEncoding, address, address);
    const count = pointer(reader, countEncoding, address, address) ?? 0;
    if (reader.failed) return undefined;
    return new EhFrame(image, bytes, address, reader.at, Math.min(count, Math.floor((bytes.length - reader.at) / 8)));
  }

  /** The rules at an address of the file. */
  row(address: number): CallFrameRow | undefined {
    if (this.#rows.has(address)) return this.#rows.get(address);
    if (this.#rows.size > CACHED_ROWS) this.#rows.clear();
    const row = this.#findRow(address);
    this.#rows.set(address, row);
    return row;
  }

  #findRow(address: number): CallFrameRow | undefined {
    const distance = address - this.#indexAddress;
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#index.getInt32(this.#tableAt + middle * 8, true) > distance) high = middle;
      else low = middle + 1;
    }
    if (low === 0) return undefined;
    const entry = this.#entry(this.#indexAddress + this.#index.getInt32(this.#tableAt + (low - 1) * 8 + 4, true));
    return entry === undefined ? undefined : this.#describe(entry, address);
  }

  /** The entry at an address. Those of 64-bit DWARF, which nobody writes, are not read. */
  #entry(at: number): EntryBytes | undefined {
    const head = this.#image.bytesAt(at, 4);
    if (head === undefined || head.length < 4) return undefined;
    const length = new DataView(head.buffer, head.byteOffset, 4).getUint32(0, true);
    if (length < 4 || length > MAX_ENTRY) return undefined;
    const bytes = this.#image.bytesAt(at + 4, length);
    return bytes === undefined || bytes.length < length ? undefined : { bytes, address: at + 4 };
  }

  #describe(entry: EntryBytes, address: number): CallFrameRow | undefined {
    const reader = new ByteReader(entry.bytes);
    const common = this.#common(entry.address - Number(reader.fixed(4, true)));
    if (common === undefined) return undefined;
    const start = pointer(reader, common.pointerEncoding, entry.address, this.#indexAddress);
    // A length has the format of the address, and is relative to nothing.
    const length = pointer(reader, common.pointerEncoding & 0x0f, entry.address, 0);
    if (start === undefined || length === undefined || address < start || address >= start + length) return undefined;
    if (common.hasAugmentation) reader.slice(reader.uleb());
    if (reader.failed) return undefined;
    return execute(common, entry.bytes.subarray(reader.at), start, address);
  }

  #common(at: number): CommonInformation | undefined {
    if (this.#commons.has(at)) return this.#commons.get(at);
    const entry = this.#entry(at);
    const common = entry === undefined ? undefined : readCommon(entry);
    this.#commons.set(at, common);
    return common;
  }
}

function readCommon({ bytes, address }: EntryBytes): CommonInformation | undefined {
  const reader = new ByteReader(bytes);
  const id = reader.fixed(4, false);
  const version = reader.u8();
  if (id !== 0n || (version !== 1 && version !== 3)) return undefined;
  let letters = "";
  for (let letter = reader.u8(); letter !== 0; letter = reader.u8()) letters += String.fromCharCode(letter);
  const codeAlignment = reader.uleb();
  const dataAlignment = reader.sleb();
  const returnRegister = version === 1 ? reader.u8() : reader.uleb();
  let pointerEncoding = 0;
  let isSignalFrame = false;
  const hasAugmentation = letters.startsWith("z");
  if (hasAugmentation) {
    const size = reader.uleb();
    const end = reader.at + size;
    for (const letter of letters.slice(1)) {
      if (letter === "R") pointerEncoding = reader.u8();
      else if (letter === "P") pointer(reader, reader.u8(), address, 0);
      else if (letter === "L") reader.u8();
      else if (letter === "S") isSignalFrame = true;
      else break;
    }
    reader.at = end;
  } else if (letters !== "") return undefined;
  if (reader.failed || reader.at > bytes.length) return undefined;
  return {
    codeAlignment,
    dataAlignment,
    returnRegister,
    isSignalFrame,
    hasAugmentation,
    pointerEncoding,
    program: bytes.subarray(reader.at),
  };
}

/** A pointer encoded as DW_EH_PE_* say; undefined when it is omitted or encoded in no known way. */
function pointer(reader: ByteReader, encoding: number, base: number, data: number): number | undefined {
  if (encoding === DW_EH_PE_omit) return undefined;
  const here = base + reader.at;
  const value = encoded(reader, encoding & 0x0f);
  if (value === undefined) return undefined;
  const relation = encoding & 0x70;
  if (relation === 0) return value;
  if (relation === DW_EH_PE_pcrel) return here + value;
  return relation === DW_EH_PE_datarel ? data + value : undefined;
}

function encoded(reader: ByteReader, format: number): number | undefined {
  switch (format) {
    case 0x00:
    case 0x04:
    case 0x0c:
      return Number(reader.fixed(8, format === 0x0c));
    case 0x01:
      return reader.uleb();
    case 0x09:
      return reader.sleb();
    case 0x02:
    case 0x0a:
      return Number(reader.fixed(2, format === 0x0a));
    case 0x03:
    case 0x0b:
      return Number(reader.fixed(4, format === 0x0b));
    default:
      return undefined;
  }
}
