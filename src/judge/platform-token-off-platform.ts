import type { CredentialProfile } from "../model/credential.ts";
import type { Finding } from "../model/finding.ts";
import { entriesFor } from "./callee-accepts.ts";
import { createFinding } from "./create-finding.ts";
import { familyOf } from "./credential-family.ts";
import { callerName, isOfInterest } from "./declares-authentication.ts";
import { hostOf } from "./host.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { serviceDeclaration } from "./party.ts";
import { platformOf } from "./platform-audience.ts";
import { eachOf, subjectOf, tokensOn } from "./presented-tokens.ts";
import { audiencesOf, namesAudience } from "./token-audiences.ts";

/** A token for the cluster's or the cloud's own API was shown to somebody else, who can now act there as the workload. */
export function platformTokenOffPlatform(hop: JudgedHop): readonly Finding[] {
  const { callee, shape, context } = hop;
  if (!isOfInterest(hop) || serviceDeclaration(callee)?.traits.has("control-plane") === true) return [];
  // A declared external bears a name of its own; the host it was called by is what tells a platform.
  const hosts = [shape.callee.name, ...callee.spellings].map(hostOf);
  return eachOf(tokensOn(hop), (credential) => {
    for (const audience of audiencesOf(credential, context) ?? []) {
      const platform = platformOf(audience);
      if (platform === null || hosts.some(platform.isAt)) continue;
      if (!isDeclaredFor(hop, credential, audience)) return [describe(hop, credential, platform.name)];
    }
    return [];
  });
}

/** True for logins that are declared, such as a vault's that reviews tokens of the cluster. */
function isDeclaredFor({ callee, call, context }: JudgedHop, credential: CredentialProfile, audience: string): boolean {
  const accepted = entriesFor(callee, credential, context).flatMap((entry) => entry.audiences);
  return namesAudience([...accepted, ...(call?.token?.audiences ?? [])], audience, credential, context);
}

function describe(hop: JudgedHop, credential: CredentialProfile, platform: string): Finding {
  return createFinding({
    rule: "platform-token-off-platform",
    subject: subjectOf(hop, credential),
    keyFields: [hop.callee.name, ...familyOf(credential)],
    summary: `${callerName(hop)} showed ${hop.callee.name} a token for ${platform}`,
    decidedBy: null,
    confidence: hop.credentialConfidence,
  });
}
