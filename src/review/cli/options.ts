import type { Alert } from "../../model/alert.ts";
import type { Finding, Severity } from "../../model/finding.ts";
import type { ObservedEdge } from "../../model/store.ts";
import type { DecisionRequest } from "../decisions/decision-request.ts";
import type { AlertRow } from "./alert-row.ts";

/** What `main.ts` hands in: the commands that need more than the database and the baseline's text. */
export type Commands = {
  /** Resolves when the collector has stopped. */
  readonly serve: (options: ServeOptions) => Promise<void>;
  /** `progress` takes the share of the input that has been read, 0 to 1. */
  readonly check: (options: CheckOptions, progress: (fraction: number) => void) => Promise<CheckResult>;
  readonly explain: (options: ExplainOptions) => Promise<Explanation>;
  /** Decides in the database itself; called only where no collector listens. */
  readonly decideOffline: (dbFile: string, request: DecisionRequest) => Promise<Alert>;
};

/** Where a socket listens; port 0 lets the system choose. An IPv6 host is without brackets. */
export type Address = { readonly host: string; readonly port: number };

export type ServeOptions = {
  readonly otlpGrpc: Address;
  readonly otlpHttp: Address;
  readonly api: Address;
  readonly dbFile: string;
  readonly baselineDir: string;
  /** Origins as browsers send them, `https://host[:port]`. */
  readonly corsOrigins: readonly string[];
  readonly allowInsecureBind: boolean;
};

export type CheckOptions = {
  /** A file of OTLP/JSON lines; `-` is standard input. */
  readonly input: string;
  /** A baseline file, or a folder of them. */
  readonly baseline: string;
};

export type CheckResult = {
  readonly spans: number;
  /** Lines of the input that were no export request. */
  readonly skippedLines: number;
  readonly edges: readonly ObservedEdge[];
  readonly findings: readonly AlertRow[];
  /** The highest severity among the findings; null without any. */
  readonly worst: Severity | null;
};

export type ExplainOptions = {
  readonly caller: string;
  readonly callee: string;
  readonly operation: string | null;
  readonly audience: string | null;
  /** A baseline file, or a folder of them. */
  readonly baseline: string;
};

export type Explanation = {
  readonly verdict: "declared" | "drift";
  readonly findings: readonly Finding[];
  /** For people: which line decided, the nearest entry, what would change it. */
  readonly lines: readonly string[];
};
