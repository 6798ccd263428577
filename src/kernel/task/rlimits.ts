// Resource limits of a process. Infinity stands for RLIM_INFINITY.
import {
  RLIM_NLIMITS,
  RLIMIT_CORE,
  RLIMIT_MEMLOCK,
  RLIMIT_MSGQUEUE,
  RLIMIT_NICE,
  RLIMIT_NOFILE,
  RLIMIT_NPROC,
  RLIMIT_RTPRIO,
  RLIMIT_SIGPENDING,
  RLIMIT_STACK,
} from "../../abi/constants/processes.js";

export interface Rlimit {
  readonly soft: number;
  readonly hard: number;
}

const MIB = 1 << 20;

export class Rlimits {
  readonly #limits: Rlimit[];

  constructor(from?: Rlimits) {
    this.#limits = [];
    for (let i = 0; i < RLIM_NLIMITS; i++) this.#limits.push(from?.get(i) ?? initial.get(i) ?? unlimited);
  }

  get(resource: number): Rlimit {
    return this.#limits[resource];
  }

  set(resource: number, limit: Rlimit): void {
    this.#limits[resource] = limit;
  }

  soft(resource: number): number {
    return this.#limits[resource].soft;
  }
}

const unlimited: Rlimit = { soft: Number.POSITIVE_INFINITY, hard: Number.POSITIVE_INFINITY };

// What a login shell of a usual distribution has.
const initial = new Map<number, Rlimit>([
  [RLIMIT_STACK, { soft: 8 * MIB, hard: Number.POSITIVE_INFINITY }],
  [RLIMIT_CORE, { soft: 0, hard: Number.POSITIVE_INFINITY }],
  [RLIMIT_NPROC, { soft: 15000, hard: 15000 }],
  [RLIMIT_NOFILE, { soft: 1024, hard: 1048576 }],
  [RLIMIT_MEMLOCK, { soft: 8 * MIB, hard: 8 * MIB }],
  [RLIMIT_SIGPENDING, { soft: 15000, hard: 15000 }],
  [RLIMIT_MSGQUEUE, { soft: 819200, hard: 819200 }],
  [RLIMIT_NICE, { soft: 0, hard: 0 }],
  [RLIMIT_RTPRIO, { soft: 0, hard: 0 }],
]);
