// Data files that belong to the package.
import { readdirSync, readFileSync } from "node:fs";

/** Where they may be, seen from the file this is in: the bundle, or a module in a directory of its own. */
const PLACES = ["./", "../"];

/** A file of the package; its text is read when it is wanted. */
export interface PackageFile {
  readonly path: string;
  readonly text: string;
}

/** The files of a directory of the package whose names end so, in the order of their names; none when there is no such directory. */
export function packageFiles(directory: string, ending: string): PackageFile[] {
  for (const place of PLACES) {
    const at = new URL(`${place}${directory}/`, import.meta.url);
    try {
      return readdirSync(at)
        .filter((name) => name.endsWith(ending))
        .sort()
        .map((name) => new LateFile(name, new URL(name, at)));
    } catch {
      // It is in the other place.
    }
  }
  return [];
}

class LateFile implements PackageFile {
  readonly path: string;
  readonly #url: URL;
  #text: string | undefined;

  constructor(path: string, url: URL) {
    this.path = path;
    this.#url = url;
  }

  get text(): string {
    this.#text ??= readFileSync(this.#url, "latin1");
    return this.#text;
  }
}
