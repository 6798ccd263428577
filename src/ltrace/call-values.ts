// The values of one call: its arguments as they were at the call, its result, and how both are shown.
import type { Tracee, UserRegisters } from "../abi/tracee.js";
import type { Scope } from "./prototype/expression.js";
import { formatLenses, PRECISION } from "./prototype/format.js";
import type { Showing } from "./prototype/lens.js";
import { int } from "./prototype/number-lenses.js";
import type { FormatLens } from "./prototype/string-lenses.js";
import type { Parameter, Place, Signature } from "./signature.js";

const RAX = 0;
const RCX = 1;
const RDX = 2;
const RSI = 6;
const RDI = 7;
const R8 = 8;
const R9 = 9;
const ARGUMENT_REGISTERS = [RDI, RSI, RDX, RCX, R8, R9];
const VECTOR_REGISTERS = 8;
const TWO_32 = 0x1_0000_0000;
const EIGHTBYTE = 8;
/** Where values put together from registers are, as addresses no process has. */
const SCRATCH = -4096;

/** What the registers held when the function was entered. */
export class CallRegisters {
  readonly general = new Int32Array(ARGUMENT_REGISTERS.length * 2);
  vectors: Uint8Array | undefined;
  /** Address of the first argument that is on the stack. */
  stack = 0;

  take(registers: UserRegisters, stack: number, withVectors: boolean): void {
    for (let n = 0; n < ARGUMENT_REGISTERS.length; n++) {
      const register = ARGUMENT_REGISTERS[n] as number;
      this.general[n * 2] = registers.low(register);
      this.general[n * 2 + 1] = registers.high(register);
    }
    this.stack = stack;
    if (!withVectors) return;
    this.vectors ??= new Uint8Array(VECTOR_REGISTERS * EIGHTBYTE);
    for (let n = 0; n < VECTOR_REGISTERS; n++) this.vectors.set(registers.xmm(n).subarray(0, EIGHTBYTE), n * EIGHTBYTE);
  }
}

export class CallShower implements Showing, Scope {
  text = "";
  readonly stringLimit: number;
  readonly arrayLimit: number;
  readonly around: Showing["around"] = [];
  scope: Scope = this;
  readonly #scratch = new Uint8Array(256);
  #tracee!: Tracee;
  #call!: CallRegisters;
  #signature!: Signature;
  #result: number | undefined;
  /** The last number that a format took from its arguments. */
  #precision: number | undefined;

  constructor(limits: { readonly stringLimit: number; readonly arrayLimit: number }) {
    this.stringLimit = limits.stringLimit;
    this.arrayLimit = limits.arrayLimit;
  }

  memory(address: number, length: number): Uint8Array | undefined {
    if (address < 0) return this.#scratch.subarray(address - SCRATCH, address - SCRATCH + length);
    return this.#tracee.peek(address, length);
  }

