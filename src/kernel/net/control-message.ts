// Control messages (cmsg): taking those of a send apart, and putting those of a receive into the program's buffer. net/core/scm.c
import { MSG_CTRUNC } from "../../abi/constants/network.js";
import { EINVAL, Errno } from "../../abi/errno.js";
import type { Task } from "../task/task.js";

const HEADER = 16;

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

  get isPresent(): boolean {
    return this.#start !== 0;
  }

  get used(): number {
    return this.#at - this.#start;
  }

  /** How many bytes of data a message could have. */
  get dataRoom(): number {
    return Math.max(0, this.#room - HEADER);
  }

  /** put_cmsg */
  put(level: number, type: number, data: Uint8Array): void {
    if (this.#room < HEADER) {
      this.flags |= MSG_CTRUNC;
      return;
    }
    let length = HEADER + data.length;
    if (this.#room < length) {
      this.flags |= MSG_CTRUNC;
      length = this.#room;
    }
    const bytes = new Uint8Array(length);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, BigInt(length), true);
    view.setInt32(8, level, true);
    view.setInt32(12, type, true);
    bytes.set(data.subarray(0, length - HEADER), HEADER);
    this.#task.copyOut(this.#at, bytes);
    const space = Math.min(HEADER + align(data.length), this.#room);
    this.#at += space;
    this.#room -= space;
  }
}
