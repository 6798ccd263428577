// What the kernel's side of a netlink protocol makes of a request. net/netlink/af_netlink.c: netlink_rcv_skb, netlink_dump
import type { Net } from "../net.js";
import type { NetlinkRequest } from "./netlink-message.js";

/** What a request gets: messages, one buffer per receive, or an error. */
export type Reply =
  | { readonly error: number }
  | {
      readonly parts: readonly Uint8Array[];
      readonly isDump: boolean;
      /** The end of a dump comes in a buffer of its own. */
      readonly doneApart: boolean;
      /** What the end of a dump says: an error number, 0 when all went well. */
      readonly doneError?: number;
    };

/** Answers a request that came from `port`. */
export type Answer = (request: NetlinkRequest, port: number, net: Net, isPrivileged: boolean) => Reply;

export const SILENCE: Reply = { parts: [], isDump: false, doneApart: false };
