import type { Presentation } from "../model/facts.ts";
import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import { familyOf } from "./credential-family.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { hasTrait } from "./may-relay.ts";
import { isDeclared } from "./party.ts";
import { type HeldPair, type Holders, outcomeOf, type PairFinding } from "./presenters.ts";

/** Where nobody said anything, it is no environment. */
const UNSAID = "default";

/** One credential was received in two environments: each holds what opens the other. */
export function tokenCrossEnvironment({ credential }: Presentation, { all }: Holders): readonly PairFinding[] {
  const pairs = all.filter(isOfOneEnvironment);
  const first = pairs[0];
  if (first === undefined) return [];
  const seen = new Set([first.environment]);
  const found: HeldPair[] = [];
  for (const pair of pairs) {
    if (seen.has(pair.environment)) continue;
    seen.add(pair.environment);
    found.push(pair);
  }
  return found.map((pair) => {
    const { environment, presenterParty: caller, recipientParty: callee } = pair;
    const finding = createFinding({
      rule: "token-cross-environment",
      subject: { environment, caller, callee, operation: null, credential, outcome: outcomeOf(pair) },
      keyFields: [...familyOf(credential), [environment, first.environment].sort()],
      summary: `${callee.name} in ${environment} was given a credential that is used in ${first.environment} as well`,
      decidedBy: null,
      confidence: "high",
    });
    return { finding, pair };
  });
}

function isOfOneEnvironment({ environment, presenterParty, recipientParty }: HeldPair): boolean {
  const parties = [presenterParty, recipientParty].filter((party) => party !== null);
  if (environment === UNSAID || !parties.some(isDeclared)) return false;
  return !parties.some((party) => hasTrait(party, "environment-neutral"));
}

/** An identity is presented in an environment that it is not declared for. */
export function identityCrossEnvironment({ shape, caller, callee, subject, context }: JudgedHop): readonly Finding[] {
  const { credential, environment } = shape;
  if (credential === null || environment === UNSAID || credential.role === "transaction") return [];
  if ([caller, callee].some((party) => hasTrait(party, "environment-neutral"))) return [];
  const identities = context.owners.of(credential);
  const [identity] = identities;
  const isStrange = identities.every(
    ({ environments }) => environments !== null && !environments.includes(environment),
  );
  if (identity === undefined || !isStrange) return [];
  return [
    createFinding({
      rule: "token-cross-environment",
      subject,
      keyFields: [...familyOf(credential), identity.name],
      summary: `${identity.name} was presented to ${callee.name} in ${environment}, where it does not belong`,
      decidedBy: { position: identity.position, says: `identities.${identity.name}.environments does not name it` },
      confidence: "medium",
      about: { identity: identity.name },
    }),
  ];
}
