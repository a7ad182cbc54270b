import { createColors } from "picocolors";
import type { AlertDetail } from "./alert-detail.ts";
import { paintSeverity, paintStatus } from "./colours.ts";
import { counted } from "./counted.ts";
import { escapeControls } from "./escape-controls.ts";
import { type Column, tableOf } from "./table.ts";
import type { Terminal } from "./terminal.ts";
import { ageOf, minuteOf } from "./times.ts";

type Fact = readonly [label: string, value: string | null | undefined];

/** One alert for people: the sentence first, then the facts, the evidence, and what was done. */
export function alertPage(detail: AlertDetail, terminal: Terminal): string {
  const colours = createColors(terminal.hasColour);
  const severity = paintSeverity(detail.severity, colours);
  const title = `${severity}  ${detail.rule}  ${paintStatus(detail.status, colours)}`;
  const facts = tableOf(factsOf(detail, terminal.nowMs()), FACT_COLUMNS, { output: "wide", headers: false }, terminal);
  return [
    `${title}\n${escapeControls(detail.summary)}\n`,
    facts,
    section("EVIDENCE", tableOf(detail.evidence, EVIDENCE_COLUMNS, { output: "wide" }, terminal)),
    section("HISTORY", tableOf(detail.audit, AUDIT_COLUMNS, { output: "wide" }, terminal)),
  ]
    .filter((part) => part !== "")
    .join("\n");

  function section(name: string, table: string): string {
    return table === "" ? "" : `${colours.bold(name)}\n${table}`;
  }
}

const FACT_COLUMNS: readonly Column<Fact>[] = [
  { title: "", text: ([label]) => label, paint: (text, colours) => colours.dim(text) },
  { title: "", text: ([, value]) => value ?? null },
];

const EVIDENCE_COLUMNS: readonly Column<AlertDetail["evidence"][number]>[] = [
  { title: "TIME", text: (one) => one.at },
  { title: "TRACE", text: (one) => one.traceId },
  { title: "CALLER SPAN", text: (one) => one.callerSpanId },
  { title: "CALLEE SPAN", text: (one) => one.calleeSpanId },
  { title: "FINGERPRINT", text: (one) => one.fingerprint },
  { title: "RELEASE", text: (one) => one.release },
  { title: "CLIENT ADDRESS", text: (one) => one.clientAddress },
];

const AUDIT_COLUMNS: readonly Column<AlertDetail["audit"][number]>[] = [
  { title: "TIME", text: (row) => minuteOf(row.at) },
  { title: "ACTOR", text: (row) => row.actor },
  { title: "ACTION", text: (row) => row.action },
  { title: "FROM", text: (row) => row.from },
  { title: "TO", text: (row) => row.to },
  { title: "REASON", text: (row) => row.reason },
];

/** Only what is known; a page of dashes hides the facts. */
function factsOf(detail: AlertDetail, nowMs: number): readonly Fact[] {
  const seen = (iso: string) => `${minuteOf(iso)}, ${ageOf(iso, nowMs)}`;
  const facts: readonly Fact[] = [
    ["id", detail.id],
    ["key", detail.key],
    ["environment", detail.environment],
    ["caller", detail.caller],
    ["callee", detail.callee],
    ["operation", detail.operation],
    ["audiences", detail.audiences.join(", ")],
    ["seen", counted(detail.count, "time")],
    ["first seen", seen(detail.firstSeen)],
    ["last seen", seen(detail.lastSeen)],
    ["verdict", `${detail.verdict}, ${detail.confidence} confidence`],
    ["control held", detail.controlHeld ? "yes, the callee refused" : null],
    ["severity", detail.severityReasons.join("; ")],
    ...credentialFacts(detail.credential),
    ["decided by", positionOf(detail.decidedBy)],
    ["baseline", detail.baselineRevision],
    ["owner", detail.owner],
    ["assignee", detail.assignee],
    ["acknowledged", detail.acknowledgedUntil === null ? null : `until ${minuteOf(detail.acknowledgedUntil)}`],
    ["reason", detail.statusReason],
    ["regression", detail.isRegression ? "yes, it had been resolved" : null],
    ["ways out", detail.waysOut.join(", ")],
  ];
  return facts.filter(([, value]) => value !== null && value !== undefined && value !== "");
}

function credentialFacts(credential: AlertDetail["credential"]): readonly Fact[] {
  if (credential === null) return [];
  const kind = [credential.scheme, credential.format, credential.role].filter((word) => word !== "");
  return [
    ["credential", `${kind.join(" ")} in ${credential.slot}, observed ${credential.quality}`],
    ["issuer", credential.issuer],
    ["client", credential.client],
    ["token audiences", credential.audiences?.join(", ")],
    ["fingerprint", credential.fingerprint],
  ];
}

function positionOf(decidedBy: AlertDetail["decidedBy"]): string | null {
  return decidedBy === null ? null : `${decidedBy.file}:${decidedBy.line}:${decidedBy.column}: ${decidedBy.says}`;
}
