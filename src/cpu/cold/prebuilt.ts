// Handlers of common forms as modules, the most common in the runtime module. The build puts them in a file, and what tells of them in this module's
// place (scripts/prebuild.mjs); run from the sources there are none, and handlers are made as forms are met.

/** Handlers from place `first` of the table up to `end`. */
export interface PrebuiltPart {
  readonly first: number;
  readonly end: number;
  /** WebAssembly, read when it is wanted. */
  readonly code: () => Uint8Array;
}

export interface Prebuilt {
  /** The runtime module. */
  readonly core: () => Uint8Array;
  /** Where its handlers end. */
  readonly coreEnd: number;
  /** In order, with nothing left out. */
  readonly parts: readonly PrebuiltPart[];
  /** A line for each form key, as cold/forms.ts reads it. */
  readonly forms: () => string;
  /** The same of 32-bit code. */
  readonly forms32: () => string;
}

/** What is made of code by one build is of no use to another: `build` tells them apart. */
export interface Build extends Prebuilt {
  readonly build: string;
}

export const prebuilt: Build | undefined = undefined as Build | undefined;
