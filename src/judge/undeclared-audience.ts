import type { TokenDeclaration } from "../model/baseline.ts";
import type { Finding } from "../model/finding.ts";
import { createFinding, type Draft } from "./create-finding.ts";
import { familyOf, knownAudiences } from "./credential-family.ts";
import type { JudgedHop } from "./judged-hop.ts";

/** The call is declared with audiences, and the token names others: one finding an audience. */
export function undeclaredAudience(hop: JudgedHop): readonly Finding[] {
  const token = hop.call?.token ?? null;
  const audiences = knownAudiences(hop.shape.credential);
  if (token === null || token.audiences === null || audiences === null) return [];
  const undeclared = audiences.filter((audience) => !isDeclaredAudience(token, audience));
  const hasDeclaredOne = undeclared.length < audiences.length;
  return undeclared.map((audience) => describe(hop, token, audience, hasDeclaredOne ? BESIDE_A_DECLARED_ONE : {}));
}

const BESIDE_A_DECLARED_ONE: Pick<Draft, "startingAt"> = {
  startingAt: { severity: "medium", because: "Medium at first: the token also names a declared audience." },
};

function describe(
  { caller, callee, call, shape, subject, credentialConfidence }: JudgedHop,
  token: TokenDeclaration,
  audience: string,
  start: Pick<Draft, "startingAt">,
): Finding {
  return createFinding({
    rule: "undeclared-audience",
    subject,
    keyFields: [callee.name, ...familyOf(shape.credential), audience],
    audiences: [audience],
    summary: `${caller.name} called ${callee.name} with a token for ${audience}, which the call does not declare`,
    decidedBy: {
      position: token.position,
      says: `services.${caller.name}.calls.${call?.callee.text}.token.audiences does not name ${audience}`,
    },
    confidence: credentialConfidence,
    ...start,
  });
}

function isDeclaredAudience(token: TokenDeclaration, audience: string): boolean {
  return token.audiences?.some((glob) => glob.matches(audience)) ?? true;
}
