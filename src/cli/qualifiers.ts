// strace's qualifying expressions: OPTION=[!]all or OPTION=[!]VAL1[,VAL2]..., applied to the options.

import { signals } from "../abi/constants/signals.js";
import { UserError } from "../lib/errors.js";
import type { CallIdentity, Predicate, StraceOptions } from "../session/trace-program.js";
import { UsageError } from "./getopt.js";
import { injectionOf } from "./injection.js";

const everything = (): boolean => true;
const nothing = (): boolean => false;

/** Splits a set: what `!` says, and the words. */
function wordsOf(text: string): { inverted: boolean; words: readonly string[] } {
  const inverted = text.startsWith("!");
  return { inverted, words: (inverted ? text.slice(1) : text).split(",") };
}

function inverts<T>(predicate: Predicate<T>, inverted: boolean): Predicate<T> {
  return inverted ? (value) => !predicate(value) : predicate;
}

const classNames = new Set(
  "clock creds desc file fstat fstatfs ipc lstat memory net network process pure signal stat %stat statfs %statfs".split(
    " ",
  ),
);
/** Classes that may be named without the `%`, as of old. */
const bareClasses = new Set("desc file memory ipc network process signal".split(" "));

/** The number of a call that takes nothing and cannot fail. */
function pureCallAmong(calls: readonly CallIdentity[]): (name: string) => number | undefined {
  return (name) => calls.find((call) => call.name === name && call.classes.includes("pure"))?.number;
}

/** A set of system calls. `calls` are all there are: a word none of them answers to is an error. */
export function callSet(text: string, calls: readonly CallIdentity[]): Predicate<CallIdentity> {
  const { inverted, words } = wordsOf(text);
  if (words.length === 1 && words[0] === "all") return inverted ? nothing : everything;
  if (words.length === 1 && words[0] === "none") return inverted ? everything : nothing;
  const tests = words.map((word) => callTest(word, calls));
  return inverts((call) => tests.some((test) => test(call)), inverted);
}

function callTest(word: string, calls: readonly CallIdentity[]): Predicate<CallIdentity> {
  const lenient = word.startsWith("?");
  const { name, personality } = splitPersonality(lenient ? word.slice(1) : word);
  const wanted = personality === undefined ? undefined : PERSONALITIES[personality];
  const isWanted = (call: CallIdentity): boolean => wanted === undefined || (call.personality ?? "x86_64") === wanted;
  const test = nameTest(name, calls.filter(isWanted));
  if (test === undefined) {
    if (lenient) return nothing;
    throw new UserError(`invalid system call '${word}'`);
  }
  return (call) => isWanted(call) && test(call);
}

const PERSONALITIES: Readonly<Record<string, CallIdentity["personality"]>> = {
  "64": "x86_64",
  "32": "i386",
  x32: "x32",
};

function splitPersonality(word: string): { name: string; personality: string | undefined } {
  const at = word.lastIndexOf("@");
  if (at < 0 || word.startsWith("/")) return { name: word, personality: undefined };
  const personality = word.slice(at + 1);
  if (PERSONALITIES[personality] === undefined) {
    throw new UsageError(`incorrect personality designator '${personality}' in qualification '${word}'`);
  }
  return { name: word.slice(0, at), personality };
}

function nameTest(name: string, calls: readonly CallIdentity[]): Predicate<CallIdentity> | undefined {
  if (name === "all") return everything;
  if (name.startsWith("/")) return patternTest(name.slice(1));
  const group = name.startsWith("%") ? name.slice(1) : bareClasses.has(name) ? name : undefined;
  if (group !== undefined) {
    if (!classNames.has(group)) return undefined;
    const wanted = group === "network" ? "net" : group;
    return (call) => call.classes.includes(wanted);
  }
  if (/^[0-9]+$/.test(name)) {
    const number = Number(name);
    return calls.some((call) => call.number === number) ? (call) => call.number === number : undefined;
  }
  return calls.some((call) => call.name === name) ? (call) => call.name === name : undefined;
}

function patternTest(pattern: string): Predicate<CallIdentity> {
  try {
    const expression = new RegExp(pattern);
    return (call) => expression.test(call.name);
  } catch {
    throw new UserError(`regcomp: ${pattern}: ${patternComplaint(pattern)}`);
  }
}

/** glibc's words for what is wrong with a regular expression. */
function patternComplaint(pattern: string): string {
  if (/\[[^\]]*$/.test(pattern)) return "Unmatched [, [^, [:, [., or [=";
  if (/[()]/.test(pattern)) return "Unmatched ( or \\(";
  return "Invalid preceding regular expression";
}

