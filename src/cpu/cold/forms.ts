// The forms met so far, for all address spaces, and the modules that hold their handlers.
import type { FunctionBody } from "../../wasm/module-builder.js";
import { LONG } from "../code-address.js";
import type { Microcode } from "../ir/node.js";
import type { Instruction } from "../x86/instruction.js";
import { type FormIr, formIr, formKey, microcodeOf, specialKey } from "./form.js";
import { describe, type FormFacts, readLine, readLines } from "./form-text.js";
import { HandlerWriter } from "./handler-writer.js";
import type { Prebuilt, PrebuiltPart } from "./prebuilt.js";
import { FIRST_FORM, handlerModule } from "./runtime-module.js";

export class Form {
  /** Place of the handler in the table. */
  readonly handler: number;
  readonly layout: string;
  readonly flags: number;
  readonly ends: boolean;
  readonly indirect: boolean;
  /** Ids of its microcode operations, in order; undefined until an instruction is met that tells them. */
  microcode: readonly number[] | undefined;
  /** Where the handler is made, once it is; undefined of a prebuilt form. */
  module: HandlerModule | undefined;

  constructor(facts: FormFacts) {
    this.handler = facts.handler;
    this.layout = facts.layout;
    this.flags = facts.flags;
    this.ends = facts.ends;
    this.indirect = facts.indirect;
    this.microcode = facts.hasMicrocode ? undefined : NONE;
  }
}

const NONE: readonly number[] = [];
/** Forms beside the prebuilt: those of immediates and registers would come to millions. Known programs need some hundred. */
const MAX_MADE = 1 << 13;

/** `forms` are those of the exports h0, h1... */
export interface HandlerModule {
  readonly code: WebAssembly.Module;
  readonly forms: readonly Form[];
}

/** Prebuilt handlers that put themselves into a table. */
export class Part {
  readonly first: number;
  readonly end: number;
  readonly #read: () => Uint8Array;
  #code: WebAssembly.Module | undefined;

  constructor({ first, end, code }: PrebuiltPart) {
    this.first = first;
    this.end = end;
    this.#read = code;
  }

  get code(): WebAssembly.Module {
    this.#code ??= new WebAssembly.Module(this.#read());
    return this.#code;
  }
}

/** Forms that share a key, and differ in what of the instruction shaped them. */
class SpecialForms {
  readonly special: number;
  readonly forms: Map<string, Form>;

  constructor(special: number, forms: Map<string, Form> = new Map()) {
    this.special = special;
    this.forms = forms;
  }
}

export class Forms {
  /** A prebuilt line is read when it is first wanted. */
  readonly #byKey = new Map<number, Form | SpecialForms | string>();
  /** By id, from 1 on; undefined when only its id was wanted so far. */
  readonly #microcode: (Microcode | undefined)[] = [undefined];
  /** Of such, which of its instruction's operations it is. */
  readonly #ordinals = new Map<number, number>();
  /** Lines that have not been looked at, of 64-bit code and of other. */
  #lines: (() => string) | undefined;
  #lines32: (() => string) | undefined;
  readonly #parts: readonly Part[];
  #waiting: { form: Form; body: FunctionBody }[] = [];
  #next: number;
  /** Where the handlers of the runtime module end. */
  readonly coreEnd: number;
  /** Forms that are not prebuilt, by their handlers' places from the first of them. */
  readonly #made: Form[] = [];
  readonly #firstMade: number;

  constructor(prebuilt?: Prebuilt) {
    this.#parts = prebuilt?.parts.map((part) => new Part(part)) ?? [];
    this.coreEnd = prebuilt?.coreEnd ?? FIRST_FORM;
    this.#next = this.#parts.at(-1)?.end ?? this.coreEnd;
    this.#firstMade = this.#next;
    this.#lines = prebuilt?.forms;
    this.#lines32 = prebuilt?.forms32;
  }

  /** The module that has a prebuilt handler, if it is not the runtime module. */
  partOf(handler: number): Part | undefined {
    return handler < this.#firstMade ? this.#parts.find(({ end }) => handler < end) : undefined;
  }

  /** Undefined when `findMicrocode` has to find it. */
  microcode(id: number): Microcode | undefined {
    return this.#microcode[id];
  }

  /** An id for the nth microcode operation of an instruction that is decoded only if it runs. */
  laterMicrocode(ordinal: number): number {
    const id = this.#microcode.push(undefined) - 1;
    this.#ordinals.set(id, ordinal);
    return id;
  }

  findMicrocode(id: number, i: Instruction): Microcode {
    const found = microcodeOf(i)[this.#ordinals.get(id) as number];
    this.#microcode[id] = found;
    return found;
  }

  /** The form of a handler that is not prebuilt. */
  byHandler(handler: number): Form {
    return this.#made[handler - this.#firstMade];
  }

  /** The form of an instruction: see form.ts. Its handler may have to be made by `make`. Undefined when there are too many forms. */
  of(i: Instruction, visibility: number, knownFlags: number): Form | undefined {
    if (i.mode === LONG) {
      if (this.#lines) readLines(this.#lines(), this.#byKey);
      this.#lines = undefined;
    } else {
      if (this.#lines32) readLines(this.#lines32(), this.#byKey);
      this.#lines32 = undefined;
    }
    const key = formKey(i, visibility, knownFlags);
    let found = this.#byKey.get(key);
    if (typeof found === "string") found = this.#read(key, found);
    const form = found instanceof Form ? found : this.#special(found, key, i, () => formIr(i, visibility, knownFlags));
    if (!form) return undefined;
    form.microcode ??= microcodeOf(i).map((handler) => this.#microcode.push(handler) - 1);
    return form;
  }

  #special(found: SpecialForms | undefined, key: number, i: Instruction, emit: () => FormIr): Form | undefined {
    const isFull = this.#made.length >= MAX_MADE;
    let among = found;
    let ir: FormIr | undefined;
    if (!among) {
      if (isFull) return undefined;
      ir = emit();
      if (ir.special === 0) return this.#add(key, this.#make(ir));
      among = this.#add(key, new SpecialForms(ir.special));
    }
    const known = among.forms.get(specialKey(i, among.special));
    if (known || isFull) return known;
    ir ??= emit();
    // This one looks at more than those before it did: they are told apart by that as well from now on.
    if ((ir.special & ~among.special) !== 0) among = this.#add(key, new SpecialForms(among.special | ir.special));
    const form = this.#make(ir);
    among.forms.set(specialKey(i, among.special), form);
    return form;
  }

  #add<T extends Form | SpecialForms>(key: number, forms: T): T {
    this.#byKey.set(key, forms);
    return forms;
  }

  #make(ir: FormIr): Form {
    const writer = new HandlerWriter("next");
    const body = writer.write(ir);
    const form = new Form(describe(ir, this.#next++, writer.layout));
    this.#waiting.push({ form, body });
    this.#made.push(form);
    return form;
  }

  #read(key: number, line: string): Form | SpecialForms {
    const read = readLine(line);
    if (!("special" in read)) return this.#add(key, new Form(read));
    const forms = new Map(read.forms.map(([special, facts]) => [special, new Form(facts)]));
    return this.#add(key, new SpecialForms(read.special, forms));
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
