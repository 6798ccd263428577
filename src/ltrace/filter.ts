// Which functions are traced: chains of rules such as `malloc+free-@libc.so*`, each of which adds symbols or takes them away. ltrace(1).
import { UserError } from "../lib/errors.js";

/** Of what a rule is asked. */
export interface SymbolIdentity {
  readonly symbol: string;
  /** DT_SONAME of the file, or its base name. */
  readonly soname: string;
  readonly path: string;
  readonly isMain: boolean;
}

type Matcher = (identity: SymbolIdentity) => boolean;

interface Rule {
  readonly adds: boolean;
  readonly symbol: RegExp;
  readonly library: Matcher;
}

export class Filter {
  readonly #chains: readonly (readonly Rule[])[];

  /** A symbol is traced when any of the chains wants it. Throws a UserError for a pattern that is none. */
  constructor(chains: readonly string[]) {
    this.#chains = chains.map(readChain);
  }

  get isEmpty(): boolean {
    return this.#chains.length === 0;
  }

  wants(identity: SymbolIdentity): boolean {
    return this.#chains.some((chain) => {
      let wanted = false;
      for (const { adds, symbol, library } of chain)
        if (wanted !== adds && symbol.test(identity.symbol) && library(identity)) wanted = adds;
      return wanted;
    });
  }
}

function readChain(text: string): Rule[] {
  const rules = splitChain(text).map(readRule);
  // A chain that begins by taking away begins with everything.
  return rules[0]?.adds === false ? [readRule("+@"), ...rules] : rules;
}

/** At each sign that begins a rule: one inside of slashes or brackets does not. */
function splitChain(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let inside = "";
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (inside !== "") {
      if (character === inside) inside = "";
    } else if (character === "/") inside = text.indexOf("/", at + 1) >= 0 ? "/" : "";
    else if (character === "[") inside = text.indexOf("]", at + 1) >= 0 ? "]" : "";
    else if ((character === "+" || character === "-") && at > start) {
      parts.push(text.slice(start, at));
      start = at;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

function readRule(text: string): Rule {
  const adds = text[0] !== "-";
  const body = text.replace(/^[+-]/, "");
  // `/x@y/` is short for `/x/@/y/`.
  const both = /^\/(.*)@(.*)\/$/.exec(body);
  const isShort = both !== null && !body.includes("/@");
  const at = body.indexOf("@");
  const symbol = isShort ? `/${both[1]}/` : at < 0 ? body : body.slice(0, at);
  const library = isShort ? `/${both[2]}/` : at < 0 ? "" : body.slice(at + 1);
  return { adds, symbol: pattern(symbol), library: libraryMatcher(library) };
}

function libraryMatcher(text: string): Matcher {
  if (text === "MAIN") return ({ isMain }) => isMain;
  if (text.startsWith("/") && !(text.length > 1 && text.endsWith("/"))) {
    const path = pattern(text);
    return (identity) => path.test(identity.path);
  }
  const soname = pattern(text);
  return (identity) => soname.test(identity.soname);
}

/** A glob, or between slashes a regular expression; either must match all of a name. Nothing matches everything. */
function pattern(text: string): RegExp {
  if (text === "" || text === "*") return /^/;
  const expression =
    text.length > 1 && text.startsWith("/") && text.endsWith("/") ? `^(?:${text.slice(1, -1)})$` : globExpression(text);
  try {
    return new RegExp(expression);
  } catch {
    throw new UserError(`invalid pattern '${text}'`);
  }
}

function globExpression(glob: string): string {
  let expression = "^(?:";
  for (let at = 0; at < glob.length; at++) {
    const character = glob[at] as string;
    const end = character === "[" ? glob.indexOf("]", at + 2) : -1;
    if (end > 0) {
      const inside = glob
        .slice(at + 1, end)
        .replace(/^!/, "^")
        .replaceAll("\\", "\\\\");
      expression += `[${inside}]`;
      at = end;
    } else if (character === "*") expression += ".*";
    else if (character === "?") expression += ".";
    else if ((character === "^" && at === 0) || (character === "$" && at === glob.length - 1)) expression += "";
    else expression += character.replace(/[\\^$.|+(){}[\]]/, "\\$&");
  }
  return `${expression})$`;
}