function descriptorSet(text: string, what: string): Predicate<number> {
  const { inverted, words } = wordsOf(text);
  if (words.length === 1 && words[0] === "all") return inverted ? nothing : everything;
  if (words.length === 1 && words[0] === "none") return inverted ? everything : nothing;
  const numbers = new Set(
    words.map((word) => {
      if (!/^[0-9]+$/.test(word)) throw new UserError(`invalid ${what} '${word}'`);
      return Number(word);
    }),
  );
  return inverts((value) => numbers.has(value), inverted);
}

function signalSet(text: string): Predicate<number> {
  const { inverted, words } = wordsOf(text);
  if (words.length === 1 && words[0] === "all") return inverted ? nothing : everything;
  if (words.length === 1 && words[0] === "none") return inverted ? everything : nothing;
  const numbers = new Set(words.map(signalOf));
  return inverts((value) => numbers.has(value), inverted);
}

function signalOf(word: string): number {
  if (/^[0-9]+$/.test(word)) return Number(word);
  const upper = word.toUpperCase();
  for (const [number, name] of signals.names) {
    if (name === upper || name === `SIG${upper}`) return number;
  }
  throw new UserError(`invalid signal '${word}'`);
}

/** A set of words from a list. */
function wordSet(text: string, known: readonly string[], what: string): Set<string> {
  const { inverted, words } = wordsOf(text);
  let chosen: Set<string>;
  if (words.length === 1 && words[0] === "all") chosen = new Set(known);
  else if (words.length === 1 && words[0] === "none") chosen = new Set();
  else {
    for (const word of words) if (!known.includes(word)) throw new UserError(`invalid ${what} '${word}'`);
    chosen = new Set(words);
  }
  return inverted ? new Set(known.filter((word) => !chosen.has(word))) : chosen;
}

const statuses = ["successful", "failed", "unfinished", "unavailable", "detached"];
const messages = ["attach", "exit", "path-resolution", "path-resolve", "personality", "thread-execve", "superseded"];
const details = ["path", "socket", "dev", "pidfd", "eventfd", "signalfd"];

/** Applies one expression to `options`. */
export function qualify(expression: string, options: StraceOptions, calls: readonly CallIdentity[]): void {
  const equals = expression.indexOf("=");
  const name = equals < 0 ? "trace" : expression.slice(0, equals);
  const set = expression.slice(equals + 1);
  switch (name) {
    case "trace":
    case "t":
      options.trace = callSet(set, calls);
      break;
    case "abbrev":
    case "a":
      options.abbreviate = callSet(set, calls);
      break;
    case "verbose":
    case "v":
      options.dereference = callSet(set, calls);
      break;
    case "raw":
    case "x":
      options.raw = callSet(set, calls);
      break;
    case "signal":
    case "signals":
    case "s":
      options.signals = signalSet(set);
      break;
    case "read":
    case "reads":
    case "r":
      options.dumpRead = descriptorSet(set, "descriptor");
      break;
    case "write":
    case "writes":
    case "w":
      options.dumpWrite = descriptorSet(set, "descriptor");
      break;
    case "trace-fds":
    case "trace-fd":
    case "fds":
      options.descriptors = descriptorSet(set, "descriptor");
      break;
    case "status":
      options.statuses = set === "all" ? undefined : wordSet(set, statuses, "status");
      break;
    case "secontext":
      throw new UserError("SELinux context printing (--secontext option) is not supported by this build of strace");
    case "quiet":
    case "silent":
    case "silence":
    case "q":
      options.quiet = wordSet(set, messages, "quiet");
      break;
    case "decode-fds":
    case "decode-fd": {
      const chosen = wordSet(set, details, "decode-fds");
      options.style.descriptorPaths = chosen.has("path");
      options.style.descriptorDetails = chosen.size > 1;
      break;
    }
    case "inject":
    case "fault":
      options.injections = [
        ...options.injections,
        injectionOf(set, name, (text) => callSet(text, calls), pureCallAmong(calls), signalOf),
      ];
      break;
    case "kvm": // there is no virtual machine to leave
      if (!["vcpu", "vcpu+"].includes(set)) throw new UserError(`invalid -e kvm= argument: '${set}'`);
      break;
    case "namespace": // and no namespace to enter
      if (set !== "new") throw new UserError(`invalid -e namespace= argument: '${set}'`);
      break;
    default:
      // Without a known name before the `=`, the whole is a set of calls.
      options.trace = callSet(expression, calls);
  }
}
