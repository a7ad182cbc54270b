import { createHash } from "node:crypto";
import type { Attributes } from "@opentelemetry/api";
import { decodeJwt } from "jose";

const PREFIX = "trustdrift.credential.authorization.";

/**
 * Span attributes that say what an `authorization` header holds: whose token, for whom, until when, and a fingerprint
 * that tells whether it is the same one again. The token itself stays out of the telemetry.
 */
export function credentialFacts(authorization: string | undefined): Attributes {
  if (authorization === undefined) return { [`${PREFIX}present`]: false };
  const [scheme = "", token = ""] = authorization.split(" ");
  return {
    [`${PREFIX}present`]: true,
    [`${PREFIX}scheme`]: scheme.toLowerCase(),
    [`${PREFIX}fingerprint`]: `sha256:${createHash("sha256").update(token).digest("base64url")}`,
    ...claimFacts(token),
  };
}

// Claims are read, not verified: the door behind the span does that. `setAttributes` leaves out what is undefined.
function claimFacts(token: string): Attributes {
  const claims = decodeJwt<{ readonly client_id?: string }>(token);
  return {
    [`${PREFIX}format`]: "jwt",
    [`${PREFIX}role`]: "access_token",
    [`${PREFIX}token.issuer`]: claims.iss,
    [`${PREFIX}token.audiences`]: [claims.aud ?? []].flat(),
    [`${PREFIX}token.client.id`]: claims.client_id,
    [`${PREFIX}token.issued_at`]: claims.iat,
    [`${PREFIX}token.expires_at`]: claims.exp,
  };
}
