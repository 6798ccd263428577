// System calls as the tracer needs them: looked up by number, with their arguments in the order they are printed.
import type { ArgumentType } from "../abi/argument.js";
import { NarrowArguments } from "../abi/argument-registers.js";
import { hexLong } from "../abi/scalars.js";
import type { Abi } from "../abi/struct.js";
import type { Tracee } from "../abi/tracee.js";
import type { CallIdentity } from "./options.js";

/** What the tracer uses of a declaration. */
export interface CallDeclaration {
  readonly name: string;
  readonly nr: { readonly x64?: number; readonly i386?: number; readonly x32?: number };
  readonly classes: readonly string[];
  readonly args: Readonly<Record<string, ArgumentType<unknown>>>;
  readonly returns: ArgumentType<unknown>;
  readonly shown?: readonly string[];
  readonly layout?: Abi;
  /** The call this is a door to, and its arguments. */
  readonly leadsTo?: (words: {
    argument(index: number): number;
    words(address: number, count: number): ArrayLike<number> | undefined;
  }) => { readonly call: CallDeclaration; readonly values: readonly number[] } | undefined;
}

/** A call that was reached through another's door. */
export interface LedCall {
  readonly call: Call;
  readonly values: readonly number[];
}

export interface Call extends CallIdentity {
  /** Argument names in register order. */
  readonly names: readonly string[];
  /** Position in the registers of each argument printed, in printing order. */
  readonly order: readonly number[];
  /** Names and types in printing order. */
  readonly labels: readonly string[];
  readonly types: readonly ArgumentType<unknown>[];
  readonly returns: ArgumentType<unknown>;
  readonly layout: Abi | undefined;
  readonly leadsTo: CallDeclaration["leadsTo"];
  /** Where the arguments are, when registers have 32 bits. */
  readonly narrow: NarrowArguments | undefined;
  /** Names are printed whatever the user says (clone). */
  readonly named: boolean;
  readonly neverReturns: boolean;
}

/** The last number x86-64 had of its own before all tables went on with the same calls. */
const LAST_COMMON = 334;
const X32_BIT = 0x40000000;

export type Personality = Tracee["personality"];

export class CallTable {
  readonly #declarations: readonly CallDeclaration[];
  /** Made when the first call of the personality is met, most programs having one; the calls when they are met. */
  readonly #tables: Partial<Record<Personality, Map<number, CallDeclaration>>> = {};
  readonly #calls: Record<Personality, Map<number, Call>> = { x86_64: new Map(), i386: new Map(), x32: new Map() };
  readonly #behindDoors = new Map<CallDeclaration, Call>();

  constructor(declarations: readonly CallDeclaration[]) {
    this.#declarations = declarations;
  }

  find(tracee: Tracee): Call | undefined {
    const { personality, syscallNumber } = tracee;
    return this.byNumber(personality === "x32" ? syscallNumber & ~X32_BIT : syscallNumber, personality);
  }

  /** Where a door leads this time. */
  follow(call: Call, tracee: Tracee): LedCall | undefined {
    const led = call.leadsTo?.({
      argument: (index) => tracee.argumentLow(index) >>> 0,
      words: (address, count) => {
        const bytes = tracee.peek(address, count * 4);
        return bytes && new Uint32Array(bytes.slice().buffer);
      },
    });
    if (led === undefined) return undefined;
    let behind = this.#behindDoors.get(led.call);
    if (behind === undefined) {
      behind = callOf(led.call, call.number, "i386");
      this.#behindDoors.set(led.call, behind);
    }
    return { call: behind, values: led.values };
  }

  byNumber(number: number, personality: Personality = "x86_64"): Call | undefined {
    const calls = this.#calls[personality];
    const known = calls.get(number);
    if (known !== undefined) return known;
    this.#tables[personality] ??= makeTable(this.#declarations, personality);
    const declaration = this.#tables[personality].get(number);
    if (declaration === undefined) return undefined;
    const call = callOf(declaration, number, personality);
    calls.set(number, call);
    return call;
  }
}

function makeTable(declarations: readonly CallDeclaration[], personality: Personality): Map<number, CallDeclaration> {
  const table = new Map<number, CallDeclaration>();
  for (const declaration of declarations) {
    const { x64, i386, x32 } = declaration.nr;
    const number = personality === "x86_64" ? x64 : personality === "i386" ? i386 : x32;
    if (number !== undefined) table.set(number, declaration);
    if (personality === "x32" && x64 !== undefined && x64 <= LAST_COMMON && x32 !== x64) {
      table.set(x64, notX32(declaration));
    }
  }
  return table;
}

/** A number of x86-64 that x32 has another one for: told without knowing what is in the registers. */
function notX32(declaration: CallDeclaration): CallDeclaration {
  const { name, nr, classes, returns } = declaration;
  const names = Object.keys(declaration.args);
  const hasFrame = name === "rt_sigreturn";
  const args = hasFrame ? declaration.args : Object.fromEntries(names.map((argument) => [argument, hexLong]));
  return { name: `${name}#64`, nr, classes, args, returns };
}

function callOf(declaration: CallDeclaration, number: number, personality: Personality): Call {
  const names = Object.keys(declaration.args);
  const labels = declaration.shown ?? names;
  return {
    name: declaration.name,
    classes: declaration.classes,
    number,
    names,
    order: labels.map((label) => names.indexOf(label)),
    labels,
    types: labels.map((label) => declaration.args[label] as ArgumentType<unknown>),
    returns: declaration.returns,
    personality,
    layout: personality === "i386" ? declaration.layout : undefined,
    leadsTo: declaration.leadsTo,
    narrow: personality === "i386" ? new NarrowArguments(Object.values(declaration.args)) : undefined,
    named: declaration.shown !== undefined,
    neverReturns: declaration.name === "exit" || declaration.name === "exit_group",
  };
}
