// Brings two traces of the same program to one form. What may differ between two runs, and nothing else, becomes a token:
//   addresses     hexadecimal numbers of five or more digits: @1, @2... by first appearance in a process and since its last execve (0xdeadbeef-like constants are kept)
//   process ids   at the start of a line, in results, in arguments and in /proc: P1, P2... by first appearance
//   inodes        of sockets and pipes, between angle brackets: I1, I2... by first appearance
//   ports         those the kernel chose: PORT1, PORT2... by first appearance
//   names         that Unix sockets get without asking for one (autobind): AUTOMATIC
//   times         seconds since 1970 and the nanoseconds beside them, what was left of a timeout, CPU times in siginfo
//   random bytes  what getrandom filled in
//   signals read  the record a signalfd gave, which has process ids in it
//   file handles  and the mount they belong to
//   order         of what kcmp finds unlike
//   cookies       of moves that inotify tells of
//   keys          by their serial numbers
//   System V ids  of whatever else there is on the machine
//   privileges    which capabilities root has where this runs
//   the machine   what a time slice is, what sysinfo tells of it
//   directories   the temporary one the program ran in: RUN
// Calls that ask for the time are left out: where there is a vDSO, as on the machines that recorded, they are no system calls.
// Lines are kept in order. The blanks before a result are checked against the column and then made one, for tokens have other
// lengths. Where several processes ran (-f), their order is the scheduler's: `byProcess` sorts the lines by process, with
// unfinished and resumed halves joined, and a SIGCHLD, which comes when it comes, after all else.

const KEPT_CONSTANTS = new Set(["0xdeadbeef", "0x53053053", "0xffffffff", "0xffffffffffffffff"]);
const CLOCK_CALL = /^(?:\d+ +)?(?:clock_gettime(?:64)?|clock_getres(?:_time64)?|gettimeofday|time|getcpu)\(.*\n/gm;
/** Smaller ones look like any number. */
const SMALLEST_PROCESS_ID = 300;

/** Where a process id stands: before a line with -f, as the result of calls that return one, in siginfo, kill and /proc. */
const PROCESS_IDS =
  /(?<=^|(?:\b(?:getpid|gettid|set_tid_address|fork|vfork|clone3?|getppid|getpgrp|wait4)\b.*\) = |si_pid=|\b(?:t|tg)?kill\(|\/proc\/))(\d+)\b(?=$| |[,)}/])/gm;

