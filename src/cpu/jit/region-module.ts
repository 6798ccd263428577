// Regions -> the bytes of a WebAssembly module.
import { GUEST_MEMORY_PAGES } from "../../machine/guest-memory.js";
import { ModuleBuilder } from "../../wasm/module-builder.js";
import type { Region } from "./region.js";
import { RegionCompiler } from "./region-compiler.js";
import type { ModulePlan, RegionLinks } from "./region-links.js";
import { flagsOverwritten } from "./register-flow.js";
import { FUNCTION, SIGNATURES } from "./signatures.js";

/**
 * A module that imports the memory `m.m` and what it needs of SIGNATURES from `f`, and exports the first region as `r`. The others are
 * functions that regions of the module call.
 */
export function compileRegions(regions: readonly Region[], links: RegionLinks): Uint8Array {
  const builder = new ModuleBuilder();
  const plan: ModulePlan = {
    imports: [],
    functions: regions.map(({ blocks }) => blocks[0].block.start),
    overwritten: regions.map(({ blocks }) => flagsOverwritten(blocks[0].block.nodes)),
    resultType: builder.type([], FUNCTION[1]),
  };
  const compilers = regions.map((region) => new RegionCompiler(region, links, plan));
  for (const compiler of compilers) compiler.write();
  builder.importMemory("m", "m", GUEST_MEMORY_PAGES);
  for (const name of plan.imports) builder.importFunction("f", name, builder.type(...SIGNATURES[name]));
  const indices = compilers.map((compiler) =>
    builder.addFunction(builder.type(...FUNCTION), compiler.finish(), compiler.name),
  );
  builder.exportFunction("r", indices[0]);
  return builder.build();
}
