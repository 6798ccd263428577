// The options of a command line, by name.

export interface Parsed {
  /** The values of an option that takes one, in order. */
  all(name: string): readonly string[];
  last(name: string): string | undefined;
  /** How often an option was given. */
  count(name: string): number;
}

/**
 * The options of a command line that has only such as need no reading: those without a value, and -o FILE. Undefined for others: yargs is
 * not even loaded for these, which takes longer than a short program.
 */
export function plainOptions(words: readonly string[]): Parsed | undefined {
  const values = new Map<string, string[]>();
  for (const word of words) {
    const equals = word.indexOf("=");
    const name = word.slice(2, equals < 0 ? undefined : equals);
    if (equals >= 0 && name !== "output") return undefined;
    const known = values.get(name) ?? [];
    known.push(equals < 0 ? "" : word.slice(equals + 1));
    values.set(name, known);
  }
  const all = (name: string): readonly string[] => (name === "output" ? (values.get(name) ?? []) : []);
  return { all, last: (name) => all(name).at(-1), count: (name) => values.get(name)?.length ?? 0 };
}