/** Identifiers of System V objects: what the *get calls return and the others take. */
const IPC_IDS =
  /(?<=\b(?:shm|sem|msg)get\(.*\) = |\b(?:shmat|shmctl|semctl|semop|semtimedop(?:_time64)?|msgsnd|msgrcv|msgctl)\()\d+/g;

/** `column` is where results begin (-a). */
export function normalizeTrace(text: string, column = 40): string {
  const addresses = new Map<string, string>();
  const processes = new Map<string, string>();
  const ports = new Map<string, string>();
  const inodes = new Map<string, string>();
  return checkColumns(text.replace(CLOCK_CALL, ""), column)
    .replace(PROCESS_IDS, (id) => token(processes, id, "P"))
    .replace(/^(P\d+) +/gm, "$1 ")
    .replace(/\/[^\s"<>]*\/(tsstrace-run-)\w{6}/g, "RUN")
    .replace(/(rt_sigreturn\(.*= )\d{6,}$/gm, "$1VALUE") // whatever was in rax, an address mostly
    .replace(/(?<=<(?:[A-Z]+(?:-STREAM|v6)?|pipe|socket):\[)\d+(?:->\d+)?(?=[,\]])/g, (numbers) =>
      numbers.replace(/\d+/g, (inode) => token(inodes, inode, "I")),
    )
    .replace(/(?<=[\d\]]:)(?:3276[89]|327[789]\d|32[89]\d\d|3[3-9]\d{3}|[45]\d{4}|60\d{3})(?=->|\]>)/g, (port) =>
      token(ports, port, "PORT"),
    )
    .replace(/(?<=_port=htons\()(?:3276[89]|327[789]\d|32[89]\d\d|3[3-9]\d{3}|[45]\d{4}|60\d{3})(?=\))/g, (port) =>
      token(ports, port, "PORT"),
    )
    .replace(/(sun_path=|<UNIX\S*,)@"[0-9a-f]{5}"/g, '$1@"AUTOMATIC"')
    .replace(/(\bread\(\d+, )"(?:[^"\\]|\\.)*"(\.\.\., \d+\) = (?:128|256)$)/gm, '$1"RECORD"$2')
    .replace(/tv_nsec=\d+(?=\}\) = \? ERESTART_RESTARTBLOCK)/g, "tv_nsec=LEFT")
    .replace(/f_handle="[^"]*"(\}, \[\d+\])?/g, "f_handle=HANDLE")
    .replace(/(\bread\(\d+, "\\\d+\\0\\0\\0(?:@|\\200)\\0\\0\\0)(?:\\.|[^\\"])+?(\\20\\0\\0\\0)/g, "$1COOKIE$2")
    .replace(/\b((?:shm|sem|msg)_[a-z]time)=\d{9,}/g, "$1=SECONDS")
    .replace(/1<<CAP_\w+(?:\|1<<CAP_\w+|\|0x\w+)*/g, "CAPABILITIES")
    .replace(/\bsched_runtime=\d+/g, "sched_runtime=SLICE")
    .replace(/(\bkcmp\(.*\) = )[12]$/gm, "$1ORDER")
    .replace(/^.*\b(?:add_key|request_key|keyctl)\(.*$/gm, (line) =>
      line.replace(/\b(?!2147483647\b)\d{6,10}\b/g, "KEY"),
    )
    .replace(IPC_IDS, "ID")
    .replace(/(\b(?:shm|sem|msg)ctl\(ID.*\b(?:IPC|SHM|SEM|MSG)_INFO\b.*\) = )\d+$/gm, "$1INDEX")
    .replace(/\bsysinfo\(\{.*\}\)/g, "sysinfo({MACHINE})")
    .replace(/(getrandom\((?:buf=)?)"(?:[^"\\]|\\.)*"/g, '$1"RANDOM"')
    .replace(/tv_sec=\d{9,}, tv_([nu])sec=\d+(\} \/\* [-+:.T\d]+ \*\/)?/g, "tv_sec=SECONDS, tv_$1sec=FRACTION")
    .replace(/left \{tv_sec=\d+, tv_([nu])sec=\d+\}/g, "left {TIME}")
    .replace(/si_utime=\d+(?: \/\*.*?\*\/)?, si_stime=\d+(?: \/\*.*?\*\/)?/g, "si_utime=TICKS, si_stime=TICKS")
    .split("\n")
    .map(eachImage((number, image) => (KEPT_CONSTANTS.has(number) ? number : token(addresses, image + number, "@"))))
    .join("\n")
    .replace(/(?<![\w.]|(?:len|size|sec|uid|gid|rlim_\w+)=)\d+\b/g, (id) =>
      Number(id) < SMALLEST_PROCESS_ID ? id : (processes.get(id) ?? id),
    );
}

/**
 * Names the addresses in line after line. They mean something within one process until it executes another program: each such stretch
 * has a number.
 */
function eachImage(name: (address: string, image: string) => string): (line: string) => string {
  let image = 1;
  let last = "";
  return (line) => {
    const process = /^P\d+/.exec(line)?.[0] ?? "";
    if (process !== last) image++;
    last = process;
    const named = line.replace(/\b0x[0-9a-f]{5,}\b/g, (address) => name(address, `${image}:`));
    if (/\bexecve(at)?\(.*\) = 0$/.test(line)) image++;
    return named;
  };
}

/** A line up to its result: strings may hold anything. */
const CALL = /^((?:[^"\n]|"(?:[^"\\\n]|\\.)*")*?\))( +)= /gm;

function checkColumns(text: string, column: number): string {
  return text.replace(CALL, (_line, call: string, blanks: string) => {
    const wanted = Math.max(1, column - call.length);
    return blanks.length === wanted ? `${call} = ` : `${call} (${blanks.length} blanks, not ${wanted}) = `;
  });
}

function token(tokens: Map<string, string>, key: string, letter: string): string {
  let name = tokens.get(key);
  if (!name) {
    name = `${letter}${tokens.size + 1}`;
    tokens.set(key, name);
  }
  return name;
}

const CHILD_ENDED = /^\d+ +--- SIGCHLD /;

/** One trace line after another of each process, as they were started; halves of interrupted lines joined. */
export function byProcess(trace: string): string {
  const lines = new Map<string, string[]>();
  for (const line of trace.split("\n")) {
    const [, process, rest] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (!process) continue;
    const own = lines.get(process) ?? [];
    lines.set(process, own);
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
    const started = own.at(-1);
    if (resumed && started?.endsWith(" <unfinished ...>")) {
      const whole = started.slice(0, -" <unfinished ...>".length) + resumed[1];
      own[own.length - 1] = whole.replace(CALL, (_line, call: string) => `${`${call} `.padEnd(40)}= `);
    } else own.push(`${process.padEnd(5)} ${rest}`);
  }
  return [...lines]
    .sort(([first], [second]) => Number(first) - Number(second))
    .flatMap(([, own]) => [
      ...own.filter((line) => !CHILD_ENDED.test(line)),
      ...own.filter((line) => CHILD_ENDED.test(line)),
    ])
    .join("\n");
}
