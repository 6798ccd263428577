// --net=host: the program's TCP reaches the host's network, and the host reaches the program's; without it neither does.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ProgramRun, runTraced, TSSTRACE } from "../tool.js";

const BASH = "/bin/bash";
const PERL = "/usr/bin/perl";
const LARGE = Buffer.alloc(3_000_000, "0123456789");

/** Sends back what it gets in capital letters; a line "large" gets much more than any buffer holds. */
const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
  socket.on("data", (bytes) => {
    const text = bytes.toString();
    if (text === "large\n") socket.end(LARGE);
    else socket.write(text.toUpperCase());
  });
  socket.on("end", () => socket.end());
});

const port = (): number => (server.address() as AddressInfo).port;

function shell(script: string): ProgramRun {
  return { program: BASH, args: ["-c", script], env: { PATH: "/usr/bin:/bin" } };
}

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterAll(() => {
  server.close();
});

describe.skipIf(!existsSync(BASH))("a client", () => {
  const talk = (): ProgramRun =>
    shell(`exec 3<>/dev/tcp/127.0.0.1/${port()} || exit 7; echo hello >&3; read line <&3; echo "$line"`);

  test("with --net=host", async () => {
    const seen = await runTraced(TSSTRACE, ["--net=host"], talk());
    expect(seen.stdout).toBe("HELLO\n");
    expect(seen.exit).toBe(0);
  });

  test.each([[[]], [["--net=none"]]])("with %j", async (options) => {
    const seen = await runTraced(TSSTRACE, options, talk());
    expect(seen.stdout).toBe("");
    expect(seen.stderr).toContain("Connection refused");
    expect(seen.exit).not.toBe(0);
  });

  test("much at once", async () => {
    const seen = await runTraced(
      TSSTRACE,
      ["-f", "--net=host"],
      shell(`exec 3<>/dev/tcp/127.0.0.1/${port()}; echo large >&3; cksum <&3`),
    );
    expect(seen.stdout).toMatch(new RegExp(` ${LARGE.length}\n$`));
  });

  test("another word is refused", async () => {
    const seen = await runTraced(TSSTRACE, ["--net=all"], talk());
    expect(seen.stderr).toContain("invalid --net argument: 'all'");
    expect(seen.exit).toBe(1);
  });
});

test.skipIf(!existsSync(PERL))("a server", async () => {
  const [file, ...args] = TSSTRACE;
  const script = `my $door = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1:${port() + 1}") or die; print $door->accept->getline;`;
  const words = ["--net=host", "-o", "/dev/null", PERL, "-MIO::Socket::INET", "-e", script];
  const child = spawn(file, [...args, ...words], { stdio: ["ignore", "pipe", "ignore"] });
  let heard = "";
  child.stdout.on("data", (bytes: Buffer) => {
    heard += bytes.toString();
  });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  try {
    await knock(port() + 1, "from the host\n");
    await ended;
    expect(heard).toBe("from the host\n");
  } finally {
    child.kill("SIGKILL");
  }
});

/** Connects as soon as somebody listens, and sends `text`. */
async function knock(to: number, text: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const reached = await new Promise<boolean>((resolve) => {
      const socket = connect({ port: to, host: "127.0.0.1" }, () => socket.end(text, () => resolve(true)));
      socket.on("error", () => resolve(false));
    });
    if (reached) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("nobody listens");
}
