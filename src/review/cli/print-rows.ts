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
  terminal.stdout(output === "yaml" ? yamlOf(value) : `${jsonOf(value, output === "json" ? 2 : 0)}\n`);
}

/** How long ago something was in a table, when it was in a wide one. */
export function timeColumns<Row>(title: string, iso: (row: Row) => string): readonly Column<Row>[] {
  return [
    { title, text: (row, nowMs) => ageOf(iso(row), nowMs), shownIn: "table" },
    { title, text: (row) => minuteOf(iso(row)), shownIn: "wide" },
  ];
}

// Both formats keep some characters as they are that a terminal would obey; the escapes mean the same to a parser.
const UNSAFE_IN_JSON = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
/** Only those that the library never prints outside double quotes, where alone an escape is one. */
const UNSAFE_IN_YAML = /[\u007f-\u009f]/g;

function jsonOf(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent).replace(UNSAFE_IN_JSON, escaped);
}

function yamlOf(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false }).replace(UNSAFE_IN_YAML, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
