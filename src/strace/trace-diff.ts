// Two traces compared call by call: which lines are gone, new or changed, and where in the line.

export type Change =
  | { readonly kind: "same"; readonly line: string }
  | { readonly kind: "gone" | "new"; readonly line: string }
  | { readonly kind: "changed"; readonly before: string; readonly after: string };

/** Lines that are compared and shown around a difference. */
const CONTEXT = 2;
/** More differences are not looked for one by one: the rest counts as changed. */
const MOST_EDITS = 2000;

/** How the lines of a trace are compared. */
export type Normal = (lines: readonly string[]) => string[];

export const exact: Normal = (lines) => [...lines];

const PID = /^(?:\[pid +(\d+)\]|(\d+)(?= +\S)) */;

/** Without what differs between two runs that do the same: pids, times and addresses. */
export const loose: Normal = (lines) => {
  const pids = new Map<string, string>();
  for (const line of lines) {
    const [, bracketed, plain] = PID.exec(line) ?? [];
    const pid = bracketed ?? plain;
    if (pid !== undefined && !pids.has(pid)) pids.set(pid, `<process ${pids.size}>`);
  }
  return lines.map((line) =>
    line
      .replace(PID, (_, bracketed, plain) => `${pids.get(bracketed ?? plain)} `)
      .replace(/(^|> )(\d\d:\d\d:\d\d|\d{9,})(\.\d+)? /, "$1")
      .replace(/ <\d+\.\d+>$/, "")
      .replace(/0x[0-9a-f]{6,}/g, "0x...")
      .replace(/\b\d{3,}\b/g, (number) => pids.get(number) ?? number)
      .replace(/ +(= )/, " $1"),
  );
};

/** From the first trace to the second, in order. */
export function compareTraces(first: readonly string[], second: readonly string[], normal: Normal): Change[] {
  return paired(edits(first, second, normal));
}

/** Myers' shortest edit script, bounded. */
function edits(first: readonly string[], second: readonly string[], normal: Normal): Change[] {
  const a = normal(first);
  const b = normal(second);
  const furthest = new Map<number, number>([[1, 0]]);
  const history: Map<number, number>[] = [];
  for (let d = 0; d <= Math.min(a.length + b.length, MOST_EDITS); d++) {
    history.push(new Map(furthest));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && at(furthest, k - 1) < at(furthest, k + 1));
      let x = down ? at(furthest, k + 1) : at(furthest, k - 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      furthest.set(k, x);
      if (x >= a.length && x - k >= b.length) return script(first, second, history);
    }
  }
  return [
    ...first.map((line): Change => ({ kind: "gone", line })),
    ...second.map((line): Change => ({ kind: "new", line })),
  ];
}

const at = (furthest: Map<number, number>, k: number): number => furthest.get(k) ?? -1;

function script(first: readonly string[], second: readonly string[], history: Map<number, number>[]): Change[] {
  const changes: Change[] = [];
  let x = first.length;
  let y = second.length;
  for (let d = history.length - 1; d >= 0; d--) {
    const furthest = history[d];
    const k = x - y;
    const down = k === -d || (k !== d && at(furthest, k - 1) < at(furthest, k + 1));
    const fromK = down ? k + 1 : k - 1;
    const fromX = d === 0 ? 0 : at(furthest, fromK);
    const fromY = d === 0 ? 0 : fromX - fromK;
    while (x > fromX && y > fromY) {
      x--;
      y--;
      changes.push({ kind: "same", line: second[y] });
    }
    if (d > 0 && down) changes.push({ kind: "new", line: second[--y] });
    else if (d > 0) changes.push({ kind: "gone", line: first[--x] });
  }
  return changes.reverse();
}

const callName = (line: string): string | undefined => /^(?:[^("]* )?(\w+)\(/.exec(line)?.[1];

/** A call that is gone where one of the same name is new has changed. */
function paired(changes: readonly Change[]): Change[] {
  const result: Change[] = [];
  for (let i = 0; i < changes.length; ) {
    const gone: string[] = [];
    const fresh: string[] = [];
    for (let change = changes[i]; change?.kind === "gone" || change?.kind === "new"; change = changes[++i]) {
      (change.kind === "gone" ? gone : fresh).push(change.line);
    }
    for (const line of gone) {
      const name = callName(line);
      const other = name === undefined ? -1 : fresh.findIndex((each) => callName(each) === name);
      if (other < 0) {
        result.push({ kind: "gone", line });
        continue;
      }
      for (const before of fresh.splice(0, other)) result.push({ kind: "new", line: before });
      result.push({ kind: "changed", before: line, after: fresh.shift() as string });
    }
    for (const line of fresh) result.push({ kind: "new", line });
    if (i < changes.length && changes[i].kind === "same") result.push(changes[i++]);
  }
  return result;
}

/** The differences with some lines around them; undefined when there are none. */
export function diffText(changes: readonly Change[], coloured: boolean): string | undefined {
  const paint = (code: number, text: string): string => (coloured ? `\x1b[${code}m${text}\x1b[0m` : text);
  const isNear = changes.map((_, i) =>
    changes.slice(Math.max(0, i - CONTEXT), i + CONTEXT + 1).some(({ kind }) => kind !== "same"),
  );
  if (!isNear.includes(true)) return undefined;
  let text = "";
  let skipped = 0;
  changes.forEach((change, i) => {
    if (!isNear[i]) {
      skipped++;
      return;
    }
    if (skipped > 0) text += paint(2, `  ... ${skipped} as before\n`);
    skipped = 0;
    if (change.kind === "same") text += `  ${change.line}\n`;
    else if (change.kind === "changed") {
      text += paint(31, `- ${change.before}\n`) + paint(32, `+ ${change.after}\n`);
      text += paint(33, `  ${marks(change.before, change.after)}\n`);
    } else text += change.kind === "gone" ? paint(31, `- ${change.line}\n`) : paint(32, `+ ${change.line}\n`);
  });
  if (skipped > 0) text += paint(2, `  ... ${skipped} as before\n`);
  const count = changes.filter(({ kind }) => kind !== "same").length;
  return `${text}${count} ${count === 1 ? "difference" : "differences"}\n`;
}

/** `^` below what is not the same in the second of two lines. */
function marks(before: string, after: string): string {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before.at(-1 - end) === after.at(-1 - end)) end++;
  return " ".repeat(start) + "^".repeat(Math.max(1, after.length - start - end));
}
