import type { CredentialProfile } from "../model/credential.ts";
import type { Finding } from "../model/finding.ts";
import { acceptance } from "./acceptance.ts";
import { createFinding, type Draft } from "./create-finding.ts";
import { familyOf } from "./credential-family.ts";
import { callerName } from "./declares-authentication.ts";
import { issuerProfile } from "./issuer-profile.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { eachOf, hasFacts, presentedOn, subjectOf } from "./presented-tokens.ts";

type Weakness = { readonly why: string } & Pick<Draft, "startingAt" | "decidedBy">;

/** The callee accepted a token that is not signed, or signed in a way that proves less than its issuer's signatures. */
export function weakTokenAlgorithm(hop: JudgedHop): readonly Finding[] {
  const verdict = acceptance(hop);
  if (verdict === null) return [];
  return eachOf(presentedOn(hop).filter(hasFacts), (credential) => {
    const { algorithm } = credential;
    const weakness = algorithm === null ? null : weaknessOf(hop, credential, algorithm);
    if (algorithm === null || weakness === null) return [];
    const { why, ...rest } = weakness;
    return [
      createFinding({
        rule: "weak-token-algorithm",
        subject: subjectOf(hop, credential),
        keyFields: [hop.callee.name, ...familyOf(credential), algorithm],
        verdict,
        ...rest,
        summary: `${hop.callee.name} accepted a token ${why} from ${callerName(hop)}`,
        confidence: hop.credentialConfidence,
      }),
    ];
  });
}

function weaknessOf({ context }: JudgedHop, { issuer }: CredentialProfile, algorithm: string): Weakness | null {
  if (algorithm.toLowerCase() === "none") return { why: "that nobody signed", decidedBy: null };
  const profile = issuerProfile(issuer, context);
  const declared = profile?.algorithms ?? null;
  if (profile !== null && declared !== null && !declared.includes(algorithm)) {
    const decidedBy = {
      position: profile.position,
      says: `issuers.${profile.name}.algorithms does not name ${algorithm}`,
    };
    return { why: `signed by ${algorithm}`, decidedBy, startingAt: startOf(algorithm, declared) };
  }
  if (!isBroken(algorithm)) return null;
  const because = "Medium at first: its hash is broken, which takes much effort to use.";
  return { why: `signed by ${algorithm}`, decidedBy: null, startingAt: { severity: "medium", because } };
}

/** Who can check a symmetric signature can make one: a service's own key would forge its issuer's tokens. */
function startOf(algorithm: string, declared: readonly string[]): NonNullable<Draft["startingAt"]> {
  if (/^HS/iu.test(algorithm) && !declared.some((name) => /^HS/iu.test(name))) {
    return { severity: "high", because: "High at first: it is symmetric where the issuer's are not." };
  }
  return { severity: "medium", because: "Medium at first: it is signed, but not as the issuer declares." };
}

/** Signatures over SHA-1. */
function isBroken(algorithm: string): boolean {
  return /^(?:RS|HS|PS|ES)1$/iu.test(algorithm);
}
