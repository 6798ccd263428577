// For the build: the runtime module with the handlers of common forms, so that a program's start need not make them.
import { FLAT, LONG } from "../code-address.js";
import { Decoder, MAX_LENGTH } from "../x86/decoder.js";
import { FIRST_KEY_32, type FormIr, formIr, formKey, specialKey } from "./form.js";
import { describe, PrebuiltLine } from "./form-text.js";
import { HandlerWriter } from "./handler-writer.js";
import type { Prebuilt, PrebuiltPart } from "./prebuilt.js";
import { FIRST_FORM, partModule, runtimeModule } from "./runtime-module.js";

interface Common {
  readonly key: number;
  readonly specialKey: string;
  readonly ir: FormIr;
}

/** Forms in the runtime module: those of a program that prints a line, and of most programs beside. */
const CORE = 1357;
/** Forms in each of the modules that are loaded when one of their forms is met. */
const PART = 512;
/** Where examples lie: there is room before them for jumps back. */
const ORIGIN = 1 << 20;

/**
 * `examples`: lines of an instruction's bytes in hexadecimal, a visibility, the lazy operation known before it, and "32" for 32-bit code; those
 * first that most programs have.
 */
export function prebuild(examples: string): Prebuilt {
  const common = commonForms(examples);
  const lines = new Map<number, PrebuiltLine>();
  const handlers = (from: number, to: number) => (type: number) =>
    common.slice(from, to).map(({ key, specialKey, ir }, n) => {
      const writer = new HandlerWriter({ type });
      const body = writer.write(ir);
      const line = lines.get(key) ?? new PrebuiltLine(key, ir.special);
      line.add(specialKey, describe(ir, FIRST_FORM + from + n, writer.layout));
      lines.set(key, line);
      return body;
    });
  const core = runtimeModule(handlers(0, CORE), common.length);
  const parts: PrebuiltPart[] = [];
  for (let from = CORE; from < common.length; from += PART) {
    const [first, end] = [FIRST_FORM + from, FIRST_FORM + Math.min(from + PART, common.length)];
    const code = partModule(handlers(from, from + PART), first);
    parts.push({ first, end, code: () => code });
  }
  const text = (is32: boolean) =>
    [...lines]
      .filter(([key]) => key >= FIRST_KEY_32 === is32)
      .map(([, line]) => line)
      .join("\n");
  const [wide, narrow] = [text(false), text(true)];
  return { core: () => core, coreEnd: FIRST_FORM + CORE, parts, forms: () => wide, forms32: () => narrow };
}

/** Each form once. */
function commonForms(examples: string): Common[] {
  const code = new Uint8Array(2 * MAX_LENGTH);
  const decoder = new Decoder({ u8: code, linear: (address) => address - ORIGIN }, 3);
  const found = new Map<string, Common>();
  for (const line of examples.split("\n")) {
    const [bytes, visibility, flags, mode] = line.split(" ");
    if (!bytes) continue;
    code.fill(0);
    code.set(Buffer.from(bytes, "hex"));
    decoder.begin();
    const i = decoder.decode((mode === "32" ? FLAT : LONG) + ORIGIN);
    if (!i) throw new Error(`${bytes} is no instruction`);
    const key = formKey(i, Number(visibility), Number(flags));
    const ir = formIr(i, Number(visibility), Number(flags));
    const special = specialKey(i, ir.special);
    found.set(`${key} ${special}`, { key, specialKey: special, ir });
  }
  return [...found.values()];
}
