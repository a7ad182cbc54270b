import type { Baseline, ForbiddenDeclaration } from "../model/baseline.ts";
import { type GlobIndex, indexGlobs } from "./glob-index.ts";
import { createLearned, type Learned } from "./learned.ts";
import { NameResolver } from "./name-resolver.ts";

/** A baseline made ready for judging; one a revision. */
export type JudgeContext = {
  readonly baseline: Baseline;
  readonly names: NameResolver;
  /** What traffic taught; it grows, and outlives the baseline. */
  readonly learned: Learned;
  /** The wall's time, ms since 1970, for what the baseline declares until a day. */
  readonly atMs: number;
  /** By callee. */
  readonly forbidden: GlobIndex<ForbiddenDeclaration>;
  /** From an issuer's name, or any of its identifiers, to the declared name. */
  readonly issuerNames: ReadonlyMap<string, string>;
};

/** Indexes a baseline, so that a verdict costs the same with ten declarations and with a hundred thousand. */
export function createJudgeContext(baseline: Baseline, learned = createLearned(), atMs = 0): JudgeContext {
  const issuers = [...baseline.issuers.values()];
  return {
    baseline,
    names: new NameResolver(baseline, learned.aliases),
    learned,
    atMs,
    forbidden: indexGlobs(
      baseline.forbidden.map((entry) => [entry.callee, entry] as const),
      "/",
    ),
    issuerNames: new Map(
      issuers.flatMap(({ name, identifiers }) => [name, ...identifiers].map((known) => [known, name] as const)),
    ),
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
