// Which members of siginfo_t's union are meant, and where 32-bit programs have them. kernel/signal.c: siginfo_layout, copy_siginfo_to_user32
import * as uapi from "./constants/signals.js";
import type { Abi } from "./struct.js";

export const SIGINFO_SIZE = 128;

export type SiginfoLayout = "kill" | "timer" | "poll" | "fault" | "child" | "queue" | "sys";

/** Which fields of siginfo_t are meant. */
export function layoutOf(signal: number, code: number): SiginfoLayout {
  if (code > uapi.SI_USER && code < uapi.SI_KERNEL) {
    switch (signal) {
      case uapi.SIGILL:
      case uapi.SIGFPE:
      case uapi.SIGSEGV:
      case uapi.SIGBUS:
      case uapi.SIGTRAP:
        return "fault";
      case uapi.SIGCHLD:
        return "child";
      case uapi.SIGSYS:
        return "sys";
      default:
        return "poll";
    }
  }
  if (code === uapi.SI_TIMER) return "timer";
  if (code === uapi.SI_SIGIO) return "poll";
  return code < 0 ? "queue" : "kill";
}

interface Member {
  /** Where x86-64 has it, and where 32-bit programs do. */
  readonly at: number;
  readonly narrowAt: number;
  /** Bytes of the one and of the other. */
  readonly size: 4 | 8;
  readonly narrowSize: 4 | 8;
}

const int = (at: number, narrowAt: number): Member => ({ at, narrowAt, size: 4, narrowSize: 4 });
const long = (at: number, narrowAt: number): Member => ({ at, narrowAt, size: 8, narrowSize: 4 });

const HEAD = [int(0, 0), int(4, 4), int(8, 8)];
const SENDER = [int(16, 12), int(20, 16)];
const MEMBERS: Readonly<Record<SiginfoLayout, readonly Member[]>> = {
  kill: SENDER,
  timer: [...SENDER, long(24, 20)],
  queue: [...SENDER, long(24, 20)],
  child: [...SENDER, int(24, 20), long(32, 24), long(40, 28)],
  fault: [long(16, 12), int(24, 16), long(32, 20), long(40, 24)],
  poll: [long(16, 12), int(24, 16)],
  sys: [long(16, 12), int(24, 16), int(28, 20)],
};
/** x32 has times of 64 bits. */
const X32_CHILD: readonly Member[] = [
  ...SENDER,
  int(24, 20),
  { at: 32, narrowAt: 24, size: 8, narrowSize: 8 },
  { at: 40, narrowAt: 32, size: 8, narrowSize: 8 },
];

function membersOf(signal: number, code: number, abi: Abi): readonly Member[] {
  const layout = layoutOf(signal, code);
  return [...HEAD, ...(layout === "child" && abi === "x32" ? X32_CHILD : MEMBERS[layout])];
}

/** The 128 bytes of x86-64 as a program of `abi` sees them. */
export function narrowSiginfo(info: Uint8Array, abi: Abi): Uint8Array {
  if (abi === "x86_64") return info;
  const from = new DataView(info.buffer, info.byteOffset, SIGINFO_SIZE);
  const to = new DataView(new ArrayBuffer(SIGINFO_SIZE));
  for (const { at, narrowAt, narrowSize } of membersOf(from.getInt32(0, true), from.getInt32(8, true), abi)) {
    to.setInt32(narrowAt, from.getInt32(at, true), true);
    if (narrowSize === 8) to.setInt32(narrowAt + 4, from.getInt32(at + 4, true), true);
  }
  return new Uint8Array(to.buffer);
}

/** The reverse. Pointers are extended by zeros, which is what they mean, and times are never that long. */
export function wideSiginfo(info: Uint8Array, abi: Abi): Uint8Array {
  if (abi === "x86_64") return info;
  const from = new DataView(info.buffer, info.byteOffset, SIGINFO_SIZE);
  const to = new DataView(new ArrayBuffer(SIGINFO_SIZE));
  for (const { at, narrowAt, narrowSize } of membersOf(from.getInt32(0, true), from.getInt32(8, true), abi)) {
    to.setInt32(at, from.getInt32(narrowAt, true), true);
    if (narrowSize === 8) to.setInt32(at + 4, from.getInt32(narrowAt + 4, true), true);
  }
  return new Uint8Array(to.buffer);
}
