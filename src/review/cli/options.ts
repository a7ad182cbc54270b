import type { Alert } from "../../model/alert.ts";
import type { CredentialProfile, FingerprintText } from "../../model/credential.ts";
import type { Diagnosis } from "../../model/diagnosis.ts";
import type { Finding, Severity } from "../../model/finding.ts";
import type { ObservedEdge, TimeRange } from "../../model/store.ts";
import type { BlastRadius, FixFirst, ObservedIdentity, PostureRow } from "../../model/survey.ts";
import type { DecisionRequest } from "../decisions/decision-request.ts";
import type { AlertRow } from "./alert-row.ts";
import type { PrintOptions } from "./print-rows.ts";
import type { TimeFlags } from "./time-range.ts";

/** What `main.ts` hands in: the commands that need more than the database and the baseline's text. */
export type Commands = {
  /** Resolves when the collector has stopped. */
  readonly serve: (options: ServeOptions) => Promise<void>;
  /** `progress` takes the share of the input that has been read, 0 to 1. */
  readonly check: (options: CheckOptions, progress: (fraction: number) => void) => Promise<CheckResult>;
  readonly explain: (options: ExplainOptions) => Promise<Explanation>;
  readonly survey: SurveyCommands;
  /** Says which rules cannot fire on which service, and why. */
  readonly doctor: (options: SurveyOptions) => Promise<Diagnosis>;
  /** Reads one credential from standard input and says what would be kept of it. */
  readonly credential: (options: CredentialOptions) => Promise<CredentialDescription>;
  /** Makes a key for a sender: the key, and the line of the file of `--ingest-keys` that stands for it. */
  readonly ingestKey: (id: string) => { readonly key: string; readonly line: string };
  /** Decides in the database itself; called only where no collector listens. */
  readonly decideOffline: (dbFile: string, request: DecisionRequest) => Promise<Alert>;
  /** The keys of a database's fingerprints; what is changed counts from the next start of its collector on. */
  readonly keys: {
    readonly list: (dbFile: string) => readonly KeyRow[];
    readonly rotate: (dbFile: string) => readonly KeyRow[];
    readonly erase: (dbFile: string, id: string) => readonly KeyRow[];
  };
};

/** Questions about all that was seen, under the names that the baseline gives it. Each reads database and baseline. */
export type SurveyCommands = {
  readonly identities: (options: SurveyOptions) => Promise<readonly ObservedIdentity[]>;
  readonly posture: (options: SurveyOptions) => Promise<readonly PostureRow[]>;
  readonly fixFirst: (options: SurveyOptions) => Promise<readonly FixFirst[]>;
  /** One row an environment; throws `not-found` for a name that was not seen. */
  readonly blastRadius: (name: string, options: SurveyOptions) => Promise<readonly BlastRadius[]>;
};

export type CredentialOptions = { readonly dbFile: string };

/** What is kept of a credential, and nothing from which it could be made again. */
export type CredentialDescription = {
  readonly profile: CredentialProfile;
  /** Under the database's key; null without one, or where the credential cannot be told from others. */
  readonly fingerprint: FingerprintText | null;
  /** Whether it has a fingerprint at all. */
  readonly isComparable: boolean;
  /** ISO 8601, UTC; null where it does not say. */
  readonly expiresAt: string | null;
  readonly notBefore: string | null;
  readonly issuedAt: string | null;
};

/** The flags of commands that read database and baseline. */
export type SurveyFlags = PrintOptions &
  TimeFlags & { readonly db: string; readonly baseline: string; readonly environment?: string };

export type SurveyOptions = {
  readonly dbFile: string;
  /** A baseline file, or a folder of them. */
  readonly baseline: string;
  readonly range: TimeRange;
  /** Null: all. */
  readonly environment: string | null;
  readonly nowMs: number;
};
/** One key of the fingerprints, never its bytes. */
export type KeyRow = { readonly id: string; readonly state: "in use" | "known credentials only" | "erased" };

/** Where a socket listens; port 0 lets the system choose. An IPv6 host is without brackets. */
export type Address = { readonly host: string; readonly port: number };

/** How the OTLP doors are encrypted, and how senders prove who they are: names of files. */
export type SenderFlags = {
  /** PEM; both or none. */
  readonly otlpTlsCert?: string;
  readonly otlpTlsKey?: string;
  /** PEM: who certifies senders. */
  readonly otlpClientCa?: string;
  /** YAML or JSON: from ids to digests of keys. */
  readonly ingestKeys?: string;
};

export type ServeOptions = SenderFlags & {
  readonly otlpGrpc: Address;
  readonly otlpHttp: Address;
  readonly api: Address;
  readonly dbFile: string;
  readonly baselineDir: string;
  /** Origins as browsers send them, `https://host[:port]`. */
  readonly corsOrigins: readonly string[];
  readonly allowInsecureBind: boolean;
  /** A file that says what attributes mean which somebody else writes; null where no flag names one. */
  readonly attributeMap?: string | null;
};

export type CheckOptions = {
  /** A file of OTLP/JSON lines; `-` is standard input. */
  readonly input: string;
  /** A baseline file, or a folder of them. */
  readonly baseline: string;
  /** As in {@link ServeOptions}. */
  readonly attributeMap?: string | null;
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
