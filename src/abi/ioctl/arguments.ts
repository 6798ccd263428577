// The argument of ioctl, by the name of the command.
import { type ArgumentType, dependent } from "../argument.js";
import { unsignedNumber } from "../digits.js";
import { hexLong } from "../scalars.js";
import type { ShowContext } from "../show.js";
import { quoted } from "../strings.js";
import { btrfsCommands } from "./btrfs-commands.js";
import { commandName } from "./command.js";
import { deviceCommands } from "./device-commands.js";
import { deviceMapperCommands } from "./device-mapper-commands.js";
import type { Commands } from "./fields.js";
import { fileCommands } from "./file-commands.js";
import { hardwareCommands } from "./hardware-commands.js";
import { kvmCommands } from "./kvm-commands.js";
import { otherCommands } from "./other-commands.js";
import { socketCommands } from "./socket-commands.js";
import { teeCommands } from "./tee-commands.js";
import { terminalCommands } from "./terminal-commands.js";
import { videoCommands } from "./video-commands.js";

/** Each is looked into when those before it do not have the command. */
const families: readonly (() => Commands)[] = [
  () => terminalCommands,
  () => socketCommands,
  () => fileCommands,
  () => deviceCommands,
  () => hardwareCommands,
  () => btrfsCommands,
  () => kvmCommands,
  () => deviceMapperCommands,
  () => teeCommands,
  () => otherCommands,
  () => videoCommands,
];

function described(name: string): Commands[string] | undefined {
  for (const family of families) {
    const type = family()[name];
    if (type !== undefined) return type;
  }
  return undefined;
}

const READ = 2;
const WRITE = 1;
/** Types of which strace knows commands' arguments: of others of these it says no more than the number. */
const DESCRIBED_TYPES = new Set([
  0x03, 0x12, 0x15, 0x21, 0x22, 0x24, 0x3d, 0x3e, 0x45, 0x49, 0x4b, 0x4c, 0x4d, 0x4f, 0x52, 0x54, 0x56, 0x57, 0x58,
  0x66, 0x69, 0x6f, 0x70, 0x75, 0x89, 0x8a, 0x94, 0xa4, 0xaa, 0xab, 0xae, 0xb4, 0xb7, 0xfd, 0xff,
]);

/** Which way bytes go that are to be shown. */
function directionOf(c: ShowContext): number {
  const command = c.low("op");
  if (c.abbreviate || DESCRIBED_TYPES.has((command >>> 8) & 0xff)) return 0;
  // Some say how much, and not which way.
  return command >>> 30 === 0 && sizeOf(c) > 0 ? READ | WRITE : command >>> 30;
}

/** The bytes a command's number says it takes or gives, as many as are shown. */
function peekSized(c: ShowContext, low: number, high: number): Uint8Array | undefined {
  const size = sizeOf(c);
  return size === 0 || (low === 0 && high === 0)
    ? undefined
    : c.tracee.peek(unsignedNumber(low, high), Math.min(size, c.style.stringLimit));
}

const sizeOf = (c: ShowContext): number => (c.low("op") >>> 16) & 0x3fff;

function showSized(c: ShowContext, low: number, high: number): void {
  const found = peekSized(c, low, high);
  if (found === undefined) {
    hexLong.show(c, low, high);
    return;
  }
  c.out.string(quoted(found, { hexStrings: "always" }));
  if (sizeOf(c) > found.length) c.out.punct("...");
}

/** The argument of a command that has no other description: a number, or its bytes when nothing is to be abbreviated. */
const undescribed: ArgumentType<number> = {
  receive: unsignedNumber,
  atExit: (c) => directionOf(c) === READ,
  show: (c, low, high) => {
    const direction = directionOf(c);
    if (direction !== 0) showSized(c, low, high);
    else hexLong.show(c, low, high);
  },
  leave: (c, low, high) => {
    if (directionOf(c) !== (READ | WRITE) || peekSized(c, low, high) === undefined) return;
    c.out.punct(" => ");
    showSized(c, low, high);
  },
};

const known = new Map<number, ArgumentType<unknown> | undefined>();

/** What the argument of command `number` is; undefined when it has none. Of several names, the first that says something decides. */
function argumentOf(number: number): ArgumentType<unknown> | undefined {
  if (!known.has(number)) {
    const name = commandName(number)
      ?.split(" or ")
      .map((one) => one.replace(/\(.*/, ""))
      .find((one) => described(one) !== undefined);
    const type = name === undefined ? undescribed : described(name);
    known.set(number, type === "none" ? undefined : type);
  }
  return known.get(number);
}

export const ioctlArgument: ArgumentType<number> = dependent(hexLong, (c) => argumentOf(c.low("op") >>> 0));
