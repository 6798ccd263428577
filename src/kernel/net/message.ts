// Linux's msghdr inside the kernel: what a send hands to a protocol, and what a receive gets back.
import type { IoVector } from "../vfs/io-vector.js";
import type { ControlBuffer } from "./control-message.js";

export interface OutgoingMessage {
  readonly data: IoVector;
  /** MSG_*; O_NONBLOCK of the file is MSG_DONTWAIT here. */
  readonly flags: number;
  /** A socket address as the program gave it. */
  readonly name: Uint8Array | undefined;
  /** msg_control as the program gave it. */
  readonly control: Uint8Array;
}

export interface IncomingMessage {
  readonly data: IoVector;
  readonly flags: number;
  readonly control: ControlBuffer;
  /** Set by the protocol: where the message came from; empty when it does not say. */
  name: Uint8Array;
  /** Set by the protocol: MSG_TRUNC, MSG_CTRUNC, MSG_EOR... */
  resultFlags: number;
}
