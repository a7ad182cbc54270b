import { createColors } from "picocolors";
import type { Paint } from "./colours.ts";
import { displayWidth, truncate } from "./display-width.ts";
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
  /** Absent: always. Else the column is shown only where a row needs it. */
  readonly isNeededFor?: (row: Row) => boolean;
  readonly paint?: Paint;
};

export type TableOptions = { readonly output: "table" | "wide"; readonly headers?: boolean };

const GAP = 2;
const CELL_WIDTH_MIN = 8;
const paintTitle: Paint = (text, colours) => colours.dim(text);

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
  const shown = columns
    .filter(({ shownIn }) => shownIn === undefined || shownIn === options.output)
    .filter(({ isNeededFor }) => isNeededFor === undefined || rows.some(isNeededFor));
  const nowMs = terminal.nowMs();
  const head = options.headers === false ? [] : [shown.map((column) => column.title)];
  const body = rows.map((row) => shown.map((column) => escapeControls(column.text(row, nowMs) || "-")));
  const isFitted = terminal.isTty && options.output === "table";
  const natural = naturalWidths(shown.length, [...head, ...body]);
  const widths = isFitted ? fittedWidths(natural, shown, terminal.columns) : natural;
  const colours = createColors(terminal.hasColour);
  const lineOf = (cells: readonly string[], paintAt: (index: number) => Paint | undefined) => {
    const padded = cells.map((cell, index) => {
      const text = truncate(cell, widths[index] ?? 0);
      const gap = index === cells.length - 1 ? 0 : GAP + (widths[index] ?? 0) - displayWidth(text);
      return (paintAt(index)?.(text, colours) ?? text) + " ".repeat(gap);
    });
    return `${padded.join("")}\n`;
  };
  const titles = head.map((cells) => lineOf(cells, () => paintTitle));
  return [...titles, ...body.map((cells) => lineOf(cells, (index) => shown[index]?.paint))].join("");
}

function naturalWidths(count: number, lines: readonly (readonly string[])[]): readonly number[] {
  const widths = new Array<number>(count).fill(0);
  for (const line of lines) {
    for (const [index, cell] of line.entries()) widths[index] = Math.max(widths[index] ?? 0, displayWidth(cell));
  }
  return widths;
}

/** The widest column gives way, a character at a time, until the line fits or nothing is left to give. */
function fittedWidths<Row>(
  natural: readonly number[],
  columns: readonly Column<Row>[],
  lineWidth: number,
): readonly number[] {
  const giving = natural.map((width, index) => (columns[index]?.isWhole ? 0 : width));
  let excess = natural.reduce((sum, width) => sum + width + GAP, -GAP) - lineWidth;
  for (; excess > 0; excess--) {
    const widest = Math.max(...giving);
    if (widest <= CELL_WIDTH_MIN) break;
    giving[giving.indexOf(widest)] = widest - 1;
  }
  return natural.map((width, index) => (columns[index]?.isWhole ? width : (giving[index] ?? width)));
}
