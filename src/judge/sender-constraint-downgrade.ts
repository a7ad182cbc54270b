import type { CredentialProfile } from "../model/credential.ts";
import type { Finding } from "../model/finding.ts";
import { isPublicOperation } from "./acceptance.ts";
import { createFinding, type Draft } from "./create-finding.ts";
import { familyOf } from "./credential-family.ts";
import { callerName } from "./declares-authentication.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { serviceDeclaration } from "./party.ts";
import { eachOf, presentedOn, subjectOf } from "./presented-tokens.ts";

type Downgrade = { readonly isCertain: boolean; readonly isSeen: boolean; readonly how: string };

/** A token that is bound to a key was good for somebody who did not show the key. */
export function senderConstraintDowngrade(hop: JudgedHop): readonly Finding[] {
  const { callee } = hop;
  if (serviceDeclaration(callee) === null || isPublicOperation(hop)) return [];
  return eachOf(presentedOn(hop), (credential) => {
    const downgrade = downgradeOf(hop, credential);
    if (downgrade === null) return [];
    return [
      createFinding({
        rule: "sender-constraint-downgrade",
        subject: subjectOf(hop, credential),
        keyFields: [callee.name, ...familyOf(credential)],
        ...weigh(hop, downgrade),
        summary: `${callerName(hop)} called ${callee.name} with a bound token ${downgrade.how}`,
        decidedBy: null,
        confidence: hop.credentialConfidence,
      }),
    ];
  });
}

function downgradeOf(hop: JudgedHop, credential: CredentialProfile): Downgrade | null {
  const { confirmation, possession, scheme } = credential;
  if (confirmation === "x5t#S256") return withoutCertificate(hop, credential);
  if (possession === "mismatched") return { isCertain: true, isSeen: true, how: "and the proof of another key" };
  // RFC 9449 section 7.1: such a token must be refused as a bearer token, whatever comes beside it.
  if (confirmation === "jkt" && scheme === "bearer") {
    return { isCertain: possession !== "shown", isSeen: true, how: "as a plain bearer token" };
  }
  if (possession !== "missing") return null;
  return { isCertain: true, isSeen: shows(hop, "showsProofs"), how: "and no proof of its key" };
}

/** The certificate may have been checked in front of the service: one that is forwarded, by whatever form, is evidence. */
function withoutCertificate(hop: JudgedHop, { possession }: CredentialProfile): Downgrade | null {
  if (possession !== "missing" || hop.shape.peer !== null) return null;
  return { isCertain: true, isSeen: shows(hop, "showsPeers"), how: "and no certificate" };
}

/** What is not there counts only where the callee looked, and is known to show it when it is there. */
function shows({ shape, context }: JudgedHop, what: "showsProofs" | "showsPeers"): boolean {
  return shape.credentialSeenBy === "callee" && context.learned.visibility[what](shape.environment, shape.callee.name);
}

function weigh({ shape }: JudgedHop, { isCertain, isSeen }: Downgrade): Pick<Draft, "verdict" | "startingAt"> {
  if (!isSeen) return { verdict: "insufficient-evidence" };
  if (shape.outcome === "refused") {
    return { startingAt: { severity: "low", because: "Low at first: the token was not accepted." } };
  }
  return { verdict: isCertain && shape.outcome === "ok" ? "violation" : "suspicious" };
}
