import type { Criticality } from "../model/baseline.ts";
import type { Finding } from "../model/finding.ts";
import { createFinding, withoutCall } from "./create-finding.ts";
import { declaredCall } from "./declared-edge.ts";
import type { JudgeContext } from "./judge-context.ts";
import { type Party, serviceDeclaration } from "./party.ts";

/** What came within reach of a service or identity within a day, beside what was there before. */
export type ReachGrowth = {
  readonly environment: string;
  readonly of: "service" | "identity";
  /** The service, or the identity's own name. */
  readonly subject: string;
  /** The service that reached the latest. */
  readonly through: Party;
  readonly before: readonly Party[];
  /** Only what no declaration names: what owners agreed to is no drift. */
  readonly added: readonly ReachedThrough[];
};

/** A service within reach, and who reached it: an identity may be several services'. */
export type ReachedThrough = { readonly party: Party; readonly through: Party };

const ADDED_MIN = 2;
const GROWTH_SHARE = 0.5;
const WEIGHTS: { readonly [Each in Criticality]: number } = { low: 1, medium: 2, high: 4, critical: 8 };

/** A growth as another baseline sees it: what that one declares is no longer part of it. */
export function growthUnder(growth: ReachGrowth, { names }: JudgeContext): ReachGrowth {
  const { environment } = growth;
  const called = ({ name }: Party) => names.callee({ kind: "service", name }, environment);
  const calling = ({ name }: Party) => names.caller({ kind: "service", name });
  const added = growth.added
    .map(({ party, through }) => ({ party: called(party), through: calling(through) }))
    .filter(({ party, through }) => declaredCall(through, party) === null);
  return { ...growth, through: calling(growth.through), before: growth.before.map(called), added };
}

/** The reach grew by half, by weight, and by two services or more. */
export function blastRadiusIncrease(growth: ReachGrowth, context: JudgeContext): readonly Finding[] {
  const { environment, of, subject, through, before } = growth;
  const added = growth.added.map(({ party }) => party);
  if (context.baseline.services.size === 0 || added.length < ADDED_MIN || before.length === 0) return [];
  if (weightOf(added) < GROWTH_SHARE * weightOf(before)) return [];
  const names = added.map(({ name }) => name).sort();
  return [
    createFinding({
      rule: "blast-radius-increase",
      subject: withoutCall(environment, { caller: through }),
      keyFields: [of, subject],
      summary: `${subject} reached ${before.length} services, and ${names.length} more within a day: ${names.join(", ")}`,
      decidedBy: null,
      confidence: "medium",
    }),
  ];
}

function weightOf(parties: readonly Party[]): number {
  return parties.reduce((sum, party) => sum + WEIGHTS[serviceDeclaration(party)?.criticality ?? "medium"], 0);
}
