import type { JudgedHop } from "./judged-hop.ts";
import { presentedOn } from "./presented-tokens.ts";

/**
 * True where the callee's own span shows that no credential came: it says so, or it shows none though the service's
 * spans do show credentials elsewhere. What nobody could have seen is not absent.
 */
export function cameWithNothing(hop: JudgedHop): boolean {
  const { shape } = hop;
  if (presentedOn(hop).length > 0 || shape.peer !== null) return false;
  return (shape.credential !== null && shape.credentialSeenBy === "callee") || wouldShowCredentials(hop);
}

/**
 * True where both ends' spans would be there, and spans of the callee are known to show what is presented. Where the
 * caller's are lost, who knows what else is.
 */
export function wouldShowCredentials({ shape, context }: JudgedHop): boolean {
  // Nodes that only a caller names are external ones: of a service, spans have come.
  const isSeen = shape.callee.kind === "service" && shape.type !== "unattributed";
  return isSeen && context.learned.visibility.showsCredentials(shape.environment, shape.callee.name);
}
