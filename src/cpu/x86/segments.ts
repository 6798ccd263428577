// Segment registers by number.
import { OFFSET_FS_BASE, OFFSET_SEGMENT_BASES, OFFSET_SEGMENT_LIMITS } from "../../machine/state-layout.js";

export const ES = 0;
export const CS = 1;
export const SS = 2;
export const DS = 3;
export const FS = 4;
export const GS = 5;

/** Where the state has the base of a segment: 8 bytes of FS and GS, 4 of the others. */
export const segmentBase = (segment: number): number =>
  segment >= FS ? OFFSET_FS_BASE + (segment - FS) * 8 : OFFSET_SEGMENT_BASES + segment * 4;

export const segmentLimit = (segment: number): number => OFFSET_SEGMENT_LIMITS + segment * 8;
