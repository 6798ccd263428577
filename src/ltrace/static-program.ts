// A static program's functions and those of the libraries in it, told apart: the linker puts the program's own behind the start files and before
// the libraries', and prototypes say which functions are a library's.
import type { FunctionSymbol } from "../elf/function-table.js";

const FIRST_OF_START_FILES =
  /^(_start|_dl_relocate_static_pie|deregister_tm_clones|register_tm_clones|__do_global_dtors_aux|frame_dummy|_init|_fini|__libc_csu_.*)$/;

const underscores = ({ name }: FunctionSymbol): number => name.search(/[^_]/);

export class LibraryFunctions {
  /** Those with prototypes, each address once. */
  readonly functions: readonly FunctionSymbol[];
  readonly #own: readonly { readonly start: number; readonly end: number }[];

  constructor(symbols: readonly FunctionSymbol[], isKnown: (name: string) => boolean) {
    // Of several names for a function, the one without underscores is the one that is called.
    const sorted = [...symbols].sort(
      (a, b) => a.start - b.start || underscores(a) - underscores(b) || a.name.length - b.name.length,
    );
    const isLibrary = ({ name }: FunctionSymbol): boolean => name !== "main" && (name.startsWith("_") || isKnown(name));
    const seen = new Set<number>();
    this.functions = sorted.filter((symbol) => {
      if (!isLibrary(symbol) || !isKnown(symbol.name) || seen.has(symbol.start)) return false;
      seen.add(symbol.start);
      return true;
    });
    const begin = sorted.findLastIndex(({ name }) => name === "frame_dummy" || name === "register_tm_clones");
    const end = sorted.findIndex(
      (symbol, n) => n > begin && isLibrary(symbol) && !FIRST_OF_START_FILES.test(symbol.name),
    );
    const own = begin < 0 ? [] : sorted.slice(begin + 1, end < 0 ? undefined : end);
    const main = sorted.filter(({ name }) => name === "main");
    this.#own = [...own, ...main].map(({ start, size }) => ({ start, end: start + Math.max(size, 1) }));
  }

  /** The address is in a library, as far as can be told. */
  contains(address: number): boolean {
    return !this.#own.some(({ start, end }) => address > start && address <= end);
  }
}
