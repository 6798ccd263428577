// Segment registers by number.
import { OFFSET_FS_BASE, OFFSET_SEGMENT_BASES } from "../../machine/state-layout.js";

export const ES = 0;
export const CS = 1;
export const SS = 2;
export const DS = 3;
export const FS = 4;
export const GS = 5;

/** Where the state has the base of a segment. */
export const segmentBase = (segment: number): number =>
  segment >= FS ? OFFSET_FS_BASE + (segment - FS) * 8 : OFFSET_SEGMENT_BASES + segment * 8;
