import type { Decision } from "../../model/alert.ts";
import { OperatingError } from "../../model/operating-error.ts";
import { scrubTelling } from "../../model/scrub-text.ts";

/** One person's decision about one alert. */
export type DecisionRequest = {
  /** An alert's id, a unique prefix of it, or its key. */
  readonly idOrKey: string;
  readonly decision: Decision;
  /** Who decided, as the audit row will say. */
  readonly actor: string;
};

const NAME_LENGTH_MAX = 200;
const REASON_LENGTH_MAX = 2000;
const CONTROLS = /[\p{Cc}\u2028\u2029]/u;

/**
 * The request in a value from outside, without what looks like a credential: the history is kept for good, and people
 * paste what they look at. Throws `bad-argument` naming the field that is wrong, never its value.
 */
export function parseDecisionRequest(value: unknown): DecisionRequest {
  const request = objectOf(value, "the decision request");
  return {
    idOrKey: nameOf(request.idOrKey, "idOrKey"),
    decision: parseDecision(request.decision),
    actor: nameOf(request.actor, "actor"),
  };
}

function parseDecision(value: unknown): Decision {
  const decision = objectOf(value, "decision");
  const reason = reasonOf(decision.reason);
  switch (decision.action) {
    case "acknowledge":
      return { action: "acknowledge", untilMs: momentOf(decision.untilMs), reason };
    case "resolve":
      return { action: "resolve", reason };
    case "reopen":
      return { action: "reopen", reason };
    case "dismiss":
      if (reason === null) throw wrong("reason", "a text, because a dismissed alert stays quiet");
      return { action: "dismiss", reason };
    default:
      throw wrong("action", "acknowledge, resolve, dismiss or reopen");
  }
}

function objectOf(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(name, "a JSON object");
  return value as Readonly<Record<string, unknown>>;
}

function nameOf(value: unknown, name: string): string {
  if (isPlainText(value, NAME_LENGTH_MAX) && value !== "") return scrubTelling(value);
  throw wrong(name, `1 to ${NAME_LENGTH_MAX} characters without control characters`);
}

function reasonOf(value: unknown): string | null {
  if (value === null) return null;
  if (!isPlainText(value, REASON_LENGTH_MAX)) {
    throw wrong("reason", `one line of at most ${REASON_LENGTH_MAX} characters without control characters`);
  }
  return value.trim() === "" ? null : scrubTelling(value);
}

function momentOf(value: unknown): number | null {
  if (value === null || (typeof value === "number" && Number.isFinite(value))) return value;
  throw wrong("untilMs", "milliseconds since 1970 or null");
}

function isPlainText(value: unknown, lengthMax: number): value is string {
  return typeof value === "string" && value.length <= lengthMax && !CONTROLS.test(value);
}

function wrong(name: string, expected: string): OperatingError {
  return new OperatingError("bad-argument", `expected ${name} to be ${expected}`);
}
