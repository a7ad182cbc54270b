import type { BaselineProblem, Position } from "../model/baseline.ts";

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
  /** The same service, datastore, external, owner, issuer or callee declared twice. */
  BL010: "error",
  /** An alias that two services claim, or that is another service's name. */
  BL011: "error",
  /** Passthrough without a reason. */
  BL012: "error",
  /** Exchange without audiences. */
  BL013: "error",
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
} as const satisfies Readonly<Record<string, BaselineProblem["level"]>>;

type ProblemCode = keyof typeof PROBLEM_LEVELS;

/** Takes a problem as it is found. */
export type Report = (code: ProblemCode, position: Position, message: string) => void;

/** A report that adds to `problems`, once: a block that several aliases stand for is read several times. */
export function reportInto(problems: BaselineProblem[]): Report {
  const reported = new Set<string>();
  return (code, position, message) => {
    const key = JSON.stringify([code, position, message]);
    if (reported.has(key)) return;
    reported.add(key);
    problems.push({ position, level: PROBLEM_LEVELS[code], code, message });
  };
}
