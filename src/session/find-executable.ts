// The PATH search a shell does, on the guest's tree: which file a command name would run.
import { ENOENT } from "../abi/errno.js";
import { NodeHost } from "../host/node-host.js";
import { findInTree } from "../kernel/exec/find-in-tree.js";
import { environment, type RunOptions } from "./run-program.js";

const DEFAULT_PATH = "/usr/local/bin:/bin:/usr/bin";

/**
 * The guest path that `name` would run, or the errno why there is none. A name with a slash is taken as it is, if it is there. Directories of PATH
 * are searched in order for a regular file that may be executed.
 */
export function findExecutable(name: string, options: Pick<RunOptions, "root" | "cwd" | "env">): string | number {
  const host = new NodeHost();
  const bytes = (text: string): string => Buffer.from(text).toString("latin1");
  const lookUp = findInTree(host, bytes(options.root ?? "/"), bytes(options.cwd ?? process.cwd()));
  const find = (path: string): ReturnType<typeof lookUp> => lookUp(bytes(path));
  if (name.includes("/")) {
    const found = find(name);
    return typeof found === "number" ? found : name;
  }
  const path =
    environment(options.env)
      .find((entry) => entry.startsWith("PATH="))
      ?.slice(5) ?? DEFAULT_PATH;
  for (const directory of path.split(":")) {
    const candidate = directory === "" ? `./${name}` : `${directory}/${name}`;
    if (find(candidate) === "executable") return candidate;
  }
  return ENOENT;
}
