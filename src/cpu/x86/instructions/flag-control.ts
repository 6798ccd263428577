// CLC STC CMC CLD STD. SDM vol. 2.
import { CF, DF, OFFSET_SYSTEM_FLAGS } from "../../../machine/state-layout.js";
import { LOAD32 } from "../../ir/builder.js";
import type { Emitter } from "../emitter.js";
import { instruction } from "../opcode-table.js";

instruction("clc", ["F8"], { writes: "C" }, (x) => x.changeFlags(CF, () => x.i32(0)));
instruction("stc", ["F9"], { writes: "C" }, (x) => x.changeFlags(CF, () => x.i32(CF)));
instruction("cmc", ["F5"], { reads: "C", writes: "C" }, (x) => x.changeFlags(CF, () => x.eqz(x.carry())));

const setDirection = (x: Emitter, value: number) => {
  const others = x.and(x.stateLoad(OFFSET_SYSTEM_FLAGS, LOAD32), x.i32(~DF));
  x.stateStore(OFFSET_SYSTEM_FLAGS, LOAD32, x.or(others, x.i32(value)));
};
instruction("cld", ["FC"], {}, (x) => setDirection(x, 0));
instruction("std", ["FD"], {}, (x) => setDirection(x, DF));
