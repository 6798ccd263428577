// Puts a WebAssembly module together: types, imports, functions, one table, exports, code.
import { ByteBuffer } from "./byte-buffer.js";
import { END, I32_CONST } from "./opcodes.js";

export const I32 = 0x7f;
export const I64 = 0x7e;
export const F32 = 0x7d;
export const F64 = 0x7c;
export const V128 = 0x7b;
export type ValueType = typeof I32 | typeof I64 | typeof F32 | typeof F64 | typeof V128;

/** A branch in a function's code, by its offset in the body, that is nearly always or hardly ever taken. */
export interface BranchHint {
  readonly at: number;
  readonly taken: boolean;
}

/** Where a number of five bytes lies that FunctionWriter.linked wrote, and what it is. */
export interface LinkPlace {
  readonly at: number;
  readonly link: unknown;
}

/** `code` is what follows the size: local declarations, instructions and the final `end`. */
export interface FunctionBody {
  readonly code: Uint8Array;
  readonly hints: readonly BranchHint[];
  readonly links: readonly LinkPlace[];
}

interface DefinedFunction extends FunctionBody {
  readonly type: number;
  readonly name: string;
}

export class ModuleBuilder {
  readonly #types: string[] = [];
  readonly #typeBytes = new ByteBuffer();
  readonly #imports = new ByteBuffer();
  readonly #exports = new ByteBuffer();
  readonly #functions: DefinedFunction[] = [];
  #importCount = 0;
  #importedFunctions = 0;
  #exportCount = 0;
  #tableSize = 0;
  #elements: readonly number[] = [];
  #firstElement = 0;
  /** After `build`: places in the module. */
  readonly links: LinkPlace[] = [];

  /** Index of the function type with these parameters and results. */
  type(params: readonly ValueType[], results: readonly ValueType[]): number {
    const key = `${params.join()}:${results.join()}`;
    const known = this.#types.indexOf(key);
    if (known >= 0) return known;
    const out = this.#typeBytes;
    out.byte(0x60);
    out.u32(params.length);
    for (const param of params) out.byte(param);
    out.u32(results.length);
    for (const result of results) out.byte(result);
    this.#types.push(key);
    return this.#types.length - 1;
  }

  /** A shared memory of `pages`. */
  importMemory(module: string, name: string, pages: number): void {
    this.#import(module, name, 0x02);
    this.#imports.byte(0x03);
    this.#imports.u32(pages);
    this.#imports.u32(pages);
  }

  /** Imports a table; `elements` are the indices of the functions that go into its places from `first` on. */
  importTable(module: string, name: string, first: number, elements: readonly number[]): void {
    this.#import(module, name, 0x01);
    this.#imports.append(Uint8Array.of(0x70, 0x00));
    this.#imports.u32(first + elements.length);
    this.#firstElement = first;
    this.#elements = elements;
  }

  /** Index of the imported function. All imports come before the first `addFunction`. */
  importFunction(module: string, name: string, type: number): number {
    this.#import(module, name, 0x00);
    this.#imports.u32(type);
    return this.#importedFunctions++;
  }

  #import(module: string, name: string, kind: number): void {
    this.#imports.text(module);
    this.#imports.text(name);
    this.#imports.byte(kind);
    this.#importCount++;
  }

  /** Profilers show the name. */
  addFunction(type: number, body: FunctionBody, name = ""): number {
    this.#functions.push({ type, ...body, name });
    return this.#importedFunctions + this.#functions.length - 1;
  }

  /** `elements` are the indices of the functions its first places hold. */
  addTable(size: number, exportName: string, elements: readonly number[] = []): void {
    this.#tableSize = size;
    this.#elements = elements;
    this.#export(exportName, 0x01, 0);
  }

  exportFunction(name: string, index: number): void {
    this.#export(name, 0x00, index);
  }

  #export(name: string, kind: number, index: number): void {
    this.#exports.text(name);
    this.#exports.byte(kind);
    this.#exports.u32(index);
    this.#exportCount++;
  }

  build(): Uint8Array {
    const out = new ByteBuffer();
    out.append(Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00));
    this.#section(out, 1, this.#types.length, this.#typeBytes);
    if (this.#importCount > 0) this.#section(out, 2, this.#importCount, this.#imports);
    const declarations = new ByteBuffer();
    const code = new ByteBuffer();
    for (const body of this.#functions) {
      declarations.u32(body.type);
      code.u32(body.code.length);
      for (const { at, link } of body.links) this.links.push({ at: at + code.length, link });
      code.append(body.code);
    }
    this.#section(out, 3, this.#functions.length, declarations);
    if (this.#tableSize > 0) {
      const table = new ByteBuffer();
      table.append(Uint8Array.of(0x70, 0x00));
      table.u32(this.#tableSize);
      this.#section(out, 4, 1, table);
    }
    if (this.#exportCount > 0) this.#section(out, 7, this.#exportCount, this.#exports);
    if (this.#elements.length > 0) this.#section(out, 9, 1, elementSegment(this.#firstElement, this.#elements));
    if (this.#functions.some(({ hints }) => hints.length > 0)) this.#hints(out);
    this.#section(out, 10, this.#functions.length, code);
    const first = out.length - code.length;
    this.links.forEach(({ at, link }, which) => {
      this.links[which] = { at: first + at, link };
    });
    if (this.#functions.some(({ name }) => name !== "")) this.#names(out);
    return out.take();
  }

  /** The custom section of the branch hinting proposal. */
  #hints(out: ByteBuffer): void {
    const content = new ByteBuffer();
    content.text("metadata.code.branch_hint");
    const hinted = this.#functions.map((_, which) => which).filter((which) => this.#functions[which].hints.length > 0);
    content.u32(hinted.length);
    for (const which of hinted) {
      const { hints } = this.#functions[which];
      content.u32(this.#importedFunctions + which);
      content.u32(hints.length);
      for (const { at, taken } of hints) {
        content.u32(at);
        content.u32(1);
        content.byte(taken ? 1 : 0);
      }
    }
    this.#custom(out, content);
  }

  #custom(out: ByteBuffer, content: ByteBuffer): void {
    out.byte(0);
    out.u32(content.length);
    out.append(content.bytes.subarray(0, content.length));
  }

  /** The custom section `name`, with the names of functions. */
  #names(out: ByteBuffer): void {
    const names = new ByteBuffer();
    names.u32(this.#functions.length);
    this.#functions.forEach(({ name }, which) => {
      names.u32(this.#importedFunctions + which);
      names.text(name);
    });
    const content = new ByteBuffer();
    content.text("name");
    content.byte(1);
    content.u32(names.length);
    content.append(names.bytes.subarray(0, names.length));
    this.#custom(out, content);
  }

  #section(out: ByteBuffer, id: number, count: number, content: ByteBuffer): void {
    const header = new ByteBuffer();
    header.u32(count);
    out.byte(id);
    out.u32(header.length + content.length);
    out.append(header.bytes.subarray(0, header.length));
    out.append(content.bytes.subarray(0, content.length));
  }
}

/** Active, of table 0 from place `first`. */
function elementSegment(first: number, functions: readonly number[]): ByteBuffer {
  const out = new ByteBuffer();
  out.append(Uint8Array.of(0x00, I32_CONST));
  out.s32(first);
  out.byte(END);
  out.u32(functions.length);
  for (const index of functions) out.u32(index);
  return out;
}
