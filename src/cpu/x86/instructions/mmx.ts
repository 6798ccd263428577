// What MMX has that is not also an operation on xmm registers. SDM vol. 1, 9.3; the others are declared with their SSE forms.
import * as layout from "../../../machine/state-layout.js";
import { LOAD32 } from "../../ir/builder.js";
import { instruction } from "../opcode-table.js";

/** All registers empty again. */
instruction("emms", ["NP 0F 77"], {}, (x) => {
  x.waitX87();
  x.stateStore(layout.OFFSET_FPU_TOP, LOAD32, x.i32(0));
  x.stateStore(layout.OFFSET_FPU_TAG, LOAD32, x.i32(0));
});
