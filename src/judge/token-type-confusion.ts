import type { CredentialProfile, CredentialRole } from "../model/credential.ts";
import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import { familyOf } from "./credential-family.ts";
import { callerName } from "./declares-authentication.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { serviceDeclaration } from "./party.ts";
import { eachOf, hasFacts, presentedOn, subjectOf } from "./presented-tokens.ts";

const NAMES: Partial<Record<CredentialRole, string>> = {
  access_token: "an access token",
  id_token: "an ID token",
  refresh_token: "a refresh token",
  transaction: "a transaction token",
  workload_identity: "a workload identity token",
  client_assertion: "a client assertion",
  proof: "a proof",
};
/** What tells a resource nothing about what its bearer may do there. */
const NOT_FOR_RESOURCES: ReadonlySet<CredentialRole> = new Set([
  "id_token",
  "refresh_token",
  "transaction",
  "client_assertion",
  "proof",
]);

/** A token was presented where tokens of another kind belong (RFC 8725 section 3.11), to a service that issues none. */
export function tokenTypeConfusion(hop: JudgedHop): readonly Finding[] {
  const declaration = serviceDeclaration(hop.callee);
  if (declaration === null || declaration.traits.has("control-plane")) return [];
  return eachOf(presentedOn(hop), (credential) => {
    const confusion = confusionOf(credential);
    if (confusion === null) return [];
    const isOpen = hop.shape.outcome !== "ok" && hop.shape.outcome !== "refused";
    return [
      createFinding({
        rule: "token-type-confusion",
        subject: subjectOf(hop, credential),
        keyFields: [hop.callee.name, ...familyOf(credential)],
        verdict: confusion.isCertain && !isOpen ? "violation" : "suspicious",
        summary: `${callerName(hop)} called ${hop.callee.name} with ${confusion.what}`,
        decidedBy: null,
        confidence: hop.credentialConfidence,
      }),
    ];
  });
}

type Confusion = { readonly what: string; readonly isCertain: boolean };

function confusionOf(credential: CredentialProfile): Confusion | null {
  const { slot, role, type, quality } = credential;
  if (slot === "authorization" && quality === "ambiguous") {
    return { what: "two credentials in one header, and the service reads one of them", isCertain: false };
  }
  if (!hasFacts(credential)) return null;
  if (slot === "authorization") return inAuthorization(role, type);
  if (slot !== "txn_token" && slot !== "workload_identity") return null;
  // Where nothing says what a token is for, its role is a guess.
  const isTold = role === "id_token" || role === "refresh_token" || type === "at+jwt";
  if (role !== "access_token" && !isTold) return null;
  const place = slot === "txn_token" ? "the transaction token" : "the workload identity token";
  return { what: `${NAMES[role] ?? "a token"} in place of ${place}`, isCertain: isTold };
}

function inAuthorization(role: CredentialRole, type: string | null): Confusion | null {
  if (type === "logout+jwt") return { what: "a logout token for an access token", isCertain: true };
  // JWT-SVIDs and service account tokens are made to be shown to services; a WIMSE token is not, without its proof.
  const isMisplaced = NOT_FOR_RESOURCES.has(role) || type === "wit+jwt";
  return isMisplaced ? { what: `${NAMES[role] ?? "another token"} for an access token`, isCertain: true } : null;
}
