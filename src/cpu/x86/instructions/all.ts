// The opcode table with every family of instructions in it.
import { rowsAt } from "../opcode-table.js";
import "./arithmetic.js";
import "./bits.js";
import "./bmi.js";
import "./control-transfer.js";
import "./data-transfer.js";
import "./flag-control.js";
import "./fma.js";
import "./legacy.js";
import "./mmx.js";
import "./multiply-divide.js";
import "./segment.js";
import "./shift.js";
import "./string.js";
import "./system.js";
import "./sse-float.js";
import "./sse-integer.js";
import "./sse-move.js";
import "./x87-arithmetic.js";
import "./x87-comparison.js";
import "./x87-control.js";
import "./x87-transfer.js";
import "./avx.js";
import "./avx-gather.js";
import "./aes.js";
import "./sse-string.js";

/** The rows of an opcode, all families being there. In the bundle they come when the first instruction is decoded. */
export const knownRows = rowsAt;
