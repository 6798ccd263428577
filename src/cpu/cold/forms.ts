// The forms met so far, for all address spaces, and the modules that hold their handlers.
import type { Microcode } from "../ir/node.js";
import type { Instruction } from "../x86/instruction.js";
import { type FormIr, formIr, formKey, hasMicrocode, microcodeOf, specialKey } from "./form.js";
import { HandlerWriter, recordSize } from "./handler-writer.js";
import type { Prebuilt } from "./prebuilt.js";
import { FIRST_FORM, handlerModule } from "./runtime-module.js";

export interface Form {
  /** Place of the handler in the table. */
  readonly handler: number;
  /** What a record holds, as character codes. */
  readonly layout: Uint8Array;
  /** Bytes of a record. */
  readonly size: number;
  /** The lazy flags' operation it leaves, or FLAGS_KEPT, FLAGS_UNKNOWN. */
  readonly flags: number;
  /** Its block ends here. */
  readonly ends: boolean;
  /** It ends with a jump or call through a register or memory. */
  readonly indirect: boolean;
  /** Those of its microcode operations, in order. */
  microcode: readonly number[];
  /** Where the handler is made, once it is. */
  module: HandlerModule | undefined;
}

/** `forms` are those of the exports h0, h1... */
export interface HandlerModule {
  readonly code: WebAssembly.Module;
  readonly forms: readonly Form[];
}

/** Of a prebuilt form, until it is first met. */
const UNKNOWN_MICROCODE: readonly number[] = [-1];

const codesOf = (recordLayout: string) => Uint8Array.from(recordLayout, (what) => what.charCodeAt(0));

/** Forms that share a key, and differ in what of the instruction shaped them. */
interface SpecialForms {
  readonly special: number;
  readonly forms: Map<string, Form>;
}

// Bits of a prebuilt form.
const ENDS = 1;
const INDIRECT = 2;
const HAS_MICROCODE = 4;

export class Forms {
  /** A prebuilt line is read when it is first wanted. */
  readonly #byKey = new Map<number, Form | SpecialForms | string>();
  readonly #microcode: Microcode[] = [];
  #waiting: { form: Form; body: Uint8Array }[] = [];
  #next = FIRST_FORM;

  constructor(prebuilt?: Prebuilt) {
    if (!prebuilt) return;
    this.#next += prebuilt.count;
    for (const line of prebuilt.forms.split("\n")) {
      const end = line.indexOf(" ");
      this.#byKey.set(Number.parseInt(line.slice(0, end), 36), line.slice(end + 1));
    }
  }

  microcode(id: number): Microcode {
    return this.#microcode[id];
  }

  /** The form of an instruction: see form.ts. Its handler may have to be made by `make`. */
  of(i: Instruction, visibility: number, knownFlags: number): Form {
    const key = formKey(i, visibility, knownFlags);
    let found = this.#byKey.get(key);
    if (found === undefined) return this.#add(i, visibility, knownFlags, key);
    if (typeof found === "string") found = this.#read(key, found);
    if (!("special" in found)) return this.#complete(found, i);
    const special = specialKey(i, found.special);
    const known = found.forms.get(special);
    if (known) return this.#complete(known, i);
    return this.#addSpecial(found, special, i, formIr(i, visibility, knownFlags));
  }

  #add(i: Instruction, visibility: number, knownFlags: number, key: number): Form {
    const ir = formIr(i, visibility, knownFlags);
    if (ir.special === 0) {
      const form = this.#make(i, ir);
      this.#byKey.set(key, form);
      return form;
    }
    const forms: SpecialForms = { special: ir.special, forms: new Map() };
    this.#byKey.set(key, forms);
    return this.#addSpecial(forms, specialKey(i, ir.special), i, ir);
  }

  #addSpecial(among: SpecialForms, key: string, i: Instruction, ir: FormIr): Form {
    const form = this.#make(i, ir);
    among.forms.set(key, form);
    return form;
  }

  #make(i: Instruction, ir: FormIr): Form {
    const writer = new HandlerWriter("next");
    const body = writer.write(ir);
    const form: Form = {
      handler: this.#next++,
      layout: codesOf(writer.layout),
      size: recordSize(writer.layout),
      flags: ir.flags,
      ends: ir.terminator !== undefined,
      indirect:
        ir.terminator?.kind === "callIndirect" || (ir.terminator?.kind === "indirect" && !ir.terminator.isReturn),
      microcode: hasMicrocode(ir.nodes) ? this.#microcodeOf(i) : [],
      module: undefined,
    };
    this.#waiting.push({ form, body });
    return form;
  }

  #complete(form: Form, i: Instruction): Form {
    if (form.microcode === UNKNOWN_MICROCODE) form.microcode = this.#microcodeOf(i);
    return form;
  }

  #microcodeOf(i: Instruction): number[] {
    return microcodeOf(i).map((handler) => this.#microcode.push(handler) - 1);
  }

  #read(key: number, line: string): Form | SpecialForms {
    const [special, entries] = line.split(" ");
    const forms = new Map<string, Form>();
    for (const entry of entries.split(";")) {
      const [its, handler, recordLayout, flags, bits] = entry.split("/");
      forms.set(its, {
        handler: Number(handler),
        layout: codesOf(recordLayout),
        size: recordSize(recordLayout),
        flags: Number(flags),
        ends: (Number(bits) & ENDS) !== 0,
        indirect: (Number(bits) & INDIRECT) !== 0,
        microcode: Number(bits) & HAS_MICROCODE ? UNKNOWN_MICROCODE : [],
        module: undefined,
      });
    }
    const only = forms.get("");
    const read = special === "0" && only ? only : { special: Number(special), forms };
    this.#byKey.set(key, read);
    return read;
  }

  /** Makes the handlers of the forms that have none. */
  make(): void {
    if (this.#waiting.length === 0) return;
    const code = new WebAssembly.Module(handlerModule(this.#waiting.map(({ body }) => body)));
    const module: HandlerModule = { code, forms: this.#waiting.map(({ form }) => form) };
    for (const form of module.forms) form.module = module;
    this.#waiting = [];
  }
}
