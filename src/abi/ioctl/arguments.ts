// The argument of ioctl, by the name of the command.
import { type ArgumentType, dependent } from "../argument.js";
import { unsignedNumber } from "../digits.js";
import { hexLong } from "../scalars.js";
import type { ShowContext } from "../show.js";
import { quoted } from "../strings.js";
import { commandName } from "./command.js";
import { deviceCommands } from "./device-commands.js";
import type { Commands } from "./fields.js";
import { fileCommands } from "./file-commands.js";
import { socketCommands } from "./socket-commands.js";
import { terminalCommands } from "./terminal-commands.js";

const commands: Commands = { ...terminalCommands, ...socketCommands, ...fileCommands, ...deviceCommands };

const READ = 2;
const WRITE = 1;
const directionOf = (c: ShowContext): number => (c.abbreviate ? 0 : c.low("op") >>> 30);

/** The bytes a command's number says it takes or gives. */
function showSized(c: ShowContext, low: number, high: number): void {
  const size = (c.low("op") >>> 16) & 0x3fff;
  const limit = Math.min(size, c.style.stringLimit);
  const found = size === 0 || (low === 0 && high === 0) ? undefined : c.tracee.peek(unsignedNumber(low, high), limit);
  if (found === undefined) {
    hexLong.show(c, low, high);
    return;
  }
  c.out.string(quoted(found, { hexStrings: "always" }));
  if (size > limit) c.out.punct("...");
}

/** The argument of a command that has no other description: a number, or its bytes when nothing is to be abbreviated. */
const undescribed: ArgumentType<number> = {
  receive: unsignedNumber,
  atExit: (c) => directionOf(c) === READ,
  show: (c, low, high) => {
    const direction = directionOf(c);
    if ((direction & WRITE) !== 0 || (direction === READ && !c.failed)) showSized(c, low, high);
    else hexLong.show(c, low, high);
  },
  leave: (c, low, high) => {
    if (directionOf(c) !== (READ | WRITE) || c.failed) return;
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
      .find((one) => commands[one] !== undefined);
    const type = name === undefined ? undescribed : commands[name];
    known.set(number, type === "none" ? undefined : type);
  }
  return known.get(number);
}

export const ioctlArgument: ArgumentType<number> = dependent(hexLong, (c) => argumentOf(c.low("op") >>> 0));
