import type { TokenDeclaration } from "../model/baseline.ts";
import type { CredentialProfile } from "../model/credential.ts";
import type { Finding } from "../model/finding.ts";
import { isPublicOperation } from "./acceptance.ts";
import { createFinding, type Draft } from "./create-finding.ts";
import { familyOf } from "./credential-family.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { eachOf, subjectOf, tokensOn } from "./presented-tokens.ts";
import { audiencesOf, namesAudience } from "./token-audiences.ts";

/** The call is declared with audiences, and a token names others: one finding an audience. */
export function undeclaredAudience(hop: JudgedHop): readonly Finding[] {
  const token = hop.call?.token ?? null;
  const declared = token?.audiences ?? null;
  if (token === null || declared === null || isPublicOperation(hop)) return [];
  return eachOf(tokensOn(hop), (credential) => {
    const audiences = audiencesOf(credential, hop.context) ?? [];
    const undeclared = audiences.filter((audience) => !namesAudience(declared, audience, credential, hop.context));
    const start = undeclared.length < audiences.length ? BESIDE_A_DECLARED_ONE : {};
    return undeclared.map((audience) => describe(hop, token, { credential, audience, start }));
  });
}

type Undeclared = {
  readonly credential: CredentialProfile;
  readonly audience: string;
  readonly start: Pick<Draft, "startingAt">;
};

const BESIDE_A_DECLARED_ONE: Pick<Draft, "startingAt"> = {
  startingAt: { severity: "medium", because: "Medium at first: the token also names a declared audience." },
};

function describe(hop: JudgedHop, token: TokenDeclaration, { credential, audience, start }: Undeclared): Finding {
  const { caller, callee, call } = hop;
  return createFinding({
    rule: "undeclared-audience",
    subject: subjectOf(hop, credential),
    keyFields: [callee.name, ...familyOf(credential), audience],
    audiences: [audience],
    summary: `${caller.name} called ${callee.name} with a token for ${audience}, which the call does not declare`,
    decidedBy: {
      position: token.position,
      says: `services.${caller.name}.calls.${call?.callee.text}.token.audiences does not name ${audience}`,
    },
    confidence: hop.credentialConfidence,
    ...start,
  });
}
