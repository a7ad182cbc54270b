import { hash } from "node:crypto";
import type { CredentialProfile } from "../model/credential.ts";
import { podIdOf } from "../model/pod-id.ts";
import type { Names } from "./credential-facts.ts";
import { nameActor } from "./read-actors.ts";
import { readName, readText } from "./read-claims.ts";
import { isServiceAccount } from "./read-subject.ts";
import { type OwnFacts, textOf, unmasked } from "./told-values.ts";

const ACTORS_MAX = 16;

type ToldSubject = Pick<CredentialProfile, "subjectKind" | "subject" | "actors">;

/** Whom the application says the token is about. Only what is a workload by its form, or the client, is kept as text. */
export function toldSubject(own: OwnFacts, base: CredentialProfile, client: string | null): ToldSubject {
  const actors = unmasked(own.get("actors"));
  const told = readText(unmasked(own.get("subject")));
  const isService = told !== null && (isServiceAccount(told) || told === client);
  const kind = textOf(own.get("subjectKind"));
  const isPerson = (kind === "user" || (kind === "" && textOf(own.get("subjectHash")) !== "")) && !isService;
  return {
    subject: isService ? told : base.subject,
    subjectKind: isService ? "service" : (base.subjectKind ?? (isPerson ? "user" : null)),
    actors: Array.isArray(actors) ? actors.slice(0, ACTORS_MAX).map(nameActor) : base.actors,
  };
}

type ToldOf = { readonly profile: CredentialProfile; readonly thumbprint: string | null };

/** What the application calls the token and its subject; only ever hashed. */
export function toldNames(own: OwnFacts, shown: Names, { profile, thumbprint }: ToldOf): Names {
  const tokenId = readName(unmasked(own.get("tokenId")));
  const isProof = profile.role === "proof";
  return {
    tokenId: isProof ? null : (tokenId ?? shown.tokenId),
    subject: readSubjectNames(own) ?? shown.subject,
    transaction: readName(unmasked(own.get("transaction"))) ?? shown.transaction,
    pod: podIdOf(textOf(own.get("pod"))) ?? shown.pod,
    proof: isProof && tokenId !== null && thumbprint !== null ? [thumbprint, tokenId] : shown.proof,
  };
}

/** The same whether the subject is told as it is, by its SHA-256, or stands in a token. */
function readSubjectNames(own: OwnFacts): readonly string[] | null {
  const told = readName(unmasked(own.get("subjectHash")));
  if (told !== null) return ["sub-hash", told.startsWith("sha256:") ? told.slice(7).replace(/=$/, "") : told];
  const subject = readName(unmasked(own.get("subject")));
  return subject === null ? null : ["sub-hash", hash("sha256", subject, "base64url")];
}
