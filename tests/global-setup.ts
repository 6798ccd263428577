// Builds dist/ once before the tests when it is older than the sources: tests of the command line run the built tool.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

export default function setup(): void {
  const built = join(root, "dist");
  if (existsSync(built) && newest(built) >= newest(join(root, "src"))) return;
  // tsc emits in spite of type errors; `npm test` has reported those before it comes here.
  spawnSync("npm", ["run", "--silent", "build"], { cwd: root, stdio: "ignore" });
}

function newest(directory: string): number {
  return Math.max(
    0,
    ...readdirSync(directory, { recursive: true, encoding: "utf8" }).map(
      (file) => statSync(join(directory, file)).mtimeMs,
    ),
  );
}
