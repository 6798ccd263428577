// Control messages (cmsg): taking those of a send apart, and putting those of a receive into the program's buffer. net/core/scm.c
import { MSG_CTRUNC } from "../../abi/constants/network.js";
import { EINVAL, Errno } from "../../abi/errno.js";
import type { Abi } from "../../abi/struct.js";
import { joinBytes } from "../../lib/bytes.js";
import type { Task } from "../task/task.js";

const HEADER = 16;
const NARROW_HEADER = 12;

const align = (length: number): number => Math.ceil(length / 8) * 8;

export interface ControlMessage {
  readonly level: number;
  readonly type: number;
  readonly data: Uint8Array;
}

/** for_each_cmsghdr and CMSG_OK. What is left when no header fits is ignored. */
export function parseControl(control: Uint8Array): ControlMessage[] {
  const view = new DataView(control.buffer, control.byteOffset, control.byteLength);
  const messages: ControlMessage[] = [];
  for (let at = 0; at + HEADER <= control.length; ) {
    const length = Number(view.getBigUint64(at, true));
    if (length < HEADER || length > control.length - at) throw new Errno(EINVAL);
    const [level, type] = [view.getInt32(at + 8, true), view.getInt32(at + 12, true)];
    messages.push({ level, type, data: control.subarray(at + HEADER, at + length) });
    at += align(length);
  }
  return messages;
}

/** The control messages of a program with 32-bit longs, laid out as those of one with 64. cmsghdr_from_user_compat_to_kern */
export function widenControl(control: Uint8Array, abi: Abi): Uint8Array {
  if (abi === "x86_64") return control;
  const view = new DataView(control.buffer, control.byteOffset, control.byteLength);
  const parts: Uint8Array[] = [];
  for (let at = 0; at + NARROW_HEADER <= control.length; ) {
    const length = view.getUint32(at, true);
    if (length < NARROW_HEADER || length > control.length - at) throw new Errno(EINVAL);
    const data = control.subarray(at + NARROW_HEADER, at + length);
    const part = new Uint8Array(align(HEADER + data.length));
    new DataView(part.buffer).setBigUint64(0, BigInt(HEADER + data.length), true);
    part.set(control.subarray(at + 4, at + NARROW_HEADER), 8);
    part.set(data, HEADER);
    parts.push(part);
    at += Math.ceil(length / 4) * 4;
  }
  return joinBytes(parts);
}

/** msg_control of a receive: where control messages go, as long as there is room. */
export class ControlBuffer {
  readonly #task: Task;
  #at: number;
  #room: number;
  readonly #start: number;
  /** MSG_CTRUNC when something did not fit. */
  flags = 0;

  constructor(task: Task, address: number, length: number) {
    this.#task = task;
    this.#start = this.#at = address;
    this.#room = address === 0 ? 0 : length;
  }

  /** How the program lays structures out. */
  get abi(): Abi {
    return this.#task.abi;
  }

  get isPresent(): boolean {
    return this.#start !== 0;
  }

  get used(): number {
    return this.#at - this.#start;
  }

  /** How many bytes of data a message could have. */
  get dataRoom(): number {
    return Math.max(0, this.#room - this.#header);
  }

  get #header(): number {
    return this.#task.pointerBytes + 8;
  }

  /** put_cmsg, put_cmsg_compat */
  put(level: number, type: number, data: Uint8Array): void {
    const header = this.#header;
    if (this.#room < header) {
      this.flags |= MSG_CTRUNC;
      return;
    }
    let length = header + data.length;
    if (this.#room < length) {
      this.flags |= MSG_CTRUNC;
      length = this.#room;
    }
    const bytes = new Uint8Array(length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, length, true);
    view.setInt32(header - 8, level, true);
    view.setInt32(header - 4, type, true);
    bytes.set(data.subarray(0, length - header), header);
    this.#task.copyOut(this.#at, bytes);
    const unit = this.#task.pointerBytes;
    const space = Math.min(header + Math.ceil(data.length / unit) * unit, this.#room);
    this.#at += space;
    this.#room -= space;
  }
}
