// Reads the import statements of the project's own sources. A scanner, not a parser: enough for code that the formatter has laid out.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

export const SOURCE_ROOT = fileURLToPath(new URL("../../src", import.meta.url));

export interface Import {
  /** Path below src/ of the importing file. */
  readonly file: string;
  /** Path below src/ of what is imported, without its extension, or the package's name. */
  readonly target: string;
  readonly isPackage: boolean;
}

const STATEMENT = /(?:^|\n)\s*(?:import|export)\s+(?:[^;"']*?\sfrom\s+)?["']([^"']+)["']/g;
const DYNAMIC = /\bimport\(\s*["']([^"']+)["']/g;

export function sourceFiles(): string[] {
  return readdirSync(SOURCE_ROOT, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => file.split(sep).join("/"))
    .sort();
}

export function readSource(file: string): string {
  return readFileSync(join(SOURCE_ROOT, file), "utf8");
}

export function importsOf(file: string): Import[] {
  return importsIn(file, readSource(file));
}

export function importsIn(file: string, text: string): Import[] {
  return [...text.matchAll(STATEMENT), ...text.matchAll(DYNAMIC)].map(([, specifier]) => {
    if (!specifier.startsWith(".")) return { file, target: specifier, isPackage: true };
    const path = relative(SOURCE_ROOT, join(SOURCE_ROOT, dirname(file), specifier));
    return { file, target: path.split(sep).join("/").replace(/\.js$/, ""), isPackage: false };
  });
}

export function roomOf(path: string): string {
  return path.split("/")[0];
}
