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

/** The steps a call can end with, and what they are called in short. */
const RETURNS: Readonly<Record<string, string>> = { sysretq: "SYSRET", sysretl: "SYSRETL", iretq: "IRET" };
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
  if (form === "json") return `${JSON.stringify(jsonOf(path))}\n`;
  const palette = coloured ? COLOURED : PLAIN;
  return form === "short" ? shortText(path, palette) : fullText(path, palette);
}

function shown(value: bigint | number | string | boolean): string {
  return typeof value === "bigint" ? `0x${BigInt.asUintN(64, value).toString(16)}` : String(value);
}

function jsonOf({ pid, call, number, isTraced, steps }: CallPath): object {
  const plain = ({ name, values }: PathStep): object => ({
    step: name,
    ...Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, typeof value === "bigint" ? shown(value) : value]),
    ),
  });
  return { pid, call, number, traced: isTraced, steps: steps.map(plain) };
}

function fullText(path: CallPath, palette: Palette): string {
  const way = path.isTraced ? "traced" : "not traced";
  let text = `${palette.heading(`   ,-- ${path.call}, number ${path.number}, pid ${path.pid}, ${way}`)}\n`;
  for (const { name, values } of path.steps) text += stepText(name, Object.entries(values), palette);
  const last = path.steps.at(-1)?.name;
  const end = last !== undefined && last in RETURNS ? "back in user mode" : "does not come back";
  return `${text}${palette.heading(`   \`-- ${end}`)}\n`;
}

function stepText(name: string, values: [string, PathStep["values"][string]][], palette: Palette): string {
  const paint = name.startsWith("no sysret") ? palette.bad : palette.step;
  let text = `   | ${paint(name)}`;
  let column = 5 + name.length;
  for (const [key, value] of values) {
    const width = key.length + 1 + shown(value).length;
    if (column + 2 + width > WIDTH) {
      text += `\n${INDENT}`;
      column = INDENT.length;
    } else {
      text += "  ";
      column += 2;
    }
    text += `${palette.name(key)}=${shown(value)}`;
    column += width;
  }
  return `${text}\n`;
}

/** The turns it took. */
function shortText({ pid, call, steps }: CallPath, palette: Palette): string {
  const find = (name: string): PathStep | undefined => steps.find((step) => step.name === name);
  const narrow = find("do_syscall_32_irqs_on")?.values.work;
  const work = narrow ?? find("testl $_TIF_WORK_SYSCALL_ENTRY")?.values.work;
  const turns = narrow === undefined ? [] : [steps[0]?.name ?? ""];
  const traced = narrow === undefined ? "tracesys" : "syscall_trace_enter";
  if (work !== undefined && work !== "0") turns.push(`${traced}(${work})`);
  else if (narrow === undefined) turns.push("fast");
  const phase1 = find("syscall_trace_enter_phase1")?.values.returns;
  if (phase1 !== undefined) turns.push(`phase1=${phase1}`);
  const phase2 = find("syscall_trace_enter_phase2")?.values;
  const entered = find("syscall_trace_enter")?.values;
  if (entered) turns.push(`enter=${entered.returns}${entered.stopped ? " stop" : ""}`);
  if (phase2) turns.push(`phase2=${phase2.returns}${phase2.stopped ? " stop" : ""}`);
  const slot = (find("call *sys_call_table(, %rax, 8)") ?? find("call *ia32_sys_call_table(, %rax, 8)"))?.values;
  turns.push(slot ? `${slot.symbol}[${slot.slot}]` : "no slot");
  if (steps.some(({ name }) => name === "schedule")) turns.push("sleeps");
  const result = find("movq %rax, RAX(%rsp)")?.values.ax;
  if (result !== undefined) turns.push(`ax=${result}`);
  if (steps.some(({ name }) => name === "do_signal")) turns.push("do_signal");
  const obstacle = steps.find(({ name }) => name.startsWith("no sysret"));
  if (obstacle) turns.push(palette.bad(obstacle.name));
  const last = steps.at(-1)?.name;
  turns.push((last === undefined ? undefined : RETURNS[last]) ?? "never back");
  return `   | ${palette.heading(call)} ${palette.name(`[${pid}]`)} ${turns.join(" > ")}\n`;
}
