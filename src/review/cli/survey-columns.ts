import type { FixFirst, ObservedIdentity, PostureRow } from "../../model/survey.ts";
import { timeColumns } from "./print-rows.ts";
import type { Column } from "./table.ts";

/** `observe identities` as a table. */
export const identityColumns: readonly Column<ObservedIdentity>[] = [
  { title: "KIND", text: (one) => one.kind },
  { title: "IDENTITY", text: (one) => one.name },
  { title: "ISSUER", text: (one) => one.issuer, shownIn: "wide" },
  { title: "DECLARED AS", text: (one) => one.declaredAs, shownIn: "wide" },
  { title: "OWNER", text: (one) => one.owner },
  { title: "PRESENTERS", text: (one) => one.presenters.join(", ") },
  { title: "RECIPIENTS", text: (one) => one.recipients.join(", ") },
  { title: "ENVIRONMENTS", text: (one) => one.environments.join(", ") },
  { title: "RETIRED", text: (one) => one.retired, isNeededFor: (one) => one.retired !== null },
  { title: "COUNT", text: (one) => String(one.count) },
  { title: "REFUSED", text: (one) => String(one.refused), isNeededFor: (one) => one.refused > 0 },
  ...timeColumns<ObservedIdentity>("FIRST SEEN", (one) => one.firstSeen).filter((one) => one.shownIn === "wide"),
  ...timeColumns<ObservedIdentity>("LAST SEEN", (one) => one.lastSeen),
];

/** `observe fix-first` as a table. */
export const fixFirstColumns: readonly Column<FixFirst>[] = [
  { title: "ENVIRONMENT", text: (one) => one.environment },
  { title: "SERVICE", text: (one) => one.service },
  { title: "REACH LOST", text: (one) => `at least ${one.score}` },
  { title: "STOP RELAYING TO", text: (one) => one.relaysTo.join(", ") },
  { title: "LOST BY THAT", text: (one) => String(one.relayLost), shownIn: "wide" },
  { title: "HAVE AN AUDIENCE APART FROM", text: (one) => one.sharedAudiences.join(", ") },
  { title: "LOST BY THAT", text: (one) => String(one.splitLost), shownIn: "wide" },
  { title: "VISIBLE", text: (one) => percent(one.confidence.visibleShare) },
];

/** `observe posture` as a table. */
export const postureColumns: readonly Column<PostureRow>[] = [
  { title: "ENVIRONMENT", text: (one) => one.environment },
  { title: "SERVICE", text: (one) => one.service },
  { title: "ISSUER", text: (one) => one.issuer },
  { title: "METHODS", text: (one) => one.methods.join(", ") },
  { title: "AUDIENCES", text: (one) => one.audiences.join(", "), shownIn: "wide" },
  { title: "AUDIENCE REFUSED", text: (one) => (one.hasRefusedAudience ? "yes" : "never seen") },
  { title: "SCOPES", text: (one) => one.scopes.join(" ") },
  { title: "MTLS", text: (one) => one.mtls },
  { title: "LIFETIME", text: (one) => durationOf(one.lifetimeMaxS) },
  { title: "WEAK IN", text: (one) => one.weaknesses.join(", ") },
  {
    title: "LAX",
    text: (one) => (one.laxIn.length > 0 ? `! ${one.laxIn.join(", ")}` : null),
    paint: (text, colours) => (text.startsWith("!") ? colours.red(text) : text),
  },
  { title: "COUNT", text: (one) => String(one.count) },
  ...timeColumns<PostureRow>("LAST SEEN", (one) => one.lastSeen),
];

/** A share as people say it: `62 %`; null where there is none. */
export function percent(share: number | null): string | null {
  return share === null ? null : `${Math.floor(share * 100)} %`;
}

/** Seconds in the largest unit of which they are two or more: `90m`; null where nothing is known. */
export function durationOf(seconds: number | null): string | null {
  if (seconds === null) return null;
  const units = [
    [86_400, "d"],
    [3_600, "h"],
    [60, "m"],
  ] as const;
  const [length, unit] = units.find(([length]) => seconds >= 2 * length) ?? [1, "s"];
  return `${Math.round(seconds / length)}${unit}`;
}
