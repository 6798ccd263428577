// Socket addresses of AX.25, amateur radio's packets: a call sign, and those of the stations that repeat them. See linux/ax25.h.
import type { ShowContext } from "./show.js";
import { quoted } from "./strings.js";

const CALL = 7;
const CALLS_AT = 2;
const COUNT_AT = 12;
export const SOCKADDR_AX25 = 16;
const MOST_STATIONS = 8; // AX25_MAX_DIGIS

/** A call sign as people write it; undefined when there are bytes in it that nobody writes. */
function callText(call: Uint8Array): string | undefined {
  let text = "";
  for (const byte of call.subarray(0, CALL - 1)) {
    const char = String.fromCharCode(byte >> 1);
    if (!/[ -~]/.test(char) || char === "*" || char === "/") return undefined;
    text += char;
  }
  return `${text.replace(/ +$/, "")}-${(call[CALL - 1] >> 1) & 15}`;
}

/** Does the text say all of it? Letters are shifted by one bit, and bits beside the number have meanings of their own. */
const isPlain = (call: Uint8Array, text: string): boolean =>
  /^[A-Z0-9]+-\d+$/.test(text) && call.every((byte) => (byte & 1) === 0) && (call[CALL - 1] & ~0x1e) === 0;

function showCall(c: ShowContext, view: DataView, at: number): void {
  const call = new Uint8Array(view.buffer, view.byteOffset + at, CALL);
  const text = callText(call);
  const plain = text !== undefined && isPlain(call, text);
  if (c.style.constants === "abbrev" && plain) {
    c.out.flag(text);
    return;
  }
  c.out.punct("{");
  c.out.name("ax25_call");
  c.out.punct("=");
  c.out.string(quoted(call, { hexStrings: "always" }));
  c.out.punct("}");
  if (text !== undefined && !(plain && c.style.constants === "raw")) c.out.comment(` /* ${text} */`);
}

/** struct sockaddr_ax25 or full_sockaddr_ax25, behind its family. */
export function showRadioAddress(c: ShowContext, view: DataView): void {
  const { out } = c;
  const count = view.getInt32(COUNT_AT, true);
  const length = view.byteLength;
  const isFull = length > SOCKADDR_AX25 || count !== 0;
  out.punct(", ");
  if (isFull) {
    out.name("fsa_ax25");
    out.punct("={");
  }
  out.name("sax25_call");
  out.punct("=");
  showCall(c, view, CALLS_AT);
  out.punct(", ");
  out.name("sax25_ndigis");
  out.punct("=");
  out.number(count.toString());
  if (!isFull) return;
  out.punct("}");
  const room = Math.floor((length - SOCKADDR_AX25) / CALL);
  if (count > 0) showStations(c, view, Math.min(count, MOST_STATIONS), room);
  const rest = length - SOCKADDR_AX25;
  if (rest % CALL !== 0 || rest > MOST_STATIONS * CALL) out.punct(", ...");
}

function showStations(c: ShowContext, view: DataView, count: number, room: number): void {
  const { out } = c;
  out.punct(", ");
  out.name("fsa_digipeater");
  out.punct("=[");
  const shown = Math.min(count, room);
  for (let i = 0; i < shown; i++) {
    if (i > 0) out.punct(", ");
    showCall(c, view, SOCKADDR_AX25 + i * CALL);
  }
  if (shown < count) out.punct(shown > 0 ? ", ..." : "...");
  out.punct("]");
}
