// Regions -> the bytes of a WebAssembly module.
import { GUEST_MEMORY_PAGES } from "../../machine/guest-memory.js";
import { ModuleBuilder } from "../../wasm/module-builder.js";
import type { Region } from "./region.js";
import { RegionCompiler } from "./region-compiler.js";
import type { Link, ModulePlan, RegionLinks } from "./region-links.js";
import { flagsOverwritten } from "./register-flow.js";
import { FUNCTION, SIGNATURES } from "./signatures.js";
import type { ImportName } from "./sites.js";

/** A region, first, and those of functions it calls, which live and end with it; with the numbers of their own they are written with. */
export interface RegionGroup {
  readonly regions: readonly Region[];
  readonly links: RegionLinks;
}

/** The bytes of a module, and where in them which of the library's numbers are. */
export interface LinkedModule {
  readonly bytes: Uint8Array;
  readonly links: readonly { readonly at: number; readonly link: Link }[];
}

/** A module that imports the memory `m.m`, the dispatcher's `f.table` and what it needs of SIGNATURES from `f`, and exports each group's first region by its address. */
export function compileGroups(groups: readonly RegionGroup[]): LinkedModule {
  const builder = new ModuleBuilder();
  const imports: ImportName[] = [];
  const functionType = builder.type(...FUNCTION);
  const resultType = builder.type([], FUNCTION[1]);
  let first = 0;
  const compilers = groups.map(({ regions, links }) => {
    const plan: ModulePlan = {
      imports,
      first,
      functions: regions.map(({ blocks }) => blocks[0].block.start),
      overwritten: regions.map(({ blocks }) => flagsOverwritten(blocks[0].block.nodes)),
      functionType,
      resultType,
    };
    first += regions.length;
    return regions.map((region) => new RegionCompiler(region, links, plan));
  });
  for (const compiler of compilers.flat()) compiler.write();
  builder.importMemory("m", "m", GUEST_MEMORY_PAGES);
  builder.importTable("f", "table", 0, []);
  for (const name of imports) builder.importFunction("f", name, builder.type(...SIGNATURES[name]));
  for (const group of compilers) {
    const indices = group.map((one) => builder.addFunction(functionType, one.finish(), one.name));
    builder.exportFunction(group[0].name, indices[0]);
  }
  const bytes = builder.build();
  return { bytes, links: builder.links.map(({ at, link }) => ({ at, link: link as Link })) };
}
