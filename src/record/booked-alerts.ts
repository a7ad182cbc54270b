import type Database from "better-sqlite3";
import type { Alert } from "../model/alert.ts";
import type { Finding } from "../model/finding.ts";
import type { Evidence } from "../model/graph.ts";

/** What most alerts are never asked for, and most of their size. */
type Lazy = Pick<Alert, "finding" | "evidence"> & { readonly credentialsSeen: readonly string[] };
type LazyName = keyof Lazy;

type Row = Omit<Alert, LazyName | "isRegression" | "statusSinceMs"> & {
  readonly statusSinceMs: number | null;
  readonly isRegression: number;
  /** Null for what is closed. */
  readonly finding: string | null;
  readonly evidenceBytes: number;
};

type Rest = Readonly<Record<LazyName, string | null>>;

const NO_EVIDENCE_BYTES = "[]".length;
/** Evidence that was forgotten need not be looked for. */
const BARE: PropertyDescriptor = { value: [], enumerable: true, configurable: true };

/**
 * Reads every alert for the alert book; a hundred thousand in less than a second.
 * Of what wants a person the finding comes with it; the rest is read, once, when somebody asks for it: `asking` turns
 * what goes wrong then into an error of ours.
 */
export function bookedAlertsReader(
  db: Database.Database,
  asking: <Result>(work: () => Result) => Result,
): () => readonly Alert[] {
  // Evidence and what follows it lie on pages of their own, which this does not touch.
  const select = db.prepare<[], Row>(`
    SELECT id, key, status, status_reason AS statusReason, status_since_ms AS statusSinceMs, assignee,
      acknowledged_until_ms AS acknowledgedUntilMs, is_regression AS isRegression, first_seen_ms AS firstSeenMs,
      last_seen_ms AS lastSeenMs, count, baseline_revision AS baselineRevision,
      CASE WHEN status IN ('open', 'acknowledged') THEN finding END AS finding, OCTET_LENGTH(evidence) AS evidenceBytes
    FROM alert`);
  const selectRest = db.prepare<[string], Rest>(
    "SELECT finding, evidence, credentials_seen AS credentialsSeen FROM alert WHERE key = ?",
  );
  const properties = lazyProperties((key) => toLazy(asking(() => selectRest.get(key))));
  return () => select.all().map((row) => toAlert(row, properties));
}

type LazyProperties = Readonly<Record<LazyName, PropertyDescriptor>>;

/** One function a property for all alerts: a hundred thousand own ones would weigh more than the alerts. */
function lazyProperties(read: (key: string) => Lazy): LazyProperties {
  const lazily = (name: LazyName): PropertyDescriptor => ({
    ...{ enumerable: true, configurable: true },
    get(this: Alert): unknown {
      const lazy = read(this.key);
      // Own values from here on, which a copy of the alert takes with it.
      for (const [each, value] of Object.entries(lazy)) Object.defineProperty(this, each, { value, enumerable: true });
      return lazy[name];
    },
  });
  return { finding: lazily("finding"), evidence: lazily("evidence"), credentialsSeen: lazily("credentialsSeen") };
}

/** What came with the row stands for itself; what is missing has the types of `Lazy`. */
function toAlert({ statusSinceMs, finding, evidenceBytes, ...row }: Row, lazy: LazyProperties): Alert {
  const alert = {
    ...row,
    isRegression: row.isRegression === 1,
    ...(statusSinceMs === null ? {} : { statusSinceMs }),
  };
  return Object.defineProperties(alert, {
    finding: finding === null ? lazy.finding : { ...BARE, value: JSON.parse(finding) as Finding },
    evidence: evidenceBytes <= NO_EVIDENCE_BYTES ? BARE : lazy.evidence,
    credentialsSeen: lazy.credentialsSeen,
  }) as Alert;
}

function toLazy(rest: Rest | undefined): Lazy {
  if (rest === undefined) throw new Error("expected an alert to stay in the database");
  return {
    finding: JSON.parse(rest.finding ?? "null") as Finding,
    evidence: JSON.parse(rest.evidence ?? "[]") as readonly Evidence[],
    credentialsSeen: JSON.parse(rest.credentialsSeen ?? "[]") as readonly string[],
  };
}
