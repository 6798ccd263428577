// The real strace to compare with, of the one version that tsstrace imitates.
import { execFileSync } from "node:child_process";

export const STRACE_VERSION = "7.2";

/**
 * How to start it, from TSSTRACE_ORACLE_STRACE or PATH; or why there is none. When it is a shell script, the shell's own variables
 * are taken out of the program's environment again.
 */
export function findOracleStrace(): { command: readonly string[] } | { missing: string } {
  const command = process.env.TSSTRACE_ORACLE_STRACE ?? "strace";
  try {
    const version = /version (\S+)/.exec(execFileSync(command, ["-V"], { encoding: "utf8", stdio: "pipe" }))?.[1];
    if (!version?.startsWith(STRACE_VERSION)) {
      return {
        missing: `${command} is version ${version}, ${STRACE_VERSION} is compared with (set TSSTRACE_ORACLE_STRACE)`,
      };
    }
    execFileSync(command, ["-o", "/dev/null", "/bin/true"], { stdio: "pipe" });
    return { command: [command, "-E", "PWD", "-E", "OLDPWD"] };
  } catch {
    return { missing: `no strace ${STRACE_VERSION} that works here (set TSSTRACE_ORACLE_STRACE)` };
  }
}
