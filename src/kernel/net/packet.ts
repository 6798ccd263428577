// Linux's sk_buff as far as it is seen from outside: bytes on their way, what travels with them, and what they are charged as.
import type { File } from "../vfs/file.js";

/** Who sent a message: SCM_CREDENTIALS. */
export interface SenderCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

const SKB_OVERHEAD = 256; // struct sk_buff
const SHARED_INFO = 320; // struct skb_shared_info
const PAGE = 4096;

export class Packet {
  readonly bytes: Uint8Array;
  /** What of `bytes` a stream has read already. */
  offset = 0;
  readonly truesize: number;
  /** The sender's address, in the receiver's form. */
  name: Uint8Array | undefined;
  /** Files in flight: each holds a reference. */
  files: readonly File[] | undefined;
  credentials: SenderCredentials | undefined;
  /** Called once when the packet is freed, with the files that are still in it. */
  onFree: ((files: readonly File[]) => void) | undefined;
  /** Where a datagram was sent to, in the receiver's form. */
  destination: Uint8Array | undefined;
  /** Nanoseconds since the epoch when it came. */
  time = 0n;

  /** `bytes` becomes the packet's own. */
  constructor(bytes: Uint8Array, truesize: number) {
    this.bytes = bytes;
    this.truesize = truesize;
  }

  get length(): number {
    return this.bytes.length - this.offset;
  }

  get rest(): Uint8Array {
    return this.bytes.subarray(this.offset);
  }

  /** kfree_skb: files that are still with it are released. */
  free(): void {
    const { files, onFree } = this;
    this.files = undefined;
    this.onFree = undefined;
    onFree?.(files ?? []);
    for (const file of files ?? []) file.put();
  }
}

/** skb->truesize of a packet with `head` bytes in its head and `fragments` in pages. net/core/skbuff.c: __alloc_skb */
export function truesizeOf(head: number, fragments = 0): number {
  let bucket = 512;
  while (bucket < head + SHARED_INFO) bucket *= 2;
  return SKB_OVERHEAD + bucket + Math.ceil(fragments / PAGE) * PAGE;
}

/** Packets in the order they came. */
export class PacketQueue {
  #packets: Packet[] = [];
  #first = 0;
  /** The sum of the packets' lengths. */
  size = 0;
  truesize = 0;

  get length(): number {
    return this.#packets.length - this.#first;
  }

  get head(): Packet | undefined {
    return this.#packets[this.#first];
  }

  at(index: number): Packet | undefined {
    return this.#packets[this.#first + index];
  }

  push(packet: Packet): void {
    this.#packets.push(packet);
    this.size += packet.length;
    this.truesize += packet.truesize;
  }

  /** Takes the first packet out, without freeing it. */
  shift(): Packet {
    const packet = this.#packets[this.#first];
    this.#first++;
    this.size -= packet.length;
    this.truesize -= packet.truesize;
    if (this.#first > 32 && this.#first * 2 > this.#packets.length) {
      this.#packets = this.#packets.slice(this.#first);
      this.#first = 0;
    }
    return packet;
  }

  /** `count` bytes of the first packet have been read; it goes when that is all of it. */
  consume(count: number): void {
    const packet = this.#packets[this.#first];
    packet.offset += count;
    this.size -= count;
    if (packet.length === 0) this.shift().free();
  }

  /** `count` bytes of a packet in the queue were taken; it stays. */
  use(packet: Packet, count: number): void {
    packet.offset += count;
    this.size -= count;
  }

  purge(): void {
    while (this.length > 0) this.shift().free();
  }

  *[Symbol.iterator](): Iterator<Packet> {
    for (let i = this.#first; i < this.#packets.length; i++) yield this.#packets[i];
  }
}
