// Call frame programs: the instructions of a CIE and an FDE make a row of rules for each address. DWARF 5, 6.4.2
import { ByteReader } from "./byte-reader.js";
import type { CommonInformation } from "./eh-frame.js";

/** How the caller's value of a register is found, from the CFA or another register. */
export type RegisterRule =
  | { readonly kind: "undefined" | "same" }
  | { readonly kind: "offset" | "valueOffset" | "register"; readonly value: number }
  | { readonly kind: "expression" | "valueExpression"; readonly code: Uint8Array };

export type FrameAddressRule =
  | { readonly kind: "register"; readonly register: number; readonly offset: number }
  | { readonly kind: "expression"; readonly code: Uint8Array };

export interface CallFrameRow {
  readonly frameAddress: FrameAddressRule;
  /** By DWARF register number; registers that are not here keep their value. */
  readonly rules: ReadonlyMap<number, RegisterRule>;
  readonly returnRegister: number;
  readonly isSignalFrame: boolean;
}

const MAX_REMEMBERED = 64;
const MAX_REGISTER = 256;

interface State {
  frameAddress: FrameAddressRule | undefined;
  rules: Map<number, RegisterRule>;
}

/** The row for `address` of the function at `start`; undefined for a program that is no such thing. */
export function execute(
  common: CommonInformation,
  program: Uint8Array,
  start: number,
  address: number,
): CallFrameRow | undefined {
  const initial = new Program(common, { frameAddress: undefined, rules: new Map() });
  if (!initial.run(common.program, 0, Number.POSITIVE_INFINITY)) return undefined;
  const { state } = initial;
  const machine = new Program(common, { frameAddress: state.frameAddress, rules: new Map(state.rules) }, state.rules);
  if (!machine.run(program, start, address)) return undefined;
  const { frameAddress, rules } = machine.state;
  if (frameAddress === undefined) return undefined;
  const { returnRegister, isSignalFrame } = common;
  return { frameAddress, rules, returnRegister, isSignalFrame };
}

class Program {
  readonly #common: CommonInformation;
  readonly #initial: ReadonlyMap<number, RegisterRule>;
  readonly #remembered: State[] = [];
  state: State;

  constructor(common: CommonInformation, state: State, initial: ReadonlyMap<number, RegisterRule> = new Map()) {
    this.#common = common;
    this.#initial = initial;
    this.state = state;
  }

  /** Runs up to the row that holds `address`. */
  run(code: Uint8Array, start: number, address: number): boolean {
    const reader = new ByteReader(code);
    let location = start;
    while (!reader.ended) {
      const byte = reader.u8();
      const advance = this.#advance(byte, reader);
      if (advance === undefined) {
        if (!this.#instruction(byte, reader)) return false;
        continue;
      }
      location += advance * this.#common.codeAlignment;
      if (location > address) break;
    }
    return !reader.failed;
  }

  #advance(byte: number, reader: ByteReader): number | undefined {
    if (byte >> 6 === 1) return byte & 0x3f;
    // DW_CFA_advance_loc1, 2 and 4
    if (byte >= 0x02 && byte <= 0x04) return Number(reader.fixed(1 << (byte - 2), false));
    return undefined;
  }

  #set(register: number, rule: RegisterRule): boolean {
    if (register >= MAX_REGISTER) return false;
    this.state.rules.set(register, rule);
    return true;
  }

  #restore(register: number): boolean {
    const rule = this.#initial.get(register);
    if (rule === undefined) this.state.rules.delete(register);
    else this.state.rules.set(register, rule);
    return true;
  }

  #instruction(byte: number, reader: ByteReader): boolean {
    const scale = this.#common.dataAlignment;
    if (byte >> 6 === 2) return this.#set(byte & 0x3f, { kind: "offset", value: reader.uleb() * scale });
    if (byte >> 6 === 3) return this.#restore(byte & 0x3f);
    switch (byte) {
      case 0x00: // DW_CFA_nop
        return true;
      case 0x05: // DW_CFA_offset_extended
        return this.#set(reader.uleb(), { kind: "offset", value: reader.uleb() * scale });
      case 0x06: // DW_CFA_restore_extended
        return this.#restore(reader.uleb());
      case 0x07: // DW_CFA_undefined
        return this.#set(reader.uleb(), { kind: "undefined" });
      case 0x08: // DW_CFA_same_value
        return this.#set(reader.uleb(), { kind: "same" });
      case 0x09: // DW_CFA_register
        return this.#set(reader.uleb(), { kind: "register", value: reader.uleb() });
      case 0x0a: // DW_CFA_remember_state
        this.#remembered.push({ frameAddress: this.state.frameAddress, rules: new Map(this.state.rules) });
        return this.#remembered.length <= MAX_REMEMBERED;
      case 0x0b: {
        const state = this.#remembered.pop(); // DW_CFA_restore_state
        if (state !== undefined) this.state = state;
        return state !== undefined;
      }
      case 0x10: // DW_CFA_expression
        return this.#set(reader.uleb(), { kind: "expression", code: reader.slice(reader.uleb()) });
      case 0x11: // DW_CFA_offset_extended_sf
        return this.#set(reader.uleb(), { kind: "offset", value: reader.sleb() * scale });
      case 0x14: // DW_CFA_val_offset
        return this.#set(reader.uleb(), { kind: "valueOffset", value: reader.uleb() * scale });
      case 0x15: // DW_CFA_val_offset_sf
        return this.#set(reader.uleb(), { kind: "valueOffset", value: reader.sleb() * scale });
      case 0x16: // DW_CFA_val_expression
        return this.#set(reader.uleb(), { kind: "valueExpression", code: reader.slice(reader.uleb()) });
      case 0x2e: // DW_CFA_GNU_args_size
        reader.uleb();
        return true;
      default:
        return this.#frameAddress(byte, reader);
    }
  }

  #frameAddress(byte: number, reader: ByteReader): boolean {
    const scale = this.#common.dataAlignment;
    const current = this.state.frameAddress;
    switch (byte) {
      case 0x0c: // DW_CFA_def_cfa
        this.state.frameAddress = { kind: "register", register: reader.uleb(), offset: reader.uleb() };
        return true;
      case 0x12: // DW_CFA_def_cfa_sf
        this.state.frameAddress = { kind: "register", register: reader.uleb(), offset: reader.sleb() * scale };
        return true;
      case 0x0f: // DW_CFA_def_cfa_expression
        this.state.frameAddress = { kind: "expression", code: reader.slice(reader.uleb()) };
        return true;
      case 0x0d: // DW_CFA_def_cfa_register
      case 0x0e: // DW_CFA_def_cfa_offset
      case 0x13: {
        if (current?.kind !== "register") return false;
        const value = byte === 0x13 ? reader.sleb() * scale : reader.uleb(); // DW_CFA_def_cfa_offset_sf
        this.state.frameAddress = byte === 0x0d ? { ...current, register: value } : { ...current, offset: value };
        return true;
      }
      default:
        return false;
    }
  }
}
