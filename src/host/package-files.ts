// Data files that belong to the package.
import { readdirSync, readFileSync } from "node:fs";

/** Where they may be, seen from the file this is in: the bundle, or a module in a directory of its own. */
const PLACES = ["./", "../"];

/** The files of a directory of the package whose names end so, in the order of their names; none when there is no such directory. */
export function packageFiles(directory: string, ending: string): { path: string; text: string }[] {
  for (const place of PLACES) {
    const at = new URL(`${place}${directory}/`, import.meta.url);
    try {
      return readdirSync(at)
        .filter((name) => name.endsWith(ending))
        .sort()
        .map((name) => ({ path: name, text: readFileSync(new URL(name, at), "latin1") }));
    } catch {
      // It is in the other place.
    }
  }
  return [];
}
