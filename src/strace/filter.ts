// Which calls are traced and how: the user's sets applied once per call and number.
import type { ArgumentType } from "../abi/argument.js";
import { unsignedNumber } from "../abi/digits.js";
import { peekString } from "../abi/memory.js";
import type { Tracee } from "../abi/tracee.js";
import type { Call } from "./call.js";
import type { StraceOptions } from "./options.js";

export interface Treatment {
  readonly traced: boolean;
  readonly abbreviate: boolean;
  readonly dereference: boolean;
  readonly raw: boolean;
}

const PATH_LIMIT = 4096;

export class Filter {
  readonly #options: StraceOptions;
  readonly #treatments = new Map<Call | number, Treatment>();

  constructor(options: StraceOptions) {
    this.#options = options;
  }

  /** For a call without a declaration, its number stands in: whatever is traced, it is too. */
  treatment(call: Call | undefined, number: number): Treatment {
    const key = call ?? number;
    let treatment = this.#treatments.get(key);
    if (treatment === undefined) {
      const identity = call ?? { name: `syscall_0x${(number >>> 0).toString(16)}`, classes: [], number };
      const { trace, abbreviate, dereference, raw } = this.#options;
      treatment = {
        traced: call === undefined || trace(identity),
        abbreviate: abbreviate(identity),
        dereference: dereference(identity),
        raw: raw(identity),
      };
      this.#treatments.set(key, treatment);
    }
    return treatment;
  }

  /** Whether the arguments are about one of the paths or descriptors asked for. */
  concerns(tracee: Tracee, call: Call | undefined): boolean {
    const { paths, descriptors } = this.#options;
    if (paths.length === 0 && descriptors === undefined) return true;
    if (call === undefined) return false;
    return call.types.some((type, i) => {
      const register = call.order[i] as number;
      const low = tracee.argumentLow(register);
      return this.#matches(tracee, type, low, tracee.argumentHigh(register));
    });
  }

  #matches(tracee: Tracee, type: ArgumentType<unknown>, low: number, high: number): boolean {
    const { paths, descriptors } = this.#options;
    if (type.role === "path") {
      const found = peekString(tracee, unsignedNumber(low, high), PATH_LIMIT);
      return found !== undefined && paths.includes(String.fromCharCode(...found.bytes));
    }
    if (type.role !== "descriptor" || low < 0) return false;
    if (descriptors?.(low)) return true;
    const path = paths.length === 0 ? undefined : tracee.fdPath(low);
    return path !== undefined && paths.includes(path);
  }
}
