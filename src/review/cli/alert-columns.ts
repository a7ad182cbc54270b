import type { AlertRow } from "./alert-row.ts";
import { paintSeverity, paintStatus } from "./colours.ts";
import { timeColumns } from "./print-rows.ts";
import type { Column } from "./table.ts";

const SEVERITY: Column<AlertRow> = { title: "SEVERITY", text: (row) => row.severity, paint: paintSeverity };
const COUNT: Column<AlertRow> = { title: "COUNT", text: (row) => String(row.count) };
const SUMMARY: Column<AlertRow> = { title: "SUMMARY", text: (row) => row.summary };

/** `alerts list` as a table. */
export const alertColumns: readonly Column<AlertRow>[] = [
  { title: "ID", text: (row) => row.id, isWhole: true },
  SEVERITY,
  { title: "STATUS", text: (row) => row.status, paint: paintStatus },
  { title: "RULE", text: (row) => row.rule, shownIn: "wide" },
  { title: "ENVIRONMENT", text: (row) => row.environment, shownIn: "wide" },
  { title: "CALLER", text: (row) => row.caller, shownIn: "wide" },
  { title: "CALLEE", text: (row) => row.callee, shownIn: "wide" },
  { title: "OPERATION", text: (row) => row.operation, shownIn: "wide" },
  { title: "AUDIENCES", text: (row) => row.audiences.join(", "), shownIn: "wide" },
  COUNT,
  ...timeColumns<AlertRow>("LAST SEEN", (row) => row.lastSeen),
  SUMMARY,
];

/** What `check` and `explain` found as a table: nothing is stored, so there is no id to copy. */
export const findingColumns: readonly Column<Pick<AlertRow, "severity" | "rule" | "summary">>[] = [
  { title: "SEVERITY", text: (row) => row.severity, paint: paintSeverity },
  { title: "RULE", text: (row) => row.rule },
  { title: "SUMMARY", text: (row) => row.summary },
];
