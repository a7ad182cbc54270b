import type { BaselineProblem, Position } from "../model/baseline.ts";
import { scrubTelling } from "../model/scrub-text.ts";

/** Every code and its level. Codes are stable: a number is never given a second meaning. */
export const PROBLEM_LEVELS = {
  /** Not YAML, or YAML that a baseline has no use for (tags, merge keys, several documents). */
  BL001: "error",
  /** The same key twice in one map. */
  BL002: "error",
  /** A key that the format does not have. */
  BL003: "error",
  /** A value of another type than the key wants. */
  BL004: "error",
  /** A key that is required. */
  BL005: "error",
  /** A value that is not one of those the key takes. */
  BL006: "error",
  /** A name that is empty or no text. */
  BL007: "error",
  /** More aliases than a file may expand. */
  BL008: "error",
  /** A raw credential: who reads baselines is not who may use it. */
  BL009: "error",
  /** The same name, callee or exception declared twice. */
  BL010: "error",
  /** An alias that two services claim, or that is another service's name. */
  BL011: "error",
  /** Passthrough without a reason. */
  BL012: "error",
  /** Exchange without audiences. */
  BL013: "error",
  /** An exception from a rule that does not exist. */
  BL014: "error",
  /** An exception that names nobody in particular. */
  BL015: "error",
  /** An identity that nothing would be recognised by. */
  BL016: "error",
  /** A successor that `identities` does not name. */
  BL017: "error",
  /** A state of life without the day that it needs. */
  BL018: "error",
  /** A callee without `callers` where both sides have to consent. */
  BL019: "error",
  /** An owner that `owners` does not name. */
  BL020: "warning",
  /** An issuer that `issuers` does not name and that is no URL. */
  BL021: "warning",
  /** A service, external or datastore that no file names. */
  BL022: "warning",
  /** A datastore that `datastores` does not name. */
  BL023: "warning",
  /** A call that the callee's `callers` refuses. */
  BL024: "warning",
  /** A call that is declared and forbidden at once. */
  BL025: "warning",
  /** A pattern that matches everything, on a critical service. */
  BL026: "warning",
  /** An exception that is to last longer than the settings allow. */
  BL027: "warning",
  /** A permission whose last day has passed. */
  BL028: "warning",
  /** An environment that `environments` does not name. */
  BL029: "warning",
  /** A destination that `destinations` does not name. */
  BL030: "warning",
  /** A token is exchanged for an audience that its callee does not accept. */
  BL031: "warning",
  /** A datastore of another service is written to. */
  BL032: "warning",
  /** A call to a service that is retired. */
  BL033: "warning",
  /** A rule of `normalize` that cannot be read. */
  BL040: "error",
  /** An include that no file answers to. */
  BL041: "error",
  /** An include that leaves its file's folder. */
  BL042: "error",
  /** Files that include each other in a circle. */
  BL043: "error",
  /** An audience alias that means two audiences. */
  BL044: "error",
  /** A subject without a claim. */
  BL045: "error",
  /** An `iss` that two issuers claim. */
  BL046: "error",
  /** A principal that two senders claim. */
  BL047: "error",
} as const satisfies Readonly<Record<string, BaselineProblem["level"]>>;

type ProblemCode = keyof typeof PROBLEM_LEVELS;

/** Takes a problem as it is found. */
export type Report = (code: ProblemCode, position: Position, message: string) => void;

/**
 * A report that adds to `problems`, once: a block that several aliases stand for is read several times. Messages quote
 * the file, and go where problems are shown: no credential goes with them.
 */
export function reportInto(problems: BaselineProblem[]): Report {
  const reported = new Set<string>();
  return (code, position, message) => {
    const key = JSON.stringify([code, position, message]);
    if (reported.has(key)) return;
    reported.add(key);
    problems.push({ position, level: PROBLEM_LEVELS[code], code, message: scrubTelling(message) });
  };
}
