import type { CredentialRole } from "../model/credential.ts";
import type { Proof } from "./credential-facts.ts";
import type { JsonObject } from "./infer-role.ts";
import { jwkThumbprint } from "./jwk-thumbprint.ts";

/** A proof, and what it is unique for: only ever hashed. */
export type ReadProof = Proof & { readonly name: readonly string[] | null };

const NAME_CHARACTERS_MAX = 256;
const DIGEST = /^[A-Za-z0-9_-]{43}$/;

/**
 * What a DPoP proof (RFC 9449 section 4.2) or a WIMSE proof token proves; null for what is no proof. An assertion by
 * which a client proves who it is has an id as well, which must not come twice (RFC 7523 section 3).
 */
export function readProof(role: CredentialRole, header: JsonObject, claims: JsonObject): ReadProof | null {
  if (role !== "proof" && role !== "client_assertion") return null;
  const keyThumbprint = jwkThumbprint(header.jwk);
  const workloadTokenHash = readDigest(claims.wth);
  const owner = role === "proof" ? (keyThumbprint ?? workloadTokenHash) : readName(claims.sub);
  const id = readName(claims.jti);
  return {
    keyThumbprint,
    accessTokenHash: readDigest(claims.ath),
    workloadTokenHash,
    name: owner === null || id === null ? null : [owner, id],
  };
}

function readDigest(value: unknown): string | null {
  return typeof value === "string" && DIGEST.test(value) ? value : null;
}

function readName(value: unknown): string | null {
  return typeof value === "string" && value !== "" && value.length <= NAME_CHARACTERS_MAX ? value : null;
}
