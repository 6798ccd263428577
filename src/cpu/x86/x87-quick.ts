// The x87 instructions programs use most, on operands that are ordinary numbers, in IR: all exceptions masked, no stack fault, results that are
// normal. What is not so is left to the exact functions (lib/float80) by way of microcode. One function of the runtime module has them all; it
// gets an operation as a number, works on the state, and says whether it did it: if not, nothing has changed but the scratch area.
import * as layout from "../../machine/state-layout.js";

// Operations. x, y and the destination are numbers of stack registers, or CONVERTED.
export const FROM_FLOAT32 = 0; // of the scratch area's first word: to CONVERTED
export const FROM_FLOAT64 = 1;
export const FROM_INT16 = 2;
export const FROM_INT32 = 3;
export const FROM_INT64 = 4;
export const PUSH = 5; // x
export const PUSH_ONE = 6;
export const PUSH_ZERO = 7;
export const ADD = 8; // destination = x + y
export const SUBTRACT = 9;
export const MULTIPLY = 10;
export const DIVIDE = 11;
export const COMPARE = 12; // x with y, to the condition codes
export const COMPARE_FLAGS = 13; // the same, to the scratch area's first word as rflags
export const MOVE = 14; // destination = x
export const EXCHANGE = 15; // x and y
export const NEGATE = 16; // of x
export const ABSOLUTE = 17;
// To memory: the value of x in the scratch area's first word, and behind it the status word to be set when it is stored.
export const TO_FLOAT32 = 18;
export const TO_FLOAT64 = 19;
export const TO_INT16 = 20;
export const TO_INT32 = 21;
export const TO_INT64 = 22;
export const SQUARE_ROOT = 23; // destination = that of x
/** Beside TO_INT: as if rounding control said so. */
export const TRUNCATED = 1 << 24;
export const OPERATIONS = 24;

/** The operand that FROM_ made. */
export const CONVERTED = 8;
/** `pops`: registers popped afterwards. */
export const operation = (kind: number, x = 0, y = 0, destination = 0, pops = 0): number =>
  kind | (x << 8) | (y << 12) | (destination << 16) | (pops << 20);

export const SCRATCH_VALUE = layout.OFFSET_SCRATCH;
export const SCRATCH_STATUS = layout.OFFSET_SCRATCH + 8;
export const SCRATCH_OPERAND = layout.OFFSET_SCRATCH + 32;
