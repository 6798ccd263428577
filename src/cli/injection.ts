// The expressions inject= and fault=: SET[:error=ERRNO|:retval=VALUE][:signal=SIG][:syscall=CALL][:delay_enter=DELAY][:delay_exit=DELAY]
// [:poke_enter=@argN=DATA,...][:poke_exit=@argN=DATA,...][:when=FIRST[..LAST][+[STEP]]].
import { errnoNumber } from "../abi/errno.js";
import { UserError } from "../lib/errors.js";
import type { CallIdentity, Injection, Poke, Predicate } from "../session/trace-program.js";

const LARGEST_COUNT = 0xffff;
const LARGEST_ERRNO = 4095;
const UNITS: Readonly<Record<string, number>> = { s: 1e9, ms: 1e6, us: 1e3, ns: 1 };

export function injectionOf(
  text: string,
  name: "inject" | "fault",
  callsOf: (set: string) => Predicate<CallIdentity>,
  pureCall: (name: string) => number | undefined,
  signalOf: (word: string) => number,
): Injection {
  const [set, ...parts] = text.split(":");
  const complaint = new UserError(`invalid ${name} argument '${text}'`);
  let injection: Injection = { calls: callsOf(set as string), first: 1, last: LARGEST_COUNT, step: 1 };
  if (name === "fault") injection = { ...injection, error: errnoNumber("ENOSYS") as number };
  const bare = Object.keys(injection).length;
  for (const part of parts) {
    const equals = part.indexOf("=");
    const key = part.slice(0, equals);
    const value = part.slice(equals + 1);
    const read = name === "fault" && key !== "error" && key !== "when" ? undefined : readers[key];
    const change =
      key === "signal"
        ? { signal: signalOf(value) }
        : key === "syscall" && name === "inject"
          ? optional("syscall", pureCall(value))
          : read?.(value);
    if (change === undefined) throw complaint;
    injection = { ...injection, ...change };
  }
  const skips = injection.error !== undefined || injection.value !== undefined;
  if (injection.syscall !== undefined && !skips) throw complaint;
  if (Object.keys(injection).length === bare && name === "inject") throw complaint;
  return injection;
}

const readers: Readonly<Record<string, (value: string) => Partial<Injection> | undefined>> = {
  error: (value) => {
    const number = /^[0-9]+$/.test(value) ? Number(value) : errnoNumber(value.toUpperCase());
    return number === undefined || number > LARGEST_ERRNO ? undefined : { error: number };
  },
  retval: (value) => (/^(0x[0-9a-f]+|[0-9]+)$/i.test(value) ? { value: Number(value) } : undefined),
  signal: () => undefined,
  delay_enter: (value) => optional("delayEnter", delay(value)),
  delay_exit: (value) => optional("delayExit", delay(value)),
  poke_enter: (value) => optional("pokeEnter", pokes(value)),
  poke_exit: (value) => optional("pokeExit", pokes(value)),
  when: occurrences,
};

function optional<K extends keyof Injection>(key: K, value: Injection[K] | undefined): Partial<Injection> | undefined {
  return value === undefined ? undefined : { [key]: value };
}

/** Microseconds, or a number with its unit. */
function delay(text: string): number | undefined {
  const match = /^([0-9]+(?:\.[0-9]+)?)(s|ms|us|ns)?$/.exec(text);
  return match === null ? undefined : Number(match[1]) * (UNITS[match[2] ?? "us"] as number);
}

function pokes(text: string): Poke[] | undefined {
  const all: Poke[] = [];
  for (const word of text.split(",")) {
    const match = /^@arg([1-6])=((?:[0-9a-f]{2})+)$/i.exec(word);
    if (match === null) return undefined;
    const bytes = Uint8Array.from(match[2]?.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    all.push({ argument: Number(match[1]) - 1, bytes });
  }
  return all;
}

function occurrences(text: string): Partial<Injection> | undefined {
  const match = /^([0-9]+)(?:\.\.([0-9]+))?(\+([0-9]+)?)?$/.exec(text);
  if (match === null || match[1] === "0") return undefined;
  const first = Number(match[1]);
  const last = match[2] === undefined ? (match[3] === undefined ? first : LARGEST_COUNT) : Number(match[2]);
  return { first, last, step: match[4] === undefined ? 1 : Number(match[4]) };
}
