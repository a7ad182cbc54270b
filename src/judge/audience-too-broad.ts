import type { CredentialProfile } from "../model/credential.ts";
import type { Finding } from "../model/finding.ts";
import { entriesFor } from "./callee-accepts.ts";
import { createFinding } from "./create-finding.ts";
import { familyOf } from "./credential-family.ts";
import { callerName, declaresAuthentication, isOfInterest } from "./declares-authentication.ts";
import { issuerProfile } from "./issuer-profile.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { serviceDeclaration } from "./party.ts";
import { eachOf, subjectOf, tokensOn } from "./presented-tokens.ts";
import { audiencesOf, namesAudience } from "./token-audiences.ts";
import { isWorkloadToken } from "./workload-token.ts";

/** Audiences of one token at the most, where the issuer's profile does not say. */
const AUDIENCES_MAX = 3;
/** JWT-SVIDs, bound service account tokens and the like are asked for one recipient at a time. */
const WORKLOAD_AUDIENCES_MAX = 1;
/** What identity providers write where nobody asked for an audience. */
const EVERYBODY: ReadonlySet<string> = new Set(["*", "account", "api://default"]);

/** A token works at many recipients: it names too many, or one that means everybody. */
export function audienceTooBroad(hop: JudgedHop): readonly Finding[] {
  if (!isOfInterest(hop)) return [];
  const tokens = tokensOn(hop).filter(({ role }) => role !== "transaction");
  return eachOf(tokens, (credential) => {
    const audiences = audiencesOf(credential, hop.context) ?? [];
    const everybody = audiences.filter((audience) => isEverybody(audience, hop));
    const max = audiencesMax(credential, hop);
    if (everybody.length === 0 && audiences.length <= max) return [];
    const why =
      everybody.length > 0 ? `${everybody.join(" and ")}, which means everybody` : `${audiences.length} audiences`;
    return [describe(hop, credential, { why, isAgreed: isAgreed(hop, credential, { everybody, audiences, max }) })];
  });
}

function audiencesMax(credential: CredentialProfile, { context }: JudgedHop): number {
  const declared = issuerProfile(credential.issuer, context)?.maxAudiences ?? null;
  return declared ?? (isWorkloadToken(credential) ? WORKLOAD_AUDIENCES_MAX : AUDIENCES_MAX);
}

function isEverybody(audience: string, { context, shape, callee }: JudgedHop): boolean {
  if (EVERYBODY.has(audience) || context.baseline.environments.has(audience)) return true;
  if (audience === shape.environment && shape.environment !== "default") return true;
  const trustDomain = /^spiffe:\/\/([^/]+)\/?$/u.exec(audience)?.[1] ?? audience;
  if (trustDomain !== audience) return true;
  const ids = serviceDeclaration(callee)?.spiffe ?? [];
  return ids.some(({ text }) => text.startsWith(`spiffe://${trustDomain}/`));
}

type Broad = { readonly everybody: readonly string[]; readonly audiences: readonly string[]; readonly max: number };

/** True where the callee's owners wrote down that they take just this audience. */
function isAgreed({ callee, context }: JudgedHop, credential: CredentialProfile, broad: Broad): boolean {
  const accepted = entriesFor(callee, credential, context).flatMap((entry) => entry.audiences);
  const isNamed = (audience: string) => namesAudience(accepted, audience, credential, context);
  return broad.audiences.length <= broad.max && broad.everybody.every(isNamed);
}

type Breadth = { readonly why: string; readonly isAgreed: boolean };

function describe(hop: JudgedHop, credential: CredentialProfile, breadth: Breadth): Finding {
  const profile = issuerProfile(credential.issuer, hop.context);
  return createFinding({
    rule: "audience-too-broad",
    subject: subjectOf(hop, credential),
    keyFields: [hop.callee.name, ...familyOf(credential)],
    verdict: declaresAuthentication(hop) && !breadth.isAgreed ? "violation" : "insufficient-evidence",
    summary: `${callerName(hop)} called ${hop.callee.name} with a token for ${breadth.why}`,
    decidedBy:
      profile?.maxAudiences == null
        ? null
        : { position: profile.position, says: `issuers.${profile.name}.maxAudiences is ${profile.maxAudiences}` },
    confidence: hop.credentialConfidence,
  });
}
