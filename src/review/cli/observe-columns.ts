import type { ObservedAlias, ObservedCredential, ObservedEdge, ObservedService } from "../../model/store.ts";
import { timeColumns } from "./print-rows.ts";
import { durationOf } from "./survey-columns.ts";
import type { Column } from "./table.ts";

/** `observe edges` as a table. */
export const edgeColumns: readonly Column<ObservedEdge>[] = [
  { title: "ENVIRONMENT", text: (edge) => edge.environment },
  { title: "CALLER", text: (edge) => edge.caller },
  { title: "KIND", text: (edge) => edge.callerKind, shownIn: "wide" },
  { title: "CALLEE", text: (edge) => edge.callee },
  { title: "KIND", text: (edge) => edge.calleeKind, shownIn: "wide" },
  { title: "TYPE", text: (edge) => edge.type, shownIn: "wide" },
  { title: "VIA", text: (edge) => edge.via, shownIn: "wide" },
  {
    title: "VIA PROXY",
    text: (edge) => (edge.type === "proxied" ? edge.via : null),
    shownIn: "table",
    isNeededFor: (edge) => edge.type === "proxied",
  },
  { title: "OPERATIONS", text: (edge) => edge.operations.join(", ") },
  { title: "AUDIENCES", text: (edge) => edge.audiences.join(", ") },
  { title: "CONFIDENCE", text: (edge) => edge.confidence, shownIn: "wide" },
  { title: "COUNT", text: (edge) => String(edge.count) },
  {
    title: "ESTIMATED",
    text: (edge) => String(edge.estimated),
    isNeededFor: (edge) => edge.estimated !== edge.count,
  },
  ...timeColumns<ObservedEdge>("FIRST SEEN", (edge) => edge.firstSeen).filter((column) => column.shownIn === "wide"),
  ...timeColumns<ObservedEdge>("LAST SEEN", (edge) => edge.lastSeen),
];

/** `observe aliases` as a table. */
export const aliasColumns: readonly Column<ObservedAlias>[] = [
  { title: "ENVIRONMENT", text: (one) => one.environment },
  { title: "ADDRESS", text: (one) => one.address },
  { title: "MEANING", text: (one) => one.meaning },
  { title: "SERVICES", text: (one) => one.services.join(", ") },
  { title: "COUNT", text: (one) => String(one.count) },
  ...timeColumns<ObservedAlias>("FIRST SEEN", (one) => one.firstSeen).filter((column) => column.shownIn === "wide"),
  ...timeColumns<ObservedAlias>("LAST SEEN", (one) => one.lastSeen),
];

/** `observe services` as a table. */
export const serviceColumns: readonly Column<ObservedService>[] = [
  { title: "ENVIRONMENT", text: (one) => one.environment },
  { title: "SERVICE", text: (one) => one.service },
  { title: "RUNTIME", text: (one) => one.runtime, shownIn: "wide" },
  { title: "RELEASE", text: (one) => one.release },
  { title: "SPANS", text: (one) => String(one.spans) },
  { title: "INBOUND", text: (one) => String(one.inbound), shownIn: "wide" },
  { title: "WITH TOKEN", text: (one) => shareOf(one.inboundWithCredential, one.inbound) },
  { title: "OUTBOUND", text: (one) => String(one.outbound), shownIn: "wide" },
  { title: "SENT WITH TOKEN", text: (one) => shareOf(one.outboundWithCredential, one.outbound), shownIn: "wide" },
  ...timeColumns<ObservedService>("FIRST SEEN", (one) => one.firstSeen).filter((column) => column.shownIn === "wide"),
  ...timeColumns<ObservedService>("LAST SEEN", (one) => one.lastSeen),
];

/** `observe credentials` as a table. */
export const credentialColumns: readonly Column<ObservedCredential>[] = [
  { title: "ENVIRONMENT", text: (one) => one.environment },
  { title: "SLOT", text: (one) => one.slot, shownIn: "wide" },
  { title: "SCHEME", text: (one) => one.scheme, shownIn: "wide" },
  { title: "FORMAT", text: (one) => one.format },
  { title: "ROLE", text: (one) => one.role, shownIn: "wide" },
  { title: "QUALITY", text: (one) => one.quality, shownIn: "wide" },
  { title: "CARRIER", text: (one) => one.carrier, shownIn: "wide", isNeededFor: (one) => one.carrier !== null },
  { title: "TYPE", text: (one) => one.type, shownIn: "wide", isNeededFor: (one) => one.type !== null },
  { title: "ALGORITHM", text: (one) => one.algorithm, shownIn: "wide", isNeededFor: (one) => one.algorithm !== null },
  { title: "ISSUER", text: (one) => one.issuer },
  { title: "CLIENT", text: (one) => one.client },
  { title: "KEY", text: (one) => one.keyId, isNeededFor: (one) => one.keyId !== null },
  { title: "SUBJECT", text: (one) => one.subject ?? one.subjectKind, isNeededFor: (one) => one.subjectKind !== null },
  { title: "SCOPES", text: (one) => (one.scopes ?? []).join(" "), shownIn: "wide", isNeededFor: hasScopes },
  { title: "LIFETIME", text: (one) => lifetimeOf(one), isNeededFor: (one) => lifetimeOf(one) !== null },
  { title: "BOUND BY", text: (one) => one.confirmation, isNeededFor: (one) => one.confirmation !== null },
  { title: "AUDIENCES", text: (one) => one.audiences.join(", ") },
  { title: "PRESENTERS", text: (one) => one.presenters.join(", ") },
  { title: "RECIPIENTS", text: (one) => one.recipients.join(", ") },
  { title: "COUNT", text: (one) => String(one.count) },
  ...timeColumns<ObservedCredential>("FIRST SEEN", (one) => one.firstSeen).filter((one) => one.shownIn === "wide"),
  ...timeColumns<ObservedCredential>("LAST SEEN", (one) => one.lastSeen),
];

function hasScopes({ scopes }: ObservedCredential): boolean {
  return scopes !== null && scopes.length > 0;
}

function lifetimeOf({ isExpiring, lifetimeS }: ObservedCredential): string | null {
  return isExpiring === false ? "no end" : durationOf(lifetimeS);
}

function shareOf(part: number, whole: number): string | null {
  return whole === 0 ? null : `${Math.floor((part / whole) * 100)}%`;
}
