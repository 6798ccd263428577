// What a compiled region returns to its caller.

/** Stopped inside an instruction: what happened is noted in the engine. Zero, so that the fault path needs no assignment. */
export const STATUS_FAULT = 0;
/** A `ret` was executed: rip is where it went. */
export const STATUS_RETURN = 1;
/** Go on at rip, in the caller's place. */
export const STATUS_JUMP = 2;
// From here on everything unwinds to the engine; the state is in memory.
export const STATUS_COLD = 3; // a trap while interpreting, noted by the processor
export const STATUS_FUEL = 4;
export const STATUS_DEPTH = 5; // guest calls nested too deep for the host's stack
// From handlers of cold code to cold/cold-code.ts only:
export const STATUS_MISS = 6; // no record is known for rip
export const STATUS_HOT = 7; // the block at rip has run often enough
/** + (trap << 4 | instruction length): rip is at a trapping instruction. */
export const STATUS_TRAP = 0x10000;

export const MAX_DEPTH = 160;
