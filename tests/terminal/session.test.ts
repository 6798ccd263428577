// A person's session: a server runs, is found, looked at, traced while it works, and let go. The screens are what two terminals show.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PROJECT_ROOT } from "../tool.js";
import { Terminals, terminalMissing } from "./terminal.js";

const PERL = "/usr/bin/perl";
/** A process for each connection, which answers a line in capital letters. */
const SERVER = `
use Socket;
my $port = shift;
socket(my $s, PF_INET, SOCK_STREAM, 0) or die;
setsockopt($s, SOL_SOCKET, SO_REUSEADDR, 1);
bind($s, sockaddr_in($port, INADDR_LOOPBACK)) or die "bind: $!";
listen($s, 5) or die;
$SIG{CHLD} = 'IGNORE';
print "serving\\n";
while (1) {
  accept(my $c, $s) or next;
  if (fork() == 0) {
    my $line = <$c>;
    syswrite($c, uc $line);
    exit 0;
  }
  close $c;
}
`;

let directory: string;
let terminals: Terminals;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tsstrace-session-"));
  const PATH = `${join(PROJECT_ROOT, "bin")}:${process.env.PATH}`;
  terminals = new Terminals(directory, { ...process.env, PATH, XDG_RUNTIME_DIR: directory, HOME: directory });
});

afterEach(() => {
  terminals.close();
  rmSync(directory, { recursive: true });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Numbers that are others each time. */
function withoutChance(screen: string): string {
  return screen
    .replace(/0x[0-9a-f]{6,}/g, "ADDRESS")
    .replace(/htons\(\d+\)/g, "htons(PORT)")
    .replace(/si_uid=\d+/g, "si_uid=UID")
    .replace(/si_utime=.*, si_stime=[^}]*/g, "TIMES");
}

const TRACED = `\
$ tsstrace.js -f -e trace=accept4,clone,read,write,close -p 1000
tsstrace: Process 1000 attached
accept4(3, {sa_family=AF_INET, sin_port=htons(PORT), sin_addr=inet_addr("127.0.0.1")}, [4096 => 16], SOCK_CLOEXEC) = 4
clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=ADDRESStsstrace: Process 1001 attached
) = 1001
[pid  1000] close(4)                    = 0
[pid  1000] accept4(3 <unfinished ...>
[pid  1001] read(4, "hello\\n", 8192)    = 6
[pid  1001] write(4, "HELLO\\n", 6)      = 6
[pid  1001] close(4)                    = 0
[pid  1001] close(3)                    = 0
[pid  1001] +++ exited with 0 +++
<... accept4 resumed>, ADDRESS, [4096], SOCK_CLOEXEC) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)
--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=1001, si_uid=UID, si_status=0, TIMES} ---
accept4(3^Ctsstrace: Process 1000 detached
 <detached ...>

$`;

const missing = terminalMissing() ?? (existsSync(PERL) ? undefined : "no perl");

test.skipIf(missing)(`a server in a terminal${missing ? ` (skipped: ${missing})` : ""}`, async () => {
  const port = await freePort();
  writeFileSync(join(directory, "server"), SERVER);
  writeFileSync(join(directory, "ask"), `exec 3<>/dev/tcp/127.0.0.1/${port}; echo "$1" >&3; cat <&3\n`);
  const server = await terminals.open(80, 24);
  const user = await terminals.open(100, 40);
  const client = await terminals.open(80, 24);
  server.type(`tsstrace.js --run --net=host perl server ${port}`);
  await server.shows(/^serving$/m);

  user.type("tsstrace.js --ps");
  expect(await user.shows(/perl server/)).toMatch(
    /^ *machine +pid +ppid +state +threads +call +time +command\n +\d+ +1000 +999 +S +1 +accept4 +[\d.]+ +perl server \d+$/m,
  );
  user.type("tsstrace.js --cat=/proc/1000/syscall");
  expect(await user.shows(/^288 /m)).toMatch(/^288 0x3 0x[0-9a-f]+ (0x[0-9a-f]+ ){4}0x7ff[0-9a-f]+ 0x[0-9a-f]+$/m);

  await user.clear();
  user.type("tsstrace.js -f -e trace=accept4,clone,read,write,close -p 1000");
  await user.shows(/attached/);
  client.type("bash ask hello");
  await client.shows(/^HELLO$/m);
  await user.shows(/exited with 0[\s\S]*accept4\(/);
  user.press("C-c");
  expect(withoutChance(await user.shows(/detached[\s\S]*^\$$/m))).toBe(TRACED);

  client.type("bash ask again");
  await client.shows(/^AGAIN$/m);
  user.type("tsstrace.js --ps");
  expect(await user.shows(/ppid[\s\S]*perl/)).toMatch(/ 1000 +999 +S +1 +accept4 /);
  expect(server.screen()).toMatch(/\nserving$/);
  server.press("C-c");
  await server.shows(/^\$$/m);
  expect(readdirSync(join(directory, "tsstrace"))).toEqual([]);
});
