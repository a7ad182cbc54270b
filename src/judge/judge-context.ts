import type { Baseline, ExceptionDeclaration, ForbiddenDeclaration } from "../model/baseline.ts";
import { baselineAt } from "./baseline-at.ts";
import { nextChange } from "./calendar.ts";
import { type GlobIndex, indexGlobs } from "./glob-index.ts";
import { IdentityFinder } from "./identity-finder.ts";
import { createLearned, type Learned } from "./learned.ts";
import { NameResolver } from "./name-resolver.ts";
import { Successors } from "./successors.ts";

/** A baseline made ready for judging; one a revision. */
export type JudgeContext = {
  readonly baseline: Baseline;
  readonly names: NameResolver;
  /** What traffic taught; it grows, and outlives the baseline. */
  readonly learned: Learned;
  /** The wall's time, ms since 1970, for what the baseline declares until a day. */
  readonly atMs: number;
  /** From when on something declared means something else, so that all has to be judged again; infinite for never. */
  readonly untilMs: number;
  /** By callee. */
  readonly forbidden: GlobIndex<ForbiddenDeclaration>;
  /** By rule. */
  readonly exceptions: ReadonlyMap<string, readonly ExceptionDeclaration[]>;
  /** From an issuer's name, or any of its identifiers, to the declared name. */
  readonly issuerNames: ReadonlyMap<string, string>;
  /** Whose clients, workloads and keys are whose. */
  readonly owners: IdentityFinder;
  readonly successors: Successors;
};

/** Indexes a baseline, so that a verdict costs the same with ten declarations and with a hundred thousand. */
export function createJudgeContext(baseline: Baseline, learned = createLearned(), atMs = 0): JudgeContext {
  const issuers = [...baseline.issuers.values()];
  const issuerNames = new Map(
    issuers.flatMap(({ name, identifiers }) => [name, ...identifiers].map((known) => [known, name] as const)),
  );
  const owners = new IdentityFinder(baseline, issuerNames);
  const today = baselineAt(baseline, atMs);
  return {
    baseline: today,
    names: new NameResolver(today, learned.aliases),
    learned,
    atMs,
    untilMs: nextChange(baseline, atMs),
    forbidden: indexGlobs(
      baseline.forbidden.map((entry) => [entry.callee, entry] as const),
      "/",
    ),
    issuerNames,
    owners,
    exceptions: Map.groupBy(baseline.exceptions, ({ rule }) => rule),
    successors: new Successors(baseline, owners),
  };
}

/** True where nobody declared anything: then only what is wrong by itself, an expired token, is a finding. */
export function isWithoutBaseline({ baseline }: JudgeContext): boolean {
  return baseline.revision === "none" || baseline.services.size === 0;
}

/** True for health checks and the like, which the baseline spares from the rules about calls. */
export function isProbe({ baseline }: JudgeContext, operation: string | null): boolean {
  return operation !== null && baseline.internal.probes.some((probe) => probe.matches(operation));
}
