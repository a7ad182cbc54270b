import Table from "cli-table3";
import { createColors } from "picocolors";
import type { Paint } from "./colours.ts";
import { escapeControls } from "./escape-controls.ts";
import type { Terminal } from "./terminal.ts";

/** One column of a table. */
export type Column<Row> = {
  readonly title: string;
  readonly text: (row: Row, nowMs: number) => string | null;
  /** Absent: in both. */
  readonly shownIn?: "table" | "wide";
  /** Never truncated, because people copy it. */
  readonly isWhole?: true;
  readonly paint?: Paint;
};

export type TableOptions = { readonly output: "table" | "wide"; readonly headers?: boolean };

const GAP = 2;
const CELL_WIDTH_MIN = 8;
const SIDES = ["top", "bottom", "mid"].flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`]);
const NO_LINES = Object.fromEntries([...SIDES, "left", "left-mid", "right", "right-mid", "middle"].map((c) => [c, ""]));

/**
 * Rows as aligned columns; empty without rows. `table` fits a terminal's width, truncating with `…`; `wide`, and what
 * goes to a pipe or file, is never truncated.
 */
export function tableOf<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  options: TableOptions,
  terminal: Terminal,
): string {
  if (rows.length === 0) return "";
  const shown = columns.filter((column) => column.shownIn === undefined || column.shownIn === options.output);
  const nowMs = terminal.nowMs();
  const cells = rows.map((row) => shown.map((column) => escapeControls(column.text(row, nowMs) || "-")));
  const head = options.headers === false ? [] : shown.map((column) => column.title);
  const isFitted = terminal.isTty && options.output === "table";
  const table = new Table({
    chars: NO_LINES,
    style: { "padding-left": 0, "padding-right": GAP, head: [], border: [], compact: true },
    truncate: "…",
    colWidths: isFitted ? fittedWidths([head, ...cells], shown, terminal.columns) : [],
  });
  const colours = createColors(terminal.hasColour);
  if (head.length > 0) table.push(head.map((title) => colours.dim(title)));
  table.push(...cells.map((line) => line.map((cell, index) => shown[index]?.paint?.(cell, colours) ?? cell)));
  return `${table.toString().replace(/ +$/gm, "")}\n`;
}

/** The widest column gives way, a character at a time, until the line fits; null where a column keeps its own width. */
function fittedWidths<Row>(
  lines: readonly (readonly string[])[],
  columns: readonly Column<Row>[],
  lineWidth: number,
): (number | null)[] {
  const natural = columns.map((_, index) => Math.max(...lines.map((line) => [...(line[index] ?? "")].length)));
  const widths = columns.map((column, index) => (column.isWhole ? 0 : (natural[index] ?? 0)));
  let excess = natural.reduce((sum, width) => sum + width + GAP, -GAP) - lineWidth;
  for (; excess > 0; excess--) {
    const widest = Math.max(...widths);
    if (widest <= CELL_WIDTH_MIN) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  return widths.map((width, index) => (columns[index]?.isWhole || width === natural[index] ? null : width + GAP));
}
