// The way of one call through the kernel's entry code as text: step by step, on one line, or as JSON.

export interface PathStep {
  readonly name: string;
  readonly values: Readonly<Record<string, bigint | number | string | boolean>>;
}

export interface CallPath {
  readonly pid: number;
  readonly call: string;
  readonly number: number;
  readonly isTraced: boolean;
  readonly steps: readonly PathStep[];
}

export type PathForm = "full" | "short" | "json";

const WIDTH = 80;
const INDENT = "   |      ";

type Paint = (text: string) => string;

interface Palette {
  readonly heading: Paint;
  readonly step: Paint;
  readonly name: Paint;
  readonly bad: Paint;
}

const sgr =
  (code: string): Paint =>
  (text) =>
    `\x1b[${code}m${text}\x1b[0m`;
const asItIs: Paint = (text) => text;
const PLAIN: Palette = { heading: asItIs, step: asItIs, name: asItIs, bad: asItIs };
const COLOURED: Palette = { heading: sgr("1"), step: sgr("36"), name: sgr("2"), bad: sgr("31") };

export function pathText(path: CallPath, form: PathForm, coloured: boolean): string {
  if (form === "json") return `${JSON.stringify(pathEvent(path))}\n`;
  const palette = coloured ? COLOURED : PLAIN;
  return form === "short" ? shortText(path, palette) : fullText(path, palette);
}

function shown(value: bigint | number | string | boolean): string {
  return typeof value === "bigint" ? `0x${BigInt.asUintN(64, value).toString(16)}` : String(value);
}

/** A path as --path=json and --format=json have it: addresses and registers in hex. */
export interface PathEvent {
  readonly type: "path";
  readonly pid: number;
  readonly call: string;
  readonly number: number;
  readonly traced: boolean;
  readonly steps: readonly { readonly step: string; readonly [value: string]: string | number | boolean }[];
}

export function pathEvent({ pid, call, number, isTraced, steps }: CallPath): PathEvent {
  const plain = ({ name, values }: PathStep): PathEvent["steps"][number] => ({
    step: name,
    ...Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, typeof value === "bigint" ? shown(value) : value]),
    ),
  });
  return { type: "path", pid, call, number, traced: isTraced, steps: steps.map(plain) };
}

function fullText(path: CallPath, palette: Palette): string {
  const way = path.isTraced ? "traced" : "not traced";
  let text = `${palette.heading(`   ,-- ${path.call}, number ${path.number}, pid ${path.pid}, ${way}`)}\n`;
  for (const { name, values } of path.steps) text += stepText(name, Object.entries(values), palette);
  return `${text}${palette.heading(`   \`-- ${END[endOf(path)]}`)}\n`;
}

type End = "sysret" | "sysretl" | "iret" | "exit" | "open";

const END: Readonly<Record<End, string>> = {
  sysret: "back in user mode",
  sysretl: "back in user mode",
  iret: "back in user mode",
  exit: "does not come back",
  open: "has not come back",
};

const LAST_STEPS: Readonly<Record<string, End>> = {
  sysretq: "sysret",
  sysretl: "sysretl",
  iretq: "iret",
  do_exit: "exit",
};

function endOf({ steps }: CallPath): End {
  const last = steps.at(-1)?.name;
  return (last === undefined ? undefined : LAST_STEPS[last]) ?? "open";
}

function stepText(name: string, values: [string, PathStep["values"][string]][], palette: Palette): string {
  const paint = name.startsWith("no sysret") ? palette.bad : palette.step;
  let text = `   | ${paint(name)}`;
  let column = 5 + name.length;
  for (const [key, value] of values) {
    const equals = /[ )]/.test(key) ? ": " : "=";
    const width = key.length + equals.length + shown(value).length;
    if (column + 2 + width > WIDTH) {
      text += `\n${INDENT}`;
      column = INDENT.length;
    } else {
      text += "  ";
      column += 2;
    }
    text += `${palette.name(key)}${equals}${shown(value)}`;
    column += width;
  }
  return `${text}\n`;
}

const SHORT_END: Readonly<Record<End, string>> = {
  sysret: "SYSRET",
  sysretl: "SYSRETL",
  iret: "IRET",
  exit: "never back",
  open: "...",
};

/** A step's part in the short form; most have none. */
const TURNS: Readonly<Record<string, (values: PathStep["values"]) => string>> = {
  "testl $_TIF_WORK_SYSCALL_ENTRY": ({ work }) => (work === "0" ? "fast" : `tracesys(${work})`),
  do_syscall_32_irqs_on: ({ work }) => (work === "0" ? "" : `syscall_trace_enter(${work})`),
  syscall_trace_enter: ({ stopped, returns }) => `enter=${returns}${stopped ? " stop" : ""}`,
  "cmpl $IA32_NR_syscalls, %eax": () => "no slot",
  "call *ia32_sys_call_table(, %rax, 8)": ({ slot, symbol }) => `${symbol}[${slot}]`,
  syscall_trace_enter_phase1: ({ returns }) => `phase1=${returns}`,
  syscall_trace_enter_phase2: ({ stopped, returns }) => `phase2=${returns}${stopped ? " stop" : ""}`,
  secure_computing: ({ allowed }) => (allowed ? "allowed" : "refused"),
  "cmpq $__NR_syscall_max, %rax": ({ above }) => (above ? "no slot" : ""),
  "call *sys_call_table(, %rax, 8)": ({ slot, symbol }) => `${symbol}[${slot}]`,
  schedule: () => "sleeps",
  "movq %rax, RAX(%rsp)": ({ ax }) => `ax=${ax}`,
  syscall_slow_exit_work: ({ stopped, ax }) => (stopped ? `exit stop ax=${ax}` : ""),
  get_signal: ({ signal, action }) => `${signal} ${action}`,
  handle_signal: ({ call }) => `call ${call}`,
  "no signal to handle": ({ call }) => `call ${call}`,
};

/** The turns it took. */
function shortText(path: CallPath, palette: Palette): string {
  const turns = path.steps.flatMap(({ name, values }) => {
    if (name.startsWith("no sysret")) return [palette.bad(name)];
    const turn = TURNS[name]?.(values) ?? "";
    return turn === "" ? [] : [turn];
  });
  // Of the doors, the one most programs take needs no name.
  if (path.steps[0] && path.steps[0].name !== "syscall") turns.unshift(path.steps[0].name);
  // A call that sleeps may do so many times.
  const different = turns.filter((turn, i) => turn !== turns[i - 1]);
  const ways = [...different, SHORT_END[endOf(path)]].join(" > ");
  return `   | ${palette.heading(path.call)} ${palette.name(`[${path.pid}]`)} ${ways}\n`;
}