  argument(number: number): number | undefined {
    if (number === 0) return this.#result;
    if (number === PRECISION) return this.#precision;
    const place = this.#signature.parameters[number - 1]?.places[0];
    if (place?.kind === "general") {
      const { general } = this.#call;
      const low = (general[place.index * 2] as number) >>> 0;
      return (this.#isWide(number) ? (general[place.index * 2 + 1] as number) : 0) * TWO_32 + low;
    }
    const bytes = place?.kind === "stack" ? this.memory(this.#call.stack + place.offset, EIGHTBYTE) : undefined;
    if (bytes === undefined) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, EIGHTBYTE);
    return (this.#isWide(number) ? view.getInt32(4, true) : 0) * TWO_32 + view.getUint32(0, true);
  }

  element(): number | undefined {
    return undefined;
  }

  #isWide(number: number): boolean {
    return this.#signature.parameters[number - 1]?.lens.size === EIGHTBYTE;
  }

  begin(tracee: Tracee, call: CallRegisters, signature: Signature): void {
    this.#tracee = tracee;
    this.#call = call;
    this.#signature = signature;
    this.#result = undefined;
    this.text = "";
  }

  /** The texts of parameters from `first` to before `end`, and behind the last of all of those that a format asks for. */
  argumentTexts(first: number, end: number): string[] {
    const { parameters, format } = this.#signature;
    const texts: string[] = [];
    for (let n = first; n < end; n++) this.#addText(parameters[n] as Parameter, texts);
    if (format === undefined || end < parameters.length) return texts;
    const places = this.#signature.places();
    for (const lens of formatLenses(this.#formatText(format), this.stringLimit)) {
      const parameter = places.of(lens);
      this.#addText(parameter, texts);
      if (lens === int) this.#precision = Number(this.text);
    }
    return texts;
  }

  #addText(parameter: Parameter, texts: string[]): void {
    if (parameter.lens.isHidden) return;
    this.text = "";
    this.#showParameter(parameter);
    texts.push(this.text);
  }

  #formatText(format: FormatLens): string {
    const parameter = this.#signature.parameters.find(({ lens }) => lens === format) as Parameter;
    const place = parameter.places[0] as Place;
    if (place.kind !== "general") return "";
    const { general } = this.#call;
    let address =
      ((general[place.index * 2 + 1] as number) >>> 0) * TWO_32 + ((general[place.index * 2] as number) >>> 0);
    let text = "";
    for (; text.length < this.stringLimit; address += format.unit) {
      // Nothing a format means is beyond the first byte.
      const byte = this.memory(address, format.unit)?.[0];
      if (!byte) break;
      text += String.fromCharCode(byte);
    }
    return text;
  }

  #showParameter({ lens, places }: Parameter): void {
    const place = places[0] as Place;
    if (place.kind === "stack") {
      const address = this.#call.stack + place.offset;
      if (!lens.show(this, address)) this.text += `0x${address.toString(16)}`;
    } else if (lens.passing === "aggregate") {
      places.forEach((each, n) => {
        this.#scratch.set(this.#eightbyte(each), n * EIGHTBYTE);
      });
      lens.show(this, SCRATCH);
    } else {
      const { general, vectors } = this.#call;
      if (place.kind === "general")
        lens.word(this, general[place.index * 2] as number, general[place.index * 2 + 1] as number);
      else {
        this.#scratch.set((vectors as Uint8Array).subarray(place.index * EIGHTBYTE, (place.index + 1) * EIGHTBYTE));
        lens.show(this, SCRATCH);
      }
    }
  }

  #eightbyte(place: Place): Uint8Array {
    const { general, vectors } = this.#call;
    if (place.kind === "vector")
      return (vectors as Uint8Array).subarray(place.index * EIGHTBYTE, (place.index + 1) * EIGHTBYTE);
    const index = (place as { index: number }).index * 2;
    return new Uint8Array(new Int32Array([general[index] as number, general[index + 1] as number]).buffer);
  }

  /** The function has returned: from now on expressions know its result. */
  setResult(registers: UserRegisters): void {
    const { result } = this.#signature;
    const low = registers.low(RAX);
    this.#result = result.size === 4 ? low : registers.high(RAX) * TWO_32 + (low >>> 0);
  }

  resultText(registers: UserRegisters): string {
    this.text = "";
    this.#showResult(registers);
    return this.text;
  }

  #showResult(registers: UserRegisters): void {
    const { result, resultClasses, resultInMemory } = this.#signature;
    switch (result.passing) {
      case "none":
      case "integer":
        return result.word(this, registers.low(RAX), registers.high(RAX));
      case "sse":
        this.#scratch.set(registers.xmm(0));
        break;
      case "x87":
        this.#scratch.set(registers.st0());
        break;
      case "aggregate": {
        if (resultInMemory) {
          const address = registers.address(RAX);
          if (!result.show(this, address)) this.text += `0x${address.toString(16)}`;
          return;
        }
        const general = [RAX, RDX];
        const vector = [0, 1];
        resultClasses.forEach((kind, n) => {
          if (kind === "vector")
            this.#scratch.set(registers.xmm(vector.shift() as number).subarray(0, 8), n * EIGHTBYTE);
          else {
            const register = general.shift() as number;
            const halves = new Int32Array([registers.low(register), registers.high(register)]);
            this.#scratch.set(new Uint8Array(halves.buffer), n * EIGHTBYTE);
          }
        });
      }
    }
    result.show(this, SCRATCH);
  }
}
