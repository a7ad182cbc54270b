import type { Finding } from "../model/finding.ts";
import type { Evidence, Shape } from "../model/graph.ts";
import { audienceMismatchAccepted } from "./audience-mismatch-accepted.ts";
import { audienceMissing } from "./audience-missing.ts";
import { audienceTooBroad } from "./audience-too-broad.ts";
import { authMethodDrift } from "./auth-method-drift.ts";
import { callerRefused } from "./caller-refused.ts";
import { certificateBindingMismatch } from "./certificate-binding-mismatch.ts";
import { clientPresenterMismatch } from "./client-presenter-mismatch.ts";
import { credentialChangedInTransit } from "./credential-changed-in-transit.ts";
import { credentialInUrl } from "./credential-in-url.ts";
import { credentialMissing } from "./credential-missing.ts";
import { crossEnvironmentCall } from "./cross-environment-call.ts";
import { datastoreWriteByNonOwner } from "./datastore-write-by-non-owner.ts";
import { excessiveTokenLifetime } from "./excessive-token-lifetime.ts";
import { expiredTokenAccepted } from "./expired-token-accepted.ts";
import { forbiddenCall } from "./forbidden-call.ts";
import { humanUseOfMachineToken } from "./human-use-of-machine-token.ts";
import { instanceMetadataCredentialFetch } from "./instance-metadata-credential-fetch.ts";
import { internalTokenToExternalHost } from "./internal-token-to-external-host.ts";
import { isWithoutBaseline, type JudgeContext } from "./judge-context.ts";
import { type JudgedHop, lookUpHop } from "./judged-hop.ts";
import { mtlsIdentityMismatch } from "./mtls-identity-mismatch.ts";
import { mtlsRequiredMissing } from "./mtls-required-missing.ts";
import { nonExpiringCredential } from "./non-expiring-credential.ts";
import { plaintextBearer } from "./plaintext-bearer.ts";
import { platformTokenOffPlatform } from "./platform-token-off-platform.ts";
import { prematureTokenAccepted } from "./premature-token-accepted.ts";
import { retiredIdentityActive } from "./retired-identity-active.ts";
import { retiredServiceActive } from "./retired-service-active.ts";
import { scopeMissing } from "./scope-missing.ts";
import { senderConstraintDowngrade } from "./sender-constraint-downgrade.ts";
import { sharedDatastoreBoundary } from "./shared-datastore-boundary.ts";
import { sharedIdentity } from "./shared-identity.ts";
import { staticCredentialOnServiceHop } from "./static-credential-on-service-hop.ts";
import { subjectKindMismatch } from "./subject-kind-mismatch.ts";
import { supersededCredentialInUse } from "./superseded-credential-in-use.ts";
import { identityCrossEnvironment } from "./token-cross-environment.ts";
import { tokenTypeConfusion } from "./token-type-confusion.ts";
import { transactionTokenExpired } from "./transaction-token-outside-transaction.ts";
import { unattributedCall } from "./unattributed-call.ts";
import { unauthenticatedCallAccepted } from "./unauthenticated-call-accepted.ts";
import { undeclaredAudience } from "./undeclared-audience.ts";
import { undeclaredCall } from "./undeclared-call.ts";
import { undeclaredDatastore } from "./undeclared-datastore.ts";
import { undeclaredDatastoreAccess } from "./undeclared-datastore-access.ts";
import { undeclaredDestination } from "./undeclared-destination.ts";
import { undeclaredEgress } from "./undeclared-egress.ts";
import { undeclaredIngress } from "./undeclared-ingress.ts";
import { undeclaredOperation } from "./undeclared-operation.ts";
import { undeclaredScope } from "./undeclared-scope.ts";
import { unknownEnvironment } from "./unknown-environment.ts";
import { unknownIssuer } from "./unknown-issuer.ts";
import { unknownService } from "./unknown-service.ts";
import { weakTokenAlgorithm } from "./weak-token-algorithm.ts";
import { workloadSubjectMismatch } from "./workload-subject-mismatch.ts";

type Rule = (hop: JudgedHop) => readonly Finding[];

/** Independent of each other. */
const RULES: readonly Rule[] = [
  forbiddenCall,
  callerRefused,
  unattributedCall,
  unknownService,
  crossEnvironmentCall,
  unknownEnvironment,
  undeclaredDatastore,
  undeclaredDatastoreAccess,
  datastoreWriteByNonOwner,
  sharedDatastoreBoundary,
  instanceMetadataCredentialFetch,
  retiredServiceActive,
  retiredIdentityActive,
  supersededCredentialInUse,
  undeclaredIngress,
  undeclaredEgress,
  audienceMismatchAccepted,
  expiredTokenAccepted,
  audienceMissing,
  audienceTooBroad,
  platformTokenOffPlatform,
  internalTokenToExternalHost,
  scopeMissing,
  subjectKindMismatch,
  credentialMissing,
  prematureTokenAccepted,
  excessiveTokenLifetime,
  nonExpiringCredential,
  senderConstraintDowngrade,
  certificateBindingMismatch,
  mtlsRequiredMissing,
  mtlsIdentityMismatch,
  plaintextBearer,
  credentialInUrl,
  unauthenticatedCallAccepted,
  weakTokenAlgorithm,
  tokenTypeConfusion,
  clientPresenterMismatch,
  workloadSubjectMismatch,
  identityCrossEnvironment,
  transactionTokenExpired,
  credentialChangedInTransit,
  staticCredentialOnServiceHop,
  sharedIdentity,
  humanUseOfMachineToken,
];

/** From the edge inwards: a layer in which a rule speaks hides those below it. */
const LAYERS: readonly (readonly Rule[])[] = [
  [undeclaredCall],
  [undeclaredOperation],
  [undeclaredAudience, undeclaredScope, authMethodDrift, unknownIssuer],
];

/** On a service and a broker, which else are inventory: the call from producer to consumer is a shape of its own. */
const OF_DESTINATIONS: readonly Rule[] = [undeclaredDestination, retiredServiceActive, unknownEnvironment];

/** All findings on what hops of one shape have in common, given one of them as evidence. Pure and total. */
export function judgeShape(shape: Shape, evidence: Evidence, context: JudgeContext): readonly Finding[] {
  // The hops to and from the proxy are judged.
  if (shape.type === "proxied") return [];
  const hop = lookUpHop(shape, evidence, context);
  if (shape.type === "destination")
    return isWithoutBaseline(context) ? [] : OF_DESTINATIONS.flatMap((rule) => rule(hop));
  if (isWithoutBaseline(context)) return expiredTokenAccepted(hop);
  return [...RULES.flatMap((rule) => rule(hop)), ...firstFailingLayer(hop)];
}

/** A forbidden edge has its answer already: whether it is declared as well is no longer the question. */
function firstFailingLayer(hop: JudgedHop): readonly Finding[] {
  if (hop.forbidden !== null) return [];
  for (const layer of LAYERS) {
    const findings = layer.flatMap((rule) => rule(hop));
    if (findings.length > 0) return findings;
  }
  return [];
}
