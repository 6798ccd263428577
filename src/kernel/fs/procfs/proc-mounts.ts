// /proc/PID/mounts, mountinfo and mountstats: the mounts of a task's namespace that are below its root. fs/proc_namespace.c
import type { Task } from "../../task/task.js";
import { pathOf } from "../../vfs/dentry.js";
import type { Mount } from "../../vfs/mount.js";

/** Spaces and their like in octal: mangle. */
const mangled = (text: string): string =>
  text.replace(/[ \t\n\\#]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`);

function eachMount(task: Task, line: (mount: Mount, path: string) => string): string {
  const { root } = task.fs;
  return [...task.namespaces.mnt.mounts]
    .filter((mount) => mount.root.isUnder(root))
    .sort((one, other) => one.id - other.id)
    .map((mount) => line(mount, mangled(pathOf(mount.root, root))))
    .join("");
}

export function mounts(task: Task): string {
  return eachMount(task, (mount, path) => {
    const { superBlock, source } = mount;
    return `${mangled(source)} ${path} ${superBlock.type} ${mount.options(mount.isReadOnly)}${superBlock.options} 0 0\n`;
  });
}

export function mountinfo(task: Task): string {
  return eachMount(task, (mount, path) => {
    const { superBlock, id, parent, subPath, source, group, master } = mount;
    const { dev } = mount.root.inode.stat();
    const device = `${(dev >>> 8) & 0xfff}:${(dev & 0xff) | ((dev >>> 12) & 0xfff00)}`;
    const peers = [
      ...(mount.propagation === "shared" ? [`shared:${group}`] : []),
      ...(master ? [`master:${master}`] : []),
      ...(mount.propagation === "unbindable" ? ["unbindable"] : []),
    ];
    const place = `${id} ${parent?.id ?? 0} ${device} ${mangled(subPath)} ${path} ${mount.options()}`;
    const optional = peers.map((peer) => ` ${peer}`).join("");
    return `${place}${optional} - ${superBlock.type} ${mangled(source)} ${superBlock.readOnly ? "ro" : "rw"}${superBlock.options}\n`;
  });
}

export function mountstats(task: Task): string {
  return eachMount(
    task,
    ({ source, superBlock }, path) => `device ${mangled(source)} mounted on ${path} with fstype ${superBlock.type}\n`,
  );
}
