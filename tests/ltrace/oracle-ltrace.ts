// The real ltrace to compare with: from TSSTRACE_ORACLE_LTRACE or PATH.
import { execFileSync, spawnSync } from "node:child_process";

/** What Debian 12 has loses the calls of most programs that gcc makes today. */
const OLDEST = "0.7.91";

export function findOracleLtrace(): { command: string } | { missing: string } {
  const command = process.env.TSSTRACE_ORACLE_LTRACE ?? "ltrace";
  try {
    const version = /version (\S+?)\.?$|^ltrace (\S+)$/m.exec(
      execFileSync(command, ["-V"], { encoding: "utf8", stdio: "pipe" }),
    );
    const number = version?.[1] ?? version?.[2];
    if (number !== OLDEST) {
      return { missing: `${command} is version ${number}, ${OLDEST} is compared with (set TSSTRACE_ORACLE_LTRACE)` };
    }
    const { status } = spawnSync(command, ["-o", "/dev/null", "/bin/true"], { stdio: "ignore", timeout: 20_000 });
    return status === 0 ? { command } : { missing: `${command} does not work here` };
  } catch {
    return { missing: `no ltrace ${OLDEST} (set TSSTRACE_ORACLE_LTRACE)` };
  }
}
