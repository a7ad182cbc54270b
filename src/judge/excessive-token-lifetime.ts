import type { IssuerDeclaration } from "../model/baseline.ts";
import type { CredentialProfile } from "../model/credential.ts";
import type { DecidingLine, Finding } from "../model/finding.ts";
import { entriesFor } from "./callee-accepts.ts";
import { createFinding, type Draft } from "./create-finding.ts";
import { familyOf } from "./credential-family.ts";
import { callerName, declaresAuthentication, isOfInterest } from "./declares-authentication.ts";
import { issuerProfile } from "./issuer-profile.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { eachOf, hasFacts, presentedOn, subjectOf } from "./presented-tokens.ts";
import { isWorkloadToken } from "./workload-token.ts";

type Role = keyof IssuerDeclaration["maxLifetimeS"] | "clientAssertion";
type Bound = { readonly seconds: number; readonly decidedBy: DecidingLine | null };

const HOUR_S = 3600;
/** Where nobody declared a bound. */
const USUAL_S: Record<Role, number> = {
  access: HOUR_S,
  workload: HOUR_S,
  transaction: 300,
  clientAssertion: 600,
};
/** Entra gives access tokens 60 to 90 minutes at random. */
const ENTRA_S = 5400;
/** Bound service account tokens are renewed long before their end, which may be a day away. */
const KUBERNETES_S = 24 * HOUR_S;
/** Kubernetes extends tokens of clients that cannot renew them to a year. */
const EXTENDED_S = 300 * 24 * HOUR_S;

/** A token lives longer than its issuer, its recipient or good custom lets tokens of its role live. */
export function excessiveTokenLifetime(hop: JudgedHop): readonly Finding[] {
  if (!isOfInterest(hop)) return [];
  return eachOf(presentedOn(hop).filter(hasFacts), (credential) => {
    const role = roleOf(credential);
    const { lifetimeS } = credential;
    if (role === null || lifetimeS === null) return [];
    const bound = boundOf(hop, credential, role);
    if (lifetimeS <= bound.seconds) return [];
    return [
      createFinding({
        rule: "excessive-token-lifetime",
        subject: subjectOf(hop, credential),
        keyFields: [hop.callee.name, ...familyOf(credential)],
        ...weigh(hop, credential, bound),
        summary: `${callerName(hop)} called ${hop.callee.name} with a token made to last ${spell(lifetimeS)}, at most ${spell(bound.seconds)} is right`,
        decidedBy: bound.decidedBy,
        confidence: hop.credentialConfidence,
      }),
    ];
  });
}

function roleOf(credential: CredentialProfile): Role | null {
  const { role } = credential;
  if (role === "transaction") return "transaction";
  if (role === "client_assertion") return "clientAssertion";
  if (isWorkloadToken(credential)) return "workload";
  return role === "access_token" ? "access" : null;
}

/** What the callee declares goes before the issuer's profile, and that before custom. */
function boundOf(hop: JudgedHop, credential: CredentialProfile, role: Role): Bound {
  const declared = calleeBound(hop, credential, role);
  if (declared !== null) return declared;
  const profile = issuerProfile(credential.issuer, hop.context);
  const seconds = role === "clientAssertion" ? undefined : profile?.maxLifetimeS[role];
  if (profile === null || seconds === undefined) return { seconds: usual(credential, role), decidedBy: null };
  return { seconds, decidedBy: { position: profile.position, says: `issuers.${profile.name}.maxLifetime.${role}` } };
}

/** The longest of the entries that the token meets, where all of them say one. */
function calleeBound({ callee, context }: JudgedHop, credential: CredentialProfile, role: Role): Bound | null {
  if (role !== "access" && role !== "workload") return null;
  const entries = entriesFor(callee, credential, context);
  const [first] = entries;
  const bounds = entries.map(({ maxLifetimeS }) => maxLifetimeS ?? Number.POSITIVE_INFINITY);
  const seconds = Math.max(...bounds);
  if (first === undefined || !Number.isFinite(seconds)) return null;
  return {
    seconds,
    decidedBy: { position: first.position, says: `services.${callee.name}.accepts has a maxLifetime` },
  };
}

function usual({ issuer, subject }: CredentialProfile, role: Role): number {
  if (subject?.startsWith("system:serviceaccount:") === true) return KUBERNETES_S;
  const isEntra = issuer !== null && /^https:\/\/(?:login\.microsoftonline\.com|sts\.windows\.net)\//u.test(issuer);
  return isEntra && role === "access" ? ENTRA_S : USUAL_S[role];
}

function weigh(hop: JudgedHop, { lifetimeS, subject }: CredentialProfile, { decidedBy }: Bound): Partial<Draft> {
  const isExtended = subject?.startsWith("system:serviceaccount:") === true && (lifetimeS ?? 0) > EXTENDED_S;
  const because = "High at first: Kubernetes made it last a year for a client that does not renew it.";
  return {
    verdict: decidedBy !== null || declaresAuthentication(hop) ? "violation" : "insufficient-evidence",
    ...(isExtended ? { startingAt: { severity: "high", because } } : {}),
  };
}

function spell(seconds: number): string {
  if (seconds < 2 * HOUR_S) return `${Math.round(seconds / 60)} minutes`;
  const hours = Math.round(seconds / HOUR_S);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}
