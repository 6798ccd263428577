// Loads every family of instructions into the opcode table.
import "./arithmetic.js";
import "./bits.js";
import "./control-transfer.js";
import "./data-transfer.js";
import "./flag-control.js";
import "./multiply-divide.js";
import "./shift.js";
import "./string.js";
import "./system.js";
import "./sse-float.js";
import "./sse-integer.js";
import "./sse-move.js";
import "./x87.js";
import "./aes.js";
import "./sse-string.js";
