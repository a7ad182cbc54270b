/** Figures as text in aligned columns: the first to the left, the others, being numbers, to the right. */
export function printTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [titles, ...rows];
  const widths = titles.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  const pad = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return lines.map((line) => line.map(pad).join("  ").trimEnd()).join("\n");
}

/** 123456.7 → `123,457`. */
export function whole(number: number): string {
  return Math.round(number).toLocaleString("en-US");
}

/** 1.234 → `1.23`. */
export function decimal(number: number, digits = 2): string {
  return number.toFixed(digits);
}
