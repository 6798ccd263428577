// Where a user's running machines are found: a directory only he can open, with a link for each block of pids in use, which names the tool's
// process, and that process's control socket.
import { lstatSync, mkdirSync, readdirSync, readlinkSync, renameSync, symlinkSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { UserError } from "../lib/errors.js";

const OWNER_ONLY = 0o700;
const OTHERS = 0o077;
const MOST_BLOCKS = 400;
const SOCKET = /^(\d+)\.sock$/;
const BLOCK = /^\d+$/;

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

function directoryPath(): string {
  const runtime = process.env.XDG_RUNTIME_DIR;
  return runtime ? `${runtime}/tsstrace` : `${tmpdir()}/tsstrace-${process.getuid?.() ?? 0}`;
}

/** Undefined when it is not there; a UserError when it is not ours alone. */
function checkedDirectory(): string | undefined {
  const path = directoryPath();
  let found: ReturnType<typeof lstatSync>;
  try {
    found = lstatSync(path);
  } catch (error) {
    if (codeOf(error) === "EACCES") throw new UserError(`${path}: Permission denied`);
    return undefined;
  }
  if (!found.isDirectory() || found.uid !== process.getuid?.()) throw new UserError(`${path} is another user's`);
  if (found.mode & OTHERS) throw new UserError(`${path} can be opened by other users`);
  return path;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

function ownerOf(link: string): number | undefined {
  try {
    return Number(readlinkSync(link)) || undefined;
  } catch {
    return undefined;
  }
}

export const socketPath = (directory: string, pid: number): string => `${directory}/${pid}.sock`;

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Another has.
  }
}

export interface Claim {
  readonly directory: string;
  /** The block of pids that is this machine's; undefined when it wanted none. */
  readonly block: number | undefined;
  release(): void;
}

/** Enters a machine of this process. Undefined where there can be no such directory: the machine then runs unseen. */
export function claimBlock(wantsBlock: boolean): Claim | undefined {
  if (process.getuid === undefined) return undefined;
  try {
    const directory = directoryPath();
    try {
      mkdirSync(directory, OWNER_ONLY);
    } catch (error) {
      if (codeOf(error) !== "EEXIST" || checkedDirectory() === undefined) return undefined;
    }
    const block = wantsBlock ? lowestFree(directory) : undefined;
    const release = (): void => {
      if (block !== undefined) remove(`${directory}/${block}`);
      remove(socketPath(directory, process.pid));
    };
    return { directory, block, release };
  } catch {
    return undefined;
  }
}

function lowestFree(directory: string): number | undefined {
  for (let block = 0; block < MOST_BLOCKS; block++) {
    const link = `${directory}/${block}`;
    for (;;) {
      try {
        symlinkSync(String(process.pid), link);
        return block;
      } catch (error) {
        if (codeOf(error) !== "EEXIST") return undefined;
      }
      const owner = ownerOf(link);
      if (owner !== undefined && owner !== process.pid && isAlive(owner)) break;
      if (owner === process.pid) break; // another machine of this process
      takeAway(link, owner);
    }
  }
  return undefined;
}

/** Takes away what a machine that was killed has left, unless another has been quicker and made it its own. */
function takeAway(link: string, dead: number | undefined): void {
  const aside = `${link}.${process.pid}`;
  try {
    renameSync(link, aside);
    const owner = ownerOf(aside);
    if (owner !== dead && owner !== undefined) symlinkSync(String(owner), link);
  } catch {
    // Somebody else is at it.
  }
  remove(aside);
}

export interface FoundMachine {
  /** Process of the tool. */
  readonly pid: number;
  readonly socket: string;
}

/** The machines whose tool still runs, by its pid; what dead ones left is taken away. */
export function findMachines(): FoundMachine[] {
  const directory = checkedDirectory();
  if (directory === undefined) return [];
  const pids = new Set<number>();
  for (const name of readdirSync(directory)) {
    const path = `${directory}/${name}`;
    const owner = BLOCK.test(name) ? ownerOf(path) : Number(SOCKET.exec(name)?.[1]);
    if (!owner) continue;
    if (isAlive(owner)) pids.add(owner);
    else if (BLOCK.test(name)) takeAway(path, owner);
    else remove(path);
  }
  return [...pids].sort((a, b) => a - b).map((pid) => ({ pid, socket: socketPath(directory, pid) }));
}
