// The arithmetic flags of a stored lazy state as a number, by running the same IR the instructions use.
import type { GuestMemory } from "../machine/guest-memory.js";
import { OFFSET_CC_A, OFFSET_CC_B, OFFSET_CC_C, OFFSET_CC_OP, STATE } from "../machine/state-layout.js";
import { evaluateFlags } from "./interpreter/evaluate-flags.js";

export class FlagsReader {
  read(memory: GuestMemory): number {
    const { view } = memory;
    const operation = view.getInt32(STATE + OFFSET_CC_OP, true);
    if (operation < 4) return view.getInt32(STATE + OFFSET_CC_A, true);
    return evaluateFlags(
      operation,
      view.getBigUint64(STATE + OFFSET_CC_A, true),
      view.getBigUint64(STATE + OFFSET_CC_B, true),
      view.getBigUint64(STATE + OFFSET_CC_C, true),
    );
  }
}
