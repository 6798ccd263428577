// The options of a command line, by name.

export interface Parsed {
  /** The values of an option that takes one, in order. */
  all(name: string): readonly string[];
  last(name: string): string | undefined;
  /** How often an option was given. */
  count(name: string): number;
}

/** A command line without options: yargs is not even loaded for it, which takes longer than a short program. */
export const NO_OPTIONS: Parsed = { all: () => [], last: () => undefined, count: () => 0 };
