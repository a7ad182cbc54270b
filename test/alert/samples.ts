import { AlertBook } from "../../src/alert/alert-book.ts";
import type { Alert, AlertChanges, AlertStatus, AuditRow } from "../../src/model/alert.ts";
import { type CredentialProfile, UNKNOWN_CREDENTIAL } from "../../src/model/credential.ts";
import type { Finding, FindingHit } from "../../src/model/finding.ts";
import type { Evidence } from "../../src/model/graph.ts";

export const START_MS = Date.parse("2026-01-02T12:00:00Z");
export const DAY_MS = 86_400_000;

export function credential(changes: Partial<CredentialProfile> = {}): CredentialProfile {
  return {
    ...UNKNOWN_CREDENTIAL,
    scheme: "bearer",
    format: "jwt",
    role: "access_token",
    quality: "full",
    issuer: "https://id.example",
    audiences: ["payments"],
    client: "checkout",
    ...changes,
  };
}

export function finding(changes: Partial<Finding> = {}): Finding {
  return {
    rule: "undeclared-call",
    environment: "prod",
    keyFields: ["checkout", "payments"],
    severity: "medium",
    severityReasons: [],
    verdict: "violation",
    confidence: "high",
    controlHeld: false,
    caller: "checkout",
    callee: "payments",
    operation: null,
    audiences: [],
    credential: null,
    owner: "team-shop",
    summary: "checkout called payments",
    decidedBy: null,
    waysOut: ["declare", "fix"],
    ...changes,
  };
}

export function evidence(changes: Partial<Evidence> = {}): Evidence {
  return {
    traceId: "trace-1",
    callerSpanId: null,
    calleeSpanId: null,
    atMs: START_MS,
    clientAddress: null,
    fingerprint: null,
    release: null,
    ...changes,
  };
}

/** One hit of a finding; times and evidence are those of the start unless said otherwise. */
export function hit(changes: Partial<FindingHit> = {}): FindingHit {
  return {
    finding: finding(),
    count: 1,
    firstSeenMs: START_MS,
    lastSeenMs: START_MS,
    evidence: evidence(),
    ...changes,
  };
}

/** A hit by another caller of the same callee: another alert key. */
export function hitBy(caller: string, changes: Partial<FindingHit> = {}): FindingHit {
  return hit({ finding: finding({ caller, keyFields: [caller, "payments"] }), ...changes });
}

/** A book that keeps every change at once, with all audit rows, and the ids `ID-0001` and on. */
export class Desk {
  readonly book: AlertBook;
  readonly audit: AuditRow[] = [];
  nowMs = START_MS;
  #ids = 0;

  constructor(options: { readonly alerts?: readonly Alert[]; readonly resolveAfterMs?: number } = {}) {
    this.book = new AlertBook({
      alerts: [],
      ...options,
      newId: () => `ID-${String(++this.#ids).padStart(4, "0")}`,
    });
  }

  get context() {
    return { nowMs: this.nowMs, baselineRevision: "revision", actor: "ada" };
  }

  keep(changes: AlertChanges): readonly Alert[] {
    this.book.keep(changes);
    this.audit.push(...changes.audit);
    return changes.alerts;
  }

  apply(...hits: readonly FindingHit[]): readonly Alert[] {
    return this.keep(this.book.apply(hits, this.context));
  }

  decide(decision: Parameters<AlertBook["decide"]>[1], idOrKey = "ID-0001"): readonly Alert[] {
    return this.keep(this.book.decide(idOrKey, decision, this.context));
  }

  /** Lets time pass and the book notice. */
  wait(ms: number): readonly Alert[] {
    this.nowMs += ms;
    return this.keep(this.book.expire(this.nowMs));
  }

  alert(idOrKey = "ID-0001"): Alert {
    const alert = this.book.get(idOrKey);
    if (alert === null) throw new Error(`no alert ${idOrKey}`);
    return alert;
  }

  /** Status, whether it is a regression, and how often. */
  said(idOrKey = "ID-0001"): string {
    const { status, isRegression, count } = this.alert(idOrKey);
    return `${status}${isRegression ? " regression" : ""} ${count}`;
  }

  /** The status that the audit rows of an alert lead to; throws where they do not follow from each other. */
  replay(alertId: string): AlertStatus | null {
    return this.audit
      .filter((row) => row.alertId === alertId)
      .reduce<AlertStatus | null>((status, row) => {
        if (row.from !== status) throw new Error(`expected a row from ${status}, got one from ${row.from}`);
        return row.to;
      }, null);
  }
}
