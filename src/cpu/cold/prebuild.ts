// For the build: the runtime module with the handlers of common forms, so that a program's start need not make them.
import { FLAT, LONG } from "../code-address.js";
import { Decoder, MAX_LENGTH } from "../x86/decoder.js";
import "../x86/instructions/all.js";
import { type FormIr, formIr, formKey, specialKey } from "./form.js";
import { describe, PrebuiltLine } from "./form-text.js";
import { HandlerWriter } from "./handler-writer.js";
import type { Prebuilt } from "./prebuilt.js";
import { FIRST_FORM, runtimeModule } from "./runtime-module.js";

interface Common {
  readonly key: number;
  readonly specialKey: string;
  readonly ir: FormIr;
}

/** `examples`: lines of an instruction's bytes in hexadecimal, a visibility, the lazy operation known before it, and "32" for 32-bit code. */
export function prebuild(examples: string): Prebuilt {
  const common = commonForms(examples);
  const lines = new Map<number, PrebuiltLine>();
  const code = runtimeModule((type) =>
    common.map(({ key, specialKey, ir }, n) => {
      const writer = new HandlerWriter({ type });
      const body = writer.write(ir);
      const line = lines.get(key) ?? new PrebuiltLine(key, ir.special);
      line.add(specialKey, describe(ir, FIRST_FORM + n, writer.layout));
      lines.set(key, line);
      return body;
    }),
  );
  return {
    code: Buffer.from(code).toString("base64"),
    forms: [...lines.values()].join("\n"),
    count: common.length,
  };
}

/** Each form once. */
function commonForms(examples: string): Common[] {
  const code = new Uint8Array(2 * MAX_LENGTH);
  const decoder = new Decoder({ u8: code, linear: (address) => address }, 3);
  const found = new Map<string, Common>();
  for (const line of examples.split("\n")) {
    const [bytes, visibility, flags, mode] = line.split(" ");
    if (!bytes) continue;
    code.fill(0);
    code.set(Buffer.from(bytes, "hex"));
    decoder.begin();
    const i = decoder.decode(mode === "32" ? FLAT : LONG);
    if (!i) throw new Error(`${bytes} is no instruction`);
    const key = formKey(i, Number(visibility), Number(flags));
    const ir = formIr(i, Number(visibility), Number(flags));
    const special = specialKey(i, ir.special);
    found.set(`${key} ${special}`, { key, specialKey: special, ir });
  }
  return [...found.values()];
}
