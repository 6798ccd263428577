// --kernel-config: the choices Linux leaves to whoever configures it.

import { UserError } from "../lib/errors.js";
import type { KernelConfig } from "../session/run-program.js";

const OPTIONS: Readonly<Record<string, keyof KernelConfig>> = { IA32_EMULATION: "ia32", X86_X32_ABI: "x32" };

/** `texts` as the user gave them, "IA32_EMULATION=n,X86_X32_ABI=y". */
export function kernelConfig(texts: readonly string[]): Partial<KernelConfig> {
  const config: Partial<Record<keyof KernelConfig, boolean>> = {};
  for (const text of texts.flatMap((each) => each.split(","))) {
    const [, name = "", value = ""] = /^(?:CONFIG_)?([^=]*)=(.*)$/.exec(text) ?? [];
    const option = OPTIONS[name];
    if (option === undefined || (value !== "y" && value !== "n")) {
      throw new UserError(`invalid --kernel-config '${text}': ${Object.keys(OPTIONS).join(" or ")}, then =y or =n`);
    }
    config[option] = value === "y";
  }
  return config;
}
