import type { Finding } from "../../src/model/finding.ts";
import type { Shape } from "../../src/model/graph.ts";
import type { ExpectedAlert } from "./misdeeds.ts";
import type { Outcome } from "./traces.ts";

/** A hop as it really was, in words of the observed graph. */
export type TruthHop = {
  readonly environment: string;
  readonly type: Shape["type"];
  readonly via: string | null;
  readonly caller: string;
  readonly callee: string;
  readonly confidence: string;
  readonly operation: string | null;
  readonly outcome: Outcome;
  readonly seenBy: "caller" | "callee" | null;
  readonly isExpired: boolean;
};

/** Between whom a hop is, on one line. */
export type TruthEdge = Pick<TruthHop, "environment" | "type" | "caller" | "callee">;

/** An edge on one line. */
export function edgeText({ environment, type, caller, callee }: TruthEdge): string {
  const arrow = { direct: "->", destination: "~>", logical: "=>", unattributed: "?>", proxied: "*>" }[type];
  return `${environment}: ${caller} ${arrow} ${callee}`;
}

/** A hop on one line, which starts with its edge's. */
export function hopText(hop: TruthHop): string {
  const { via, confidence, operation, outcome, seenBy, isExpired } = hop;
  return [
    edgeText(hop),
    ...(via === null ? [] : [`via ${via}`]),
    `[${operation ?? "-"}]`,
    confidence,
    outcome,
    ...(seenBy === null ? [] : [`token by ${seenBy}`]),
    ...(isExpired ? ["expired"] : []),
  ].join(" ");
}

/** An observed shape, on the same line as its hop. */
export function shapeText(shape: Shape, confidence: string): string {
  const outcome = shape.outcome === "unknown" ? "unsaid" : shape.outcome;
  const { caller, callee, credentialSeenBy: seenBy } = shape;
  return hopText({ ...shape, caller: caller.name, callee: callee.name, confidence, outcome, seenBy });
}

/** An alert by what its rule tells alerts apart with. */
export function alertText({ rule, environment, caller, callee }: ExpectedAlert | Finding): string {
  switch (rule) {
    case "token-relayed":
    case "token-multi-presenter":
    case "token-cross-environment":
    case "undeclared-egress":
      return `${rule} ${environment}: ${caller}`;
    case "expired-token-accepted":
    case "audience-mismatch-accepted":
    case "unattributed-call":
    case "undeclared-ingress":
      return `${rule} ${environment}: ${callee}`;
    default:
      return `${rule} ${environment}: ${caller} -> ${callee}`;
  }
}
