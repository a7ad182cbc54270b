import type { Alert } from "./model/alert.ts";
import type { Baseline } from "./model/baseline.ts";
import type { OperatingErrorCode } from "./model/operating-error.ts";
import type { ExportOutcome, ExportRequest } from "./receive/take-export.ts";
import type { Readiness } from "./review/api/api-server.ts";
import type { CollectorFigures } from "./review/api/metrics.ts";
import type { DecisionRequest } from "./review/decisions/decision-request.ts";

/** What the main thread asks of the engine's thread; every ask has one answer. */
export type Ask =
  | { readonly kind: "take"; readonly request: ExportRequest }
  | { readonly kind: "decide"; readonly request: DecisionRequest }
  | { readonly kind: "reload" }
  | { readonly kind: "readiness" }
  | { readonly kind: "figures" }
  | { readonly kind: "stop" };

/** What each ask is answered with. */
export type Answers = {
  readonly take: ExportOutcome;
  readonly decide: Alert;
  readonly reload: null;
  readonly readiness: Readiness;
  readonly figures: CollectorFigures;
  readonly stop: null;
};

/** An `OperatingError` on its way between threads, with the messages of its causes. */
export type Failure = {
  readonly code: OperatingErrorCode;
  readonly message: string;
  readonly causes: readonly string[];
};

/** What is known of the baseline at the start; functions do not travel between threads. */
export type LoadedSummary = Pick<Baseline, "revision" | "files"> & {
  readonly services: number;
  readonly warnings: readonly string[];
};

export type FromEngine =
  /** What it is doing before it has started, in words; the first comes once the database is its own. */
  | { readonly kind: "starting"; readonly step: string }
  | { readonly kind: "started"; readonly loaded: LoadedSummary }
  | { readonly kind: "failed"; readonly failure: Failure }
  | { readonly kind: "answer"; readonly id: number; readonly value: Answers[keyof Answers] }
  | { readonly kind: "refusal"; readonly id: number; readonly failure: Failure }
  | { readonly kind: "log"; readonly level: "info" | "warn"; readonly message: string };

export type ToEngine = { readonly id: number; readonly ask: Ask };
