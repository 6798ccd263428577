// Files the tool keeps for itself between runs: a directory only the user can open, below $XDG_CACHE_HOME or ~/.cache. They only save time, so
// whatever is wrong with them is no error: then there are none.
import * as fs from "node:fs";

const OWNER_ONLY = 0o700;
const OWNER_FILE = 0o600;
const OTHERS = 0o077;
/** Bytes of all files together; what has not been used for longest goes. */
const MOST_BYTES = 128 << 20;
/** Milliseconds after which the use of a file is noted. */
const NOTED = 3_600_000;
/** Where it means something, a name that is a link is not opened. */
const NO_LINKS = fs.constants.O_NOFOLLOW ?? 0;

const attempt = <T>(work: () => T): T | undefined => {
  try {
    return work();
  } catch {
    return undefined;
  }
};

const isOurs = ({ uid, mode }: fs.Stats): boolean => uid === process.geteuid?.() && (mode & OTHERS) === 0;

export class KeptFiles {
  readonly #parent: string;
  readonly #directory: string;

  private constructor(parent: string) {
    this.#parent = parent;
    this.#directory = `${parent}/tsstrace`;
  }

  /** Undefined where the user has no place for such files, or wants none. */
  static find(): KeptFiles | undefined {
    const { XDG_CACHE_HOME: caches, HOME: home, TSSTRACE_CACHE: wanted } = process.env;
    if (wanted === "off" || process.geteuid === undefined) return undefined;
    if (caches?.startsWith("/")) return new KeptFiles(caches);
    return home?.startsWith("/") ? new KeptFiles(`${home}/.cache`) : undefined;
  }

  #isPrivate(): boolean {
    const found = fs.lstatSync(this.#directory, { throwIfNoEntry: false });
    return found?.isDirectory() === true && isOurs(found);
  }

  /** The bytes of a file, at the beginning of a buffer of their own; undefined when it is not there or could be another user's. */
  read(name: string): Uint8Array | undefined {
    return attempt(() => {
      if (!this.#isPrivate()) return undefined;
      const fd = fs.openSync(`${this.#directory}/${name}`, fs.constants.O_RDONLY | NO_LINKS);
      try {
        const found = fs.fstatSync(fd);
        if (!found.isFile() || !isOurs(found) || found.size > MOST_BYTES) return undefined;
        const bytes = new Uint8Array(found.size);
        if (fs.readSync(fd, bytes, 0, bytes.length, 0) !== bytes.length) return undefined;
        const now = Date.now();
        if (now - found.mtimeMs > NOTED) fs.futimesSync(fd, now / 1000, now / 1000);
        return bytes;
      } finally {
        fs.closeSync(fd);
      }
    });
  }

  /** Puts `bytes` in a file, at once for whoever reads it. */
  write(name: string, bytes: Uint8Array): void {
    attempt(() => {
      this.#make();
      if (!this.#isPrivate()) return;
      const path = `${this.#directory}/${name}`;
      const unfinished = `${path}.${process.pid}`;
      try {
        fs.writeFileSync(unfinished, bytes, { mode: OWNER_FILE, flag: "wx" });
        fs.renameSync(unfinished, path);
      } catch {
        fs.rmSync(unfinished, { force: true });
      }
      this.#prune();
    });
  }

  /** Makes the directory if its place is the user's: root does not leave one in the home of another. */
  #make(): void {
    if (fs.existsSync(this.#directory)) return;
    attempt(() => fs.mkdirSync(this.#parent, OWNER_ONLY));
    if (fs.statSync(this.#parent).uid === process.geteuid?.()) fs.mkdirSync(this.#directory, OWNER_ONLY);
  }

  #prune(): void {
    const files = fs.readdirSync(this.#directory).flatMap((name) => {
      const path = `${this.#directory}/${name}`;
      const found = attempt(() => fs.lstatSync(path));
      return found?.isFile() ? [{ path, size: found.size, used: found.mtimeMs }] : [];
    });
    let room = MOST_BYTES;
    for (const { path, size } of files.sort((one, other) => other.used - one.used)) {
      room -= size;
      if (room < 0) attempt(() => fs.unlinkSync(path));
    }
  }
}
