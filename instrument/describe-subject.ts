import type { JsonObject } from "../src/credential/infer-role.ts";
import { readSubject } from "../src/credential/read-subject.ts";
import type { Facts } from "./describe-credential.ts";
import type { Digester } from "./digester.ts";

const NAME_CHARACTERS_MAX = 256;
/** Names that only workloads have: SPIFFE ids, service accounts of Kubernetes and of Google. */
const WORKLOAD =
  /^(?:spiffe:\/\/[^/\s]+.*|system:serviceaccount:[^:\s]+:[^:\s]+|[a-z0-9-]+@[a-z0-9.-]+\.gserviceaccount\.com)$/;
/** A UUID, or as many characters of base64url without a blank or an address: no list of names yields their digests. */
const UNGUESSABLE = /^[\w:|-]{20,}$/;
const PERSON = "(person)";

/**
 * Whom a token is about: by name where it is a workload for certain, else at most as a digest by which one subject is
 * told from another, and that only where it cannot be guessed (an e-mail address can). Nothing names a person.
 */
export function describeSubject(claims: JsonObject, client: string | undefined, digester: Digester): Facts {
  const subject = typeof claims.sub === "string" && claims.sub.length <= NAME_CHARACTERS_MAX ? claims.sub : "";
  const workload = workloadOf(subject, claims, client);
  const isTold = workload === subject || subject === "";
  const mayDigest = !isTold && (workload !== undefined || UNGUESSABLE.test(subject));
  return {
    "token.subject": workload,
    "token.subject_kind": readSubject(claims, client ?? null).subjectKind ?? undefined,
    "token.subject_hash": mayDigest ? digester.ofName(subject) : undefined,
  };
}

/** An actor that may be named, or `(person)`. */
export function nameActor(actor: string): string {
  const isPerson = /[@|\s]/.test(actor) && !WORKLOAD.test(actor) && !actor.endsWith("@clients");
  return isPerson ? PERSON : actor;
}

/** A service account by its own name, any other client by its client id; undefined for people and where that is open. */
function workloadOf(subject: string, claims: JsonObject, client: string | undefined): string | undefined {
  if (WORKLOAD.test(subject)) return subject;
  return isClients(subject, claims, client) ? client : undefined;
}

/** What the tokens of OAuth's client credentials look like: RFC 9068 and Okta, Entra, Auth0, Keycloak. */
function isClients(subject: string, claims: JsonObject, client: string | undefined): boolean {
  if (client === undefined || claims.idtyp === "user") return false;
  if (subject === client || subject === `${client}@clients`) return true;
  if (claims.idtyp === "app" || claims.gty === "client-credentials") return true;
  const { preferred_username: username } = claims;
  return typeof username === "string" && username.startsWith("service-account-");
}
