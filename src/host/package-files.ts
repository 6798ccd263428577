// Data files that belong to the package.
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";

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

/** `size` bytes of a file of the package, from `at` on. */
export function packageBytes(name: string, at: number, size: number): Uint8Array {
  const place = PLACES.find((one) => existsSync(new URL(`${one}${name}`, import.meta.url)));
  const file = openSync(new URL(`${place}${name}`, import.meta.url), "r");
  try {
    const bytes = new Uint8Array(size);
    readSync(file, bytes, 0, size, at);
    return bytes;
  } finally {
    closeSync(file);
  }
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
