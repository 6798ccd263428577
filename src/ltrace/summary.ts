// The table of -c: calls and time by function.
interface Row {
  readonly name: string;
  calls: number;
  /** Nanoseconds. */
  time: number;
}

const seconds = (nanoseconds: number): string => {
  const micro = Math.round(nanoseconds / 1000);
  return `${Math.floor(micro / 1e6)}.${String(micro % 1e6).padStart(6, "0")}`;
};
const RULE = "------ ----------- ----------- --------- --------------------";

export class Summary {
  readonly #rows = new Map<string, Row>();

  count(name: string, nanoseconds: number): void {
    const row = this.#rows.get(name);
    if (row === undefined) this.#rows.set(name, { name, calls: 1, time: nanoseconds });
    else {
      row.calls++;
      row.time += nanoseconds;
    }
  }

  text(): string {
    const rows = [...this.#rows.values()].sort((a, b) => b.time - a.time || (a.name < b.name ? -1 : 1));
    const total = rows.reduce((sum, { time }) => sum + time, 0);
    const calls = rows.reduce((sum, row) => sum + row.calls, 0);
    let text = `% time     seconds  usecs/call     calls      function\n${RULE}\n`;
    for (const row of rows) {
      const share = total === 0 ? 0 : (row.time / total) * 100;
      const each = Math.floor(row.time / row.calls / 1000);
      text += `${share.toFixed(2).padStart(6)} ${seconds(row.time).padStart(11)} ${String(each).padStart(11)} ${String(row.calls).padStart(9)} ${row.name}\n`;
    }
    return `${text}${RULE}\n100.00 ${seconds(total).padStart(11)} ${"".padStart(11)} ${String(calls).padStart(9)} total\n`;
  }
}
