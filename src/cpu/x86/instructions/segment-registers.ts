// MOV to and from the segment registers, as far as a 64-bit program may. SDM vol. 2, MOV; vol. 3, 3.4.
import { GENERAL_PROTECTION, INVALID_OPCODE } from "../../../machine/processor.js";
import * as layout from "../../../machine/state-layout.js";
import { type Core, Exception } from "../../core.js";
import { LOAD16, LOAD32 } from "../../ir/builder.js";
import { instruction } from "../opcode-table.js";

/** Of Linux's descriptors those a program may load: flat data and code, and the one whose limit holds the processor's number. */
const LOADABLE = [0x20, 0x28, 0x30, 0x78];
const SELECTOR_RPL = 3;
const SEGMENT_CS = 1;
const SEGMENT_SS = 2;
const SEGMENT_FS = 4;
const LAST_SEGMENT = 5;

/** Bases in the descriptors are 0. */
function loadSelector(core: Core, segment: number, selector: number): void {
  const isNull = selector <= SELECTOR_RPL;
  const allowed = segment === SEGMENT_SS ? selector === 0x2b : isNull || LOADABLE.includes(selector & ~SELECTOR_RPL);
  if (!allowed) throw new Exception(GENERAL_PROTECTION, selector & ~SELECTOR_RPL);
  core.setState32(layout.OFFSET_SELECTORS + segment * 4, selector);
  if (segment >= SEGMENT_FS)
    core.setState64(segment === SEGMENT_FS ? layout.OFFSET_FS_BASE : layout.OFFSET_GS_BASE, 0n);
  core.inTrapShadow = segment === SEGMENT_SS;
}

instruction("mov", ["8C /r Ev,Sw"], {}, (x) => {
  const selector = x.stateLoad(layout.OFFSET_SELECTORS + (x.i.reg & 7) * 4, LOAD32);
  if ((x.i.reg & 7) > LAST_SEGMENT) return x.trap(INVALID_OPCODE);
  if (x.i.isMemory) x.store(LOAD16, x.effectiveAddress(), selector);
  else x.setRegister(x.i.rm, x.i.operandSize, x.i.operandSize === 64 ? x.extendU(selector) : selector);
});

instruction("mov to segment", ["8E /r Sw,Ew"], { memory: true }, (x) => {
  const segment = x.i.reg & 7;
  if (segment === SEGMENT_CS || segment > LAST_SEGMENT) return x.trap(INVALID_OPCODE);
  x.stateStoreScratch(x.extendU(x.read(1)));
  x.runMicrocode((core) => loadSelector(core, segment, Number(core.scratch64())));
});
