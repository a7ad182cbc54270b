import type { CredentialProfile } from "../model/credential.ts";
import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import { familyOf } from "./credential-family.ts";
import { ownershipOf, ownsWorkload } from "./identity-owner.ts";
import type { JudgeContext } from "./judge-context.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { hasTrait, mayRelay } from "./may-relay.ts";
import type { Party } from "./party.ts";

/**
 * A service presents a token or key whose client the baseline gives to others. Who may relay, or has ever received
 * tokens of that client, may only pass it on: that is what the rules about relays judge.
 */
export function clientPresenterMismatch(hop: JudgedHop): readonly Finding[] {
  const { shape, caller, callee, context, subject } = hop;
  const { credential } = shape;
  if (credential === null || caller.kind !== "service" || !isOfClient(credential)) return [];
  if (ownershipOf(credential, caller, context) !== "another's" || mayPassOn(hop)) return [];
  const [actor] = credential.actors;
  if (actor !== undefined && ownsWorkload(actor, caller, context) === "own") return [];
  const identity = context.owners.of(credential)[0];
  const whose = identity?.name ?? "another service";
  return [
    createFinding({
      rule: "client-presenter-mismatch",
      subject,
      keyFields: [...familyOf(credential), credential.keyId ?? "", caller.name],
      summary: `${caller.name} presented to ${callee.name} a credential of ${whose}, which it may not use`,
      decidedBy: identity ? { position: identity.position, says: `identities.${whose}.usedBy does not name it` } : null,
      ...(identity ? { about: { identity: whose } } : {}),
      confidence: hop.credentialConfidence,
    }),
  ];
}

/** Whether the presenter may have come by the credential by being called with it. */
export function mayPassOn({ shape, call, caller, callee, context }: JudgedHop): boolean {
  if (mayRelay(call, caller, callee) || hasTrait(caller, "exchanger", "control-plane")) return true;
  return shape.credential !== null && hasReceived(shape.environment, shape.credential, caller, context);
}

function hasReceived(
  environment: string,
  credential: CredentialProfile,
  party: Party,
  { learned, names }: JudgeContext,
): boolean {
  const recipients = learned.identities.recipients(environment, credential);
  if (recipients === null) return true;
  return recipients.some((name) => names.caller({ kind: "service", name }).name === party.name);
}

/** A transaction's client is whoever began it; of masked values nobody can say whether they were relayed. */
function isOfClient(credential: CredentialProfile): boolean {
  return credential.quality === "full" && credential.role !== "transaction";
}
