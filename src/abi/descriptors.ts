// File descriptors and process ids: numbers that stand for something, which -y and -Y name.
import type { ArgumentType } from "./argument.js";
import { AT_FDCWD } from "./constants/files.js";
import { unsignedNumber } from "./digits.js";
import { peekView } from "./memory.js";
import { showAddress } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { escapedText, quoted } from "./strings.js";
import { showNamed } from "./tables.js";
import type { TraceeSocket } from "./tracee.js";

/** A path between angle brackets: what would be ambiguous there is escaped too. The path has one character per byte. */
function annotationOf(c: ShowContext, path: string, details = ""): string {
  const text = escapedText(
    Uint8Array.from(path, (character) => character.charCodeAt(0)),
    c.style,
  );
  return `<${text.replaceAll("<", "\\74").replaceAll(">", "\\76")}${details}>`;
}

export function showDescriptor(c: ShowContext, fd: number): void {
  c.out.number(fd.toString());
  if (!c.style.descriptorPaths || fd < 0) return;
  const socket = c.style.descriptorDetails ? c.tracee.fdSocket?.(fd) : undefined;
  if (socket !== undefined) {
    c.out.annotation(socketText(c, socket));
    return;
  }
  const path = c.tracee.fdPath(fd);
  if (path !== undefined) c.out.annotation(annotationOf(c, path, c.style.descriptorDetails ? deviceText(c, fd) : ""));
}

/** How many sockets a tracer remembers: one for each remainder of their inodes. */
const REMEMBERED_SOCKETS = 1024;

/** `<TCP:[127.0.0.1:80->127.0.0.1:4711]>`, as it was when there first was something to tell. */
function socketText(c: ShowContext, socket: TraceeSocket): string {
  const { protocol, inode, names } = socket;
  const slot = inode % REMEMBERED_SOCKETS;
  const [known, text] = c.socketNames.get(slot) ?? [];
  if (known === inode && text !== undefined) return text;
  if (names === undefined) return `<${protocol}:[${inode}]>`;
  const fresh = `<${protocol}:[${names}${pathText(c, socket)}]>`;
  c.socketNames.set(slot, [inode, fresh]);
  return fresh;
}

/** `,"/run/door"`, or `,@"door"` for an abstract name: of that too only what comes before a NUL. */
function pathText(c: ShowContext, { path }: TraceeSocket): string {
  if (path === undefined || path.length === 0) return "";
  const isAbstract = path[0] === 0;
  const name = isAbstract ? path.subarray(1) : path;
  const end = name.indexOf(0);
  return `,${isAbstract ? "@" : ""}${quoted(end < 0 ? name : name.subarray(0, end), c.style)}`;
}

function deviceText(c: ShowContext, fd: number): string {
  const device = c.tracee.fdDevice?.(fd);
  return device === undefined ? "" : `<${device.kind} ${device.major}:${device.minor}>`;
}

export const fd: ArgumentType<number> = {
  role: "descriptor",
  receive: (low) => low,
  show: (c, low) => showDescriptor(c, low),
};

/** The directory a relative path starts from. */
export const dirFd: ArgumentType<number> = {
  role: "descriptor",
  receive: (low) => low,
  show: (c, low) => {
    if (low !== AT_FDCWD) {
      showDescriptor(c, low);
      return;
    }
    showNamed(c, "-100", "AT_FDCWD");
    if (c.style.descriptorPaths) c.out.annotation(annotationOf(c, c.tracee.cwd()));
  },
};

/** The two descriptors pipe and socketpair make. */
export const fdPairOut: ArgumentType<number> = {
  receive: unsignedNumber,
  atExit: true,
  show: (c, low, high) => {
    const pair = c.failed ? undefined : peekView(c.tracee, unsignedNumber(low, high), 8);
    if (pair === undefined) {
      showAddress(c, low, high);
      return;
    }
    c.out.punct("[");
    showDescriptor(c, pair.getInt32(0, true));
    c.out.punct(", ");
    showDescriptor(c, pair.getInt32(4, true));
    c.out.punct("]");
  },
};

export const pid: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => showPid(c, low),
};

export function showPid(c: ShowContext, low: number): void {
  c.out.number(low.toString());
  if (c.style.pidNames && low === c.tracee.pid) c.out.annotation(`<${c.tracee.comm()}>`);
}
