import type { IssuerDeclaration } from "../model/baseline.ts";
import type { CredentialProfile } from "../model/credential.ts";
import type { Finding } from "../model/finding.ts";
import { createFinding } from "./create-finding.ts";
import { callerName } from "./declares-authentication.ts";
import { ADDRESS_BUCKET, hostOf } from "./host.ts";
import { issuerName, issuerProfile } from "./issuer-profile.ts";
import type { JudgedHop } from "./judged-hop.ts";
import type { Party } from "./party.ts";
import { eachOf, hasFacts, presentedOn, subjectOf } from "./presented-tokens.ts";

type External = Extract<Party, { readonly kind: "external" }>;

/** A token of an issuer that is declared internal left for a host that is not ours; who accepts it there does not matter. */
export function internalTokenToExternalHost(hop: JudgedHop): readonly Finding[] {
  const { callee, context } = hop;
  if (callee.kind !== "external") return [];
  return eachOf(presentedOn(hop).filter(hasFacts), (credential) => {
    const issuer = issuerProfile(credential.issuer, context);
    const isLeak = issuer?.isInternal === true && !mayGoTo(issuer, callee, hop);
    return isLeak ? [describe(hop, callee, { credential, issuer })] : [];
  });
}

type Leak = { readonly credential: CredentialProfile; readonly issuer: IssuerDeclaration };

function describe(hop: JudgedHop, callee: External, { credential, issuer }: Leak): Finding {
  const { declaration } = callee;
  // The bucket of bare addresses also holds private ones, so it is a hint and no proof.
  const isCertain = callee.name !== ADDRESS_BUCKET;
  return createFinding({
    rule: "internal-token-to-external-host",
    subject: subjectOf(hop, credential),
    keyFields: [hop.caller.name, declaration === null ? callee.site : callee.name, issuer.name],
    verdict: isCertain ? "violation" : "suspicious",
    summary: `${callerName(hop)} sent a token of ${issuer.name} to ${isCertain ? callee.name : "bare IP addresses"}`,
    decidedBy:
      declaration === null
        ? { position: issuer.position, says: `issuers.${issuer.name} is internal` }
        : {
            position: declaration.position,
            says: `externals.${callee.name}.tokenIssuers does not name ${issuer.name}`,
          },
    about: { issuer: issuer.name, host: hostOf(hop.shape.callee.name) },
    // Only who sends it can see it, and by that it is out.
    confidence: isCertain ? "medium" : "low",
  });
}

/** Where owners allow it, and at home: an issuer's own host is shown its tokens to ask about them. */
function mayGoTo(issuer: IssuerDeclaration, { declaration }: External, { context, shape }: JudgedHop): boolean {
  const host = hostOf(shape.callee.name);
  if (issuer.identifiers.some((url) => URL.parse(url)?.hostname === host)) return true;
  return declaration?.tokenIssuers.some((name) => issuerName(name, context) === issuer.name) ?? false;
}
