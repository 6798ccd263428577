// The forms met so far, for all address spaces, and the modules that hold their handlers.
import type { Microcode } from "../ir/node.js";
import type { Instruction } from "../x86/instruction.js";
import { type FormIr, formIr, formKey, hasMicrocode, microcodeOf, specialKey } from "./form.js";
import { HandlerWriter, recordSize } from "./handler-writer.js";
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
  readonly microcode: readonly number[];
  /** Where the handler is made, once it is. */
  module: HandlerModule | undefined;
}

/** `forms` are those of the exports h0, h1... */
export interface HandlerModule {
  readonly code: WebAssembly.Module;
  readonly forms: readonly Form[];
}

/** Forms that share a key, and differ in what of the instruction shaped them. */
interface SpecialForms {
  readonly special: number;
  readonly forms: Map<string, Form>;
}

export class Forms {
  readonly #byKey = new Map<number, Form | SpecialForms>();
  readonly #microcode: Microcode[] = [];
  #waiting: { form: Form; body: Uint8Array }[] = [];
  #next = FIRST_FORM;

  microcode(id: number): Microcode {
    return this.#microcode[id];
  }

  /** The form of an instruction: see form.ts. Its handler may have to be made by `make`. */
  of(i: Instruction, visibility: number, knownFlags: number): Form {
    const key = formKey(i, visibility, knownFlags);
    const found = this.#byKey.get(key);
    if (found === undefined) return this.#add(i, visibility, knownFlags, key);
    if (!("special" in found)) return found;
    const special = specialKey(i, found.special);
    return found.forms.get(special) ?? this.#addSpecial(found, special, i, formIr(i, visibility, knownFlags));
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
      layout: Uint8Array.from(writer.layout, (what) => what.charCodeAt(0)),
      size: recordSize(writer.layout),
      flags: ir.flags,
      ends: ir.terminator !== undefined,
      indirect:
        ir.terminator?.kind === "callIndirect" || (ir.terminator?.kind === "indirect" && !ir.terminator.isReturn),
      microcode: hasMicrocode(ir.nodes) ? microcodeOf(i).map((handler) => this.#microcode.push(handler) - 1) : [],
      module: undefined,
    };
    this.#waiting.push({ form, body });
    return form;
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
