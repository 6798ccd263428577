// Where a name of the guest's tree leads to, as realpath(3) says it.
import { realpathSync } from "node:fs";

/** The path without symbolic links below `root`; undefined when there is no such file, or its links lead out of the tree. */
export function realPath(path: string, root: string | undefined): string | undefined {
  try {
    if (root === undefined) return realpathSync(path);
    const top = realpathSync(root);
    const found = realpathSync(`${top}/${path.startsWith("/") ? path : `${process.cwd()}/${path}`}`);
    return found.startsWith(`${top}/`) ? found.slice(top.length) : undefined;
  } catch {
    return undefined;
  }
}
