// The table of -c and -C: calls, errors and time by system call.
import type { StraceOptions, SummaryColumn } from "./options.js";

/** Of one system call. */
export interface SummaryRow {
  readonly name: string;
  calls: number;
  errors: number;
  /** Nanoseconds. */
  time: number;
  shortest: number;
  longest: number;
}

interface ColumnForm {
  readonly title: string;
  readonly width: number;
  text(row: SummaryRow, total: number, isTotal: boolean): string;
}

const seconds = (nanoseconds: number): string => (nanoseconds / 1e9).toFixed(6);

const forms: Readonly<Record<SummaryColumn, ColumnForm>> = {
  "time-percent": {
    title: "% time",
    width: 6,
    text: (row, total, isTotal) => (isTotal ? 100 : total === 0 ? 0 : (row.time / total) * 100).toFixed(2),
  },
  "total-time": { title: "seconds", width: 11, text: (row) => seconds(row.time) },
  "min-time": { title: "shortest", width: 8, text: (row) => seconds(row.shortest) },
  "max-time": { title: "longest", width: 8, text: (row) => seconds(row.longest) },
  "avg-time": {
    title: "usecs/call",
    width: 11,
    text: (row) => Math.floor(row.time / row.calls / 1000 || 0).toString(),
  },
  calls: { title: "calls", width: 9, text: (row) => row.calls.toString() },
  errors: { title: "errors", width: 9, text: (row) => (row.errors === 0 ? "" : row.errors.toString()) },
  name: { title: "syscall", width: 16, text: (row) => row.name },
};

const nothing = (name: string): SummaryRow => ({
  name,
  calls: 0,
  errors: 0,
  time: 0,
  shortest: Number.POSITIVE_INFINITY,
  longest: 0,
});

const sumOf = (name: string, a: SummaryRow, b: SummaryRow): SummaryRow => ({
  name,
  calls: a.calls + b.calls,
  errors: a.errors + b.errors,
  time: a.time + b.time,
  shortest: Math.min(a.shortest, b.shortest),
  longest: Math.max(a.longest, b.longest),
});

export class Summary {
  readonly #rows = new Map<string, SummaryRow>();
  readonly #options: StraceOptions;

  constructor(options: StraceOptions) {
    this.#options = options;
  }

  /** Counts one call that returned. */
  count(name: string, nanoseconds: number, failed: boolean): void {
    const time = Math.max(0, nanoseconds - this.#options.overhead);
    let row = this.#rows.get(name);
    if (row === undefined) {
      row = nothing(name);
      this.#rows.set(name, row);
    }
    row.calls++;
    if (failed) row.errors++;
    row.time += time;
    row.shortest = Math.min(row.shortest, time);
    row.longest = Math.max(row.longest, time);
  }

  get rows(): SummaryRow[] {
    return [...this.#rows.values()];
  }

  /** What another tracer has counted. */
  add(rows: readonly SummaryRow[]): void {
    for (const row of rows) {
      const own = this.#rows.get(row.name);
      this.#rows.set(row.name, own === undefined ? row : sumOf(row.name, own, row));
    }
  }

  get isEmpty(): boolean {
    return this.#rows.size === 0;
  }

  text(): string {
    const columns = this.#options.summaryColumns.includes("name")
      ? this.#options.summaryColumns
      : [...this.#options.summaryColumns, "name" as const];
    const rows = [...this.#rows.values()].sort(this.#order());
    const total = rows.reduce((sum, row) => sumOf("total", sum, row), nothing("total"));
    const nameWidth = Math.max(forms.name.width, ...rows.map((row) => row.name.length + 1));
    const width = (column: SummaryColumn): number => (column === "name" ? nameWidth : forms[column].width);
    const line = (cell: (column: SummaryColumn) => string): string => {
      const cells = columns.map((column, i) => {
        const text = cell(column);
        if (column !== "name") return text.padStart(width(column));
        return i === columns.length - 1 ? text : text.padEnd(width(column));
      });
      return `${cells.join(" ")}\n`;
    };
    const rule = line((column) => "-".repeat(width(column)));
    let text = line((column) => forms[column].title) + rule;
    for (const row of rows) text += line((column) => forms[column].text(row, total.time, false));
    return text + rule + line((column) => forms[column].text(total, total.time, true));
  }

  #order(): (a: SummaryRow, b: SummaryRow) => number {
    switch (this.#options.summarySort) {
      case "name":
        return (a, b) => (a.name < b.name ? -1 : 1);
      case "calls":
        return (a, b) => b.calls - a.calls;
      case "errors":
        return (a, b) => b.errors - a.errors;
      case "min-time":
        return (a, b) => b.shortest - a.shortest;
      case "max-time":
        return (a, b) => b.longest - a.longest;
      case "avg-time":
        return (a, b) => b.time / b.calls - a.time / a.calls;
      case "nothing":
        return () => 0;
      default:
        return (a, b) => b.time - a.time;
    }
  }
}
