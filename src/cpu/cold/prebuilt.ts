// The runtime module with the handlers of common forms. The build puts one in this module's place (scripts/prebuild.mjs); run from the
// sources there is none, and handlers are made as forms are met.

export interface Prebuilt {
  /** WebAssembly, in base64. */
  readonly code: string;
  /** A line for each form key, as cold/forms.ts reads it. */
  readonly forms: string;
  /** How many handlers there are. */
  readonly count: number;
}

/** What is made of code by one build is of no use to another: `build` tells them apart. */
export interface Build extends Prebuilt {
  readonly build: string;
}

export const prebuilt: Build | undefined = undefined as Build | undefined;
