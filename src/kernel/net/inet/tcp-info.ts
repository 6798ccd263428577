// struct tcp_info as far as a connection over lo has something to say. net/ipv4/tcp.c: tcp_get_info
import { CLOSE, LISTEN } from "../sock.js";

const SIZE = 280;
const SEGMENT = 65483;
const DEFAULT_SEGMENT = 536;
const INITIAL_WINDOW = 10;

/** `waiting` of at most `limit` connections are there to be accepted, when it is a listener. */
export function tcpInfo(state: number, waiting: number, limit: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(SIZE));
  const connected = state !== CLOSE && state !== LISTEN;
  const u32 = (at: number, value: number): void => view.setUint32(at, value, true);
  view.setUint8(0, state);
  if (state === LISTEN) {
    u32(24, waiting); // tcpi_unacked
    u32(28, limit); // tcpi_sacked
    return new Uint8Array(view.buffer);
  }
  view.setUint8(5, connected ? 7 : 0); // timestamps, SACK, window scaling
  view.setUint8(6, connected ? 0x77 : 0);
  view.setUint8(7, 1); // tcpi_delivery_rate_app_limited
  u32(8, connected ? 200_000 : 1_000_000); // tcpi_rto
  u32(16, connected ? SEGMENT : DEFAULT_SEGMENT);
  u32(20, connected ? DEFAULT_SEGMENT : 0);
  u32(60, connected ? 65535 : 0); // tcpi_pmtu
  u32(80, INITIAL_WINDOW);
  u32(84, connected ? SEGMENT : DEFAULT_SEGMENT);
  u32(88, 3); // tcpi_reordering
  return new Uint8Array(view.buffer);
}
