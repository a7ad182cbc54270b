import { stringify } from "yaml";
import { type Column, tableOf } from "./table.ts";
import type { Terminal } from "./terminal.ts";
import { ageOf, minuteOf } from "./times.ts";

export type PrintOptions = {
  readonly output: "table" | "wide" | "json" | "jsonl" | "yaml";
  /** False leaves the table's titles out. */
  readonly headers?: boolean;
};

/** Writes rows to stdout: as a table for people, or as they are for programs. */
export function printRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  options: PrintOptions,
  terminal: Terminal,
): void {
  const { output } = options;
  if (output === "table" || output === "wide")
    terminal.stdout(tableOf(rows, columns, { ...options, output }, terminal));
  else if (output === "jsonl") terminal.stdout(rows.map((row) => `${jsonOf(row)}\n`).join(""));
  else printValue(rows, output, terminal);
}

/** Writes one value to stdout as data. */
export function printValue(value: unknown, output: "json" | "jsonl" | "yaml", terminal: Terminal): void {
  if (output === "yaml") terminal.stdout(stringify(value, { lineWidth: 0, aliasDuplicateObjects: false }));
  else terminal.stdout(`${jsonOf(value, output === "json" ? 2 : 0)}\n`);
}

/** How long ago something was in a table, when it was in a wide one. */
export function timeColumns<Row>(title: string, iso: (row: Row) => string): readonly Column<Row>[] {
  return [
    { title, text: (row, nowMs) => ageOf(iso(row), nowMs), shownIn: "table" },
    { title, text: (row) => minuteOf(iso(row)), shownIn: "wide" },
  ];
}

/** JSON leaves the second control block and direction marks as they are; a terminal would obey them. */
function jsonOf(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent).replace(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
