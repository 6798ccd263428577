// The command of an ioctl by name: from the table, or of those that say in their number how much they want, or taken apart.
import type { ArgumentType } from "../argument.js";
import { ioctlName } from "../constants/ioctl-commands.js";
import { absoluteAxes, eventTypes } from "../constants/ioctls.js";
import { hex } from "../digits.js";
import { type Enumeration, showNamed } from "../tables.js";

const WRITE = 1;
const READ = 2;
const directions = ["_IOC_NONE", "_IOC_WRITE", "_IOC_READ", "_IOC_READ|_IOC_WRITE"];

interface Family {
  readonly directions: readonly number[];
  readonly type: string;
  /** Number of the first command, and how many there are. */
  readonly from: number;
  readonly count?: number;
  name(size: number, index: number): string;
}

const sized = (name: string, type: string, from: number, ...directions: number[]): Family => ({
  directions: directions.length === 0 ? [READ] : directions,
  type,
  from,
  name: (size) => `${name}(${size})`,
});
const member = (table: Enumeration, index: number): string => table.names.get(index) ?? hex(index);

/** Commands that come in all sizes, or one for each of many things. */
const families: readonly Family[] = [
  sized("EVIOCGNAME", "E", 0x06),
  sized("EVIOCGPHYS", "E", 0x07),
  sized("EVIOCGUNIQ", "E", 0x08),
  sized("EVIOCGPROP", "E", 0x09),
  sized("EVIOCGMTSLOTS", "E", 0x0a),
  sized("EVIOCGKEY", "E", 0x18),
  sized("EVIOCGLED", "E", 0x19),
  sized("EVIOCGSND", "E", 0x1a),
  sized("EVIOCGSW", "E", 0x1b),
  {
    directions: [READ],
    type: "E",
    from: 0x20,
    count: 0x20,
    name: (size, index) => `EVIOCGBIT(${member(eventTypes, index)}, ${size})`,
  },
  {
    directions: [READ],
    type: "E",
    from: 0x40,
    count: 0x40,
    name: (_, index) => `EVIOCGABS(${member(absoluteAxes, index)})`,
  },
  {
    directions: [WRITE],
    type: "E",
    from: 0xc0,
    count: 0x40,
    name: (_, index) => `EVIOCSABS(${member(absoluteAxes, index)})`,
  },
  sized("HIDIOCGRAWNAME", "H", 0x04),
  sized("HIDIOCGRAWPHYS", "H", 0x05),
  sized("HIDIOCSFEATURE", "H", 0x06, READ, READ | WRITE),
  sized("HIDIOCGFEATURE", "H", 0x07, READ | WRITE),
  sized("HIDIOCGRAWUNIQ", "H", 0x08),
  sized("HIDIOCGPHYS", "H", 0x12),
  sized("UI_GET_SYSNAME", "U", 0x2c),
  sized("JSIOCGNAME", "j", 0x13),
  sized("SPI_IOC_MESSAGE", "k", 0x00, WRITE),
  { directions: [READ], type: "M", from: 0, count: 0x100, name: (_, index) => `MIXER_READ(${index})` },
  { directions: [WRITE], type: "M", from: 0, count: 0x100, name: (_, index) => `MIXER_WRITE(${index})` },
];

/** All names of command `number`, the most general first, joined by "or"; undefined when it has none. */
export function commandName(number: number): string | undefined {
  const type = String.fromCharCode((number >>> 8) & 0xff);
  const index = number & 0xff;
  const family = families.find(
    ({ directions, type: ofType, from, count = 1 }) =>
      ofType === type && index >= from && index < from + count && directions.includes(number >>> 30),
  );
  const listed = ioctlName(number);
  if (family === undefined) return listed;
  const name = family.name((number >>> 16) & 0x3fff, index - family.from);
  return listed === undefined ? name : `${name} or ${listed}`;
}

/** The command, by name or taken apart as the _IOC macro puts it together. */
export const ioctlCommand: ArgumentType<number> = {
  receive: (low) => low >>> 0,
  show: (c, low) => {
    const name = commandName(low >>> 0);
    if (name !== undefined) {
      showNamed(c, hex(low), name);
      return;
    }
    const parts = [(low >>> 8) & 0xff, low & 0xff, (low >>> 16) & 0x3fff].map((part) => hex(part));
    showNamed(c, hex(low), `_IOC(${directions[low >>> 30]}, ${parts.join(", ")})`);
  },
};
