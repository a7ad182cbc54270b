import type { Finding } from "../model/finding.ts";
import { createFinding, type Draft } from "./create-finding.ts";
import { callerName, isOfInterest } from "./declares-authentication.ts";
import type { JudgedHop } from "./judged-hop.ts";
import { eachOf, presentedOn, subjectOf } from "./presented-tokens.ts";

/** What signs one URL for a while (Azure's shared access signatures, S3's and Google's presigned URLs), not a token. */
const OF_PRESIGNED_URLS: ReadonlySet<string> = new Set([
  "sig",
  "signature",
  "x-amz-signature",
  "x-amz-credential",
  "x-amz-security-token",
  "awsaccesskeyid",
  "x-goog-signature",
  "x-goog-credential",
]);

/** A credential stands in the URL, and so in access logs, histories and whatever records URLs on the way. */
export function credentialInUrl(hop: JudgedHop): readonly Finding[] {
  if (!isOfInterest(hop)) return [];
  const { caller, callee } = hop;
  const inQuery = presentedOn(hop).filter(({ slot }) => slot === "query");
  return eachOf(inQuery, (credential) => [
    createFinding({
      rule: "credential-in-url",
      subject: subjectOf(hop, credential),
      keyFields: [caller.name, callee.name, credential.carrier ?? ""],
      ...weigh(credential.carrier),
      summary: `${callerName(hop)} called ${callee.name} with ${nameOf(credential.carrier)} in the URL`,
      decidedBy: null,
      confidence: hop.credentialConfidence,
    }),
  ]);
}

function weigh(carrier: string | null): Pick<Draft, "startingAt"> {
  if (carrier === "code") {
    const because = "Low at first: an authorization code is good once, and its redirect carries it by design.";
    return { startingAt: { severity: "low", because } };
  }
  if (carrier === null || !OF_PRESIGNED_URLS.has(carrier)) return {};
  return {
    startingAt: { severity: "medium", because: "Medium at first: it is a presigned URL, good for one thing only." },
  };
}

function nameOf(carrier: string | null): string {
  return carrier === null ? "a credential" : `a credential (${carrier})`;
}
