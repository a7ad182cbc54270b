import { allPresented, type CredentialProfile } from "../model/credential.ts";
import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import { familyOf } from "./credential-family.ts";
import { isHumanClient, ownershipOf } from "./identity-owner.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { isOfMachine } from "./learned-identities.ts";
import { hasTrait, mayRelay } from "./may-relay.ts";
import { isDeclared } from "./party.ts";

const NAMED_MAX = 5;

/** Several services present one machine identity, and no declared identity says that they share it. */
export function sharedIdentity(hop: JudgedHop): readonly Finding[] {
  const { shape, call, caller, callee, subject } = hop;
  if (caller.kind !== "service" || mayRelay(call, caller, callee)) return [];
  return allPresented(shape.credential)
    .filter((credential) => credential.quality === "full" && isMachines(credential, hop))
    .flatMap((credential) => {
      const presenters = sharersOf(credential, hop);
      if (presenters.length < 2 || !presenters.some(({ name }) => name === caller.name)) return [];
      if (!presenters.some(isDeclared)) return [];
      const names = presenters.map(({ name }) => name);
      const identity = credential.subject ?? credential.client ?? credential.keyId ?? "";
      return [
        createFinding({
          rule: "shared-identity",
          // The alert is the identity's: which of its presenters came first depends on the order of arrival.
          subject: { ...subject, caller: null },
          keyFields: [...familyOf(credential), identity],
          summary: `${identity} is presented by ${listed(names)}`,
          decidedBy: null,
          confidence: hop.credentialConfidence,
          about: { identity },
        }),
      ];
    });
}

/** People may use their own from wherever they work. */
function isMachines(credential: CredentialProfile, { context }: JudgedHop): boolean {
  return isOfMachine(credential) && !isHumanClient(credential, context);
}

/** Who presents the identity on its own account, and is not declared to; under declared names, sorted. */
function sharersOf(credential: CredentialProfile, { shape, context }: JudgedHop): readonly JudgedHop["caller"][] {
  const names = context.learned.identities.presenters(shape.environment, credential);
  const parties = new Map(
    names.map((name) => context.names.caller({ kind: "service", name })).map((party) => [party.name, party]),
  );
  const isSharing = (party: JudgedHop["caller"]) =>
    !hasTrait(party, "gateway", "proxy", "exchanger", "control-plane") &&
    ownershipOf(credential, party, context) !== "own";
  const sharers = [...parties.values()].filter(isSharing);
  return sharers.sort((left, right) => (left.name < right.name ? -1 : 1));
}

function listed(names: readonly string[]): string {
  const more = names.length - NAMED_MAX;
  return more > 0 ? `${names.slice(0, NAMED_MAX).join(", ")} and ${more} more` : names.join(" and ");
}
