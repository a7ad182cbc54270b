import type { Presentation } from "../model/facts.ts";
import { createFinding } from "./create-finding.ts";
import { familyOf } from "./credential-family.ts";
import { declaredCall, isCallable } from "./declared-edge.ts";
import { isDeclared } from "./party.ts";
import type { Holders, JudgedPair, PairFinding } from "./presenters.ts";

const REFUSALS_MIN = 3;
const WINDOW_MS = 10 * 60_000;

/**
 * A service tries one credential at several callees, and within ten minutes three or more refuse it. After a rotation
 * all that a service calls may refuse it for a while: so one of them must be somebody whom it does not declare to call.
 */
export function tokenAudienceProbing({ credential }: Presentation, { pairs }: Holders): readonly PairFinding[] {
  const refused = pairs.filter(({ isRefused, isAccepted, recipientParty }) => {
    return isRefused && !isAccepted && isCallable(recipientParty);
  });
  const presenters = Map.groupBy(refused, ({ presenterParty }) => presenterParty.name);
  return [...presenters.values()].flatMap((tried) => {
    const [pair] = tried;
    if (pair === undefined || !isProbing(tried)) return [];
    const { environment, presenterParty: caller, recipientParty: callee } = pair;
    const names = [...new Set(tried.map(({ recipientParty }) => recipientParty.name))].sort();
    const finding = createFinding({
      rule: "token-audience-probing",
      subject: { environment, caller, callee, operation: null, credential, outcome: "refused" },
      keyFields: [...familyOf(credential), caller.name],
      summary: `${caller.name} tried one credential at ${names.length} services that refused it: ${names.join(", ")}`,
      decidedBy: null,
      confidence: "medium",
      startingAt: { severity: "critical", because: "Critical at first: refusals are what it shows itself by." },
    });
    return [{ finding, pair }];
  });
}

/** In the order of first use. */
function isProbing(tried: readonly JudgedPair[]): boolean {
  const isOfInterest = tried.some((pair) => isDeclared(pair.presenterParty) || isDeclared(pair.recipientParty));
  if (!isOfInterest || tried.every(isDeclaredCall)) return false;
  return tried.some(({ firstMs }) => {
    const near = tried.filter((other) => other.firstMs >= firstMs && other.firstMs - firstMs <= WINDOW_MS);
    return new Set(near.map(({ recipientParty }) => recipientParty.name)).size >= REFUSALS_MIN;
  });
}

function isDeclaredCall({ presenterParty, recipientParty }: JudgedPair): boolean {
  return declaredCall(presenterParty, recipientParty) !== null;
}
