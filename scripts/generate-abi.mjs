// Writes src/abi/constants/*.ts from scripts/abi-tables.txt, taking each value from the kernel headers of this machine (gcc and
// linux-libc-dev) and, for a name newer than they are, from the table. Fails when the two disagree.
// Run `npm run format` afterwards.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const headers =
  `linux/fcntl.h linux/stat.h linux/fs.h linux/falloc.h linux/memfd.h linux/openat2.h linux/close_range.h linux/xattr.h
  linux/fadvise.h linux/mman.h linux/mempolicy.h linux/userfaultfd.h asm/signal.h asm/siginfo.h linux/wait.h linux/sched.h
  linux/resource.h linux/prctl.h asm/prctl.h linux/ptrace.h linux/personality.h linux/kcmp.h linux/ioprio.h linux/seccomp.h
  linux/reboot.h linux/module.h linux/kexec.h linux/timex.h linux/timerfd.h linux/futex.h linux/eventpoll.h linux/poll.h
  linux/inotify.h linux/io_uring.h linux/fanotify.h linux/mount.h linux/quota.h linux/ipc.h linux/shm.h linux/sem.h linux/msg.h
  linux/keyctl.h linux/landlock.h linux/perf_event.h linux/random.h linux/capability.h linux/magic.h linux/auxvec.h linux/rseq.h
  linux/pidfd.h linux/netlink.h linux/tcp.h linux/udp.h linux/if_packet.h linux/if_xdp.h linux/tls.h asm/socket.h asm/ioctls.h
  asm/termbits.h linux/sockios.h linux/in6.h linux/audit.h linux/elf-em.h linux/filter.h linux/mqueue.h
  linux/rtnetlink.h linux/input-event-codes.h linux/kvm.h linux/loop.h linux/watchdog.h linux/lirc.h linux/kd.h linux/blkpg.h
  linux/udmabuf.h linux/hdreg.h linux/if_addr.h linux/if_link.h linux/fib_rules.h linux/if_ether.h linux/sock_diag.h
  linux/inet_diag.h linux/unix_diag.h linux/netlink_diag.h linux/packet_diag.h linux/neighbour.h linux/if_bridge.h
  linux/netconf.h linux/hw_breakpoint.h linux/bpf.h linux/bpf_common.h linux/fiemap.h linux/ptp_clock.h mtd/ubi-user.h
  linux/gpio.h linux/btrfs.h linux/btrfs_tree.h linux/videodev2.h linux/tee.h linux/dm-ioctl.h linux/hdreg.h`.split(
    /\s+/,
  );

/** @returns {{ name: string, tables: { kind: string, name: string, unknown: string, members: string[] }[] }[]} */
function parse(text, ownValues) {
  const files = [];
  for (const line of text.split("\n")) {
    const words = line.trim().split(/\s+/);
    if (line.startsWith("#") || words[0] === "") continue;
    if (words[0] === "file") files.push({ name: words[1], tables: [] });
    else if (line.startsWith(" ")) {
      for (const word of words) {
        const [member, value] = word.split("=");
        if (value !== undefined) ownValues.set(member, Number(value));
        files.at(-1).tables.at(-1).members.push(member);
      }
    } else files.at(-1).tables.push({ kind: words[0], name: words[1], unknown: words[2] ?? "", members: [] });
  }
  return files;
}

function headerValues(names) {
  const directory = mkdtempSync(join(tmpdir(), "generate-abi-"));
  const source = join(directory, "values.c");
  const program = join(directory, "values");
  const includes = headers.map((header) => `#if __has_include(<${header}>)\n#include <${header}>\n#endif\n`).join("");
  let wanted = names;
  try {
    for (;;) {
      const prints = wanted.map((name) => `printf("${name} %lld\\n", (long long)(${name}));\n`).join("");
      writeFileSync(
        source,
        `#define _GNU_SOURCE\n#define _SYS_TIME_H 1\n#include <stdint.h>\n#include <stdio.h>\n${includes}int main() {\n${prints}}\n`,
      );
      try {
        execFileSync("gcc", ["-w", "-fmax-errors=0", "-o", program, source], {
          stdio: "pipe",
          env: { ...process.env, LC_ALL: "C" },
        });
        break;
      } catch (error) {
        const unknown = new Set([...String(error.stderr).matchAll(/'(\w+)' undeclared/g)].map((match) => match[1]));
        const rest = wanted.filter((name) => !unknown.has(name));
        if (rest.length === wanted.length) throw error;
        wanted = rest;
      }
    }
    const lines = execFileSync(program, { encoding: "utf8" }).trim().split("\n");
    return new Map(lines.map((line) => [line.split(" ")[0], Number(line.split(" ")[1])]));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const ownValues = new Map();
const files = parse(readFileSync(new URL("abi-tables.txt", import.meta.url), "utf8"), ownValues);
const allNames = [...new Set(files.flatMap((file) => file.tables.flatMap((table) => table.members)))];
const fromHeaders = headerValues(allNames);
const homes = new Map();
for (const file of files) {
  const imports = new Map();
  let constants = "";
  let tables = "";
  const kinds = new Set();
  for (const { kind, name, unknown, members } of file.tables) {
    for (const member of members) {
      const home = homes.get(member);
      if (home === file.name) continue;
      if (home !== undefined) {
        imports.set(home, (imports.get(home) ?? new Set()).add(member));
        continue;
      }
      homes.set(member, file.name);
      const value = ownValues.get(member) ?? fromHeaders.get(member);
      if (value === undefined) throw new Error(`${member}: no value in the headers nor in the table`);
      const known = fromHeaders.get(member);
      if (known !== undefined && known >>> 0 !== value >>> 0)
        throw new Error(`${member}: headers say ${known}, the table ${value}`);
      constants += `export const ${member} = ${value < 10 ? value : `0x${value.toString(16)}`};\n`;
    }
    if (kind === "names") continue;
    const maker = kind === "flags" ? "flagSet" : "enumeration";
    kinds.add(maker);
    tables += `\nexport const ${name} = ${maker}("${unknown}", {\n${members.map((member) => `  ${member},\n`).join("")}});\n`;
  }
  const importLines = [...imports]
    .map(([home, names]) => `import { ${[...names].sort().join(", ")} } from "./${home}.js";\n`)
    .join("");
  const header =
    "// Generated by scripts/generate-abi.mjs from scripts/abi-tables.txt: constants of the kernel's user ABI and their tables.\n";
  const tableImport = kinds.size === 0 ? "" : `import { ${[...kinds].sort().join(", ")} } from "../tables.js";\n`;
  const path = new URL(`../src/abi/constants/${file.name}.ts`, import.meta.url);
  writeFileSync(path, `${header}${tableImport}${importLines}\n${constants}${tables}`);
}
console.log(`${allNames.length} constants, ${fromHeaders.size} checked against the headers`);
