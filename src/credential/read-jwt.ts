import type { CredentialRole } from "../model/credential.ts";
import { inferRole, type JsonObject, roleOfType, shortType } from "./infer-role.ts";
import { type Claims, readClaims } from "./read-claims.ts";
import { type ReadProof, readProof } from "./read-proof.ts";

/** What a JWT says about itself, unverified. Claims are null where they are encrypted, cut off or not understood. */
export type Jwt = {
  readonly quality: "full" | "truncated" | "unparsable";
  readonly role: CredentialRole;
  /** JOSE `typ` and `alg`. */
  readonly type: string | null;
  readonly algorithm: string | null;
  readonly claims: Claims | null;
  /** What it proves, where it is a proof. */
  readonly proof: ReadProof | null;
};

const DEPTH_MAX = 8;
const ACTORS_DEPTH_MAX = 24;
const BASE64URL = /^[A-Za-z0-9_-]*$/;
const ALGORITHM = /^[A-Za-z0-9+-]{1,24}$/;
const UNPARSABLE: Jwt = {
  ...{ quality: "unparsable", role: "unknown", type: null, algorithm: null, claims: null, proof: null },
};
const TRUNCATED: Jwt = { ...UNPARSABLE, quality: "truncated" };

/** Base64url characters of a signature, by algorithm (RFC 7518 section 3, RFC 8037); RSA from 2048 bits on. */
const RSA_CHARACTERS = [342, 512, 683, 1366];
const SIGNATURE_CHARACTERS: ReadonlyMap<string, readonly number[]> = new Map([
  ["HS256", [43]],
  ["HS384", [64]],
  ["HS512", [86]],
  ["ES256", [86]],
  ["ES256K", [86]],
  ["ES384", [128]],
  ["ES512", [176]],
  ["EdDSA", [86, 152]],
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"].map((name) => [name, RSA_CHARACTERS] as const),
]);
/** An authentication tag has at least 128 bits (RFC 7518 section 5). */
const TAG_CHARACTERS_MIN = 22;

/**
 * Reads a JWT in compact form, signed (three segments, RFC 7515) or encrypted (five, RFC 7516); `otherwise` is the role
 * of one that names none. Null for what is no JWT. Never throws. The caller bounds the length.
 */
export function readJwt(token: string, otherwise: CredentialRole): Jwt | null {
  const segments = token.split(".", 6);
  const header = parseSegment(segments[0] ?? "");
  if (header === null) return readBroken(token, segments.length);
  if (typeof header.alg !== "string") return null;
  const count = typeof header.enc === "string" ? 5 : 3;
  if (segments.length < count) return TRUNCATED;
  if (segments.length > count || !segments.every((segment) => BASE64URL.test(segment))) return UNPARSABLE;
  return count === 5 ? readEncrypted(header, segments, otherwise) : readSigned(header, segments, otherwise);
}

/** Every JOSE header starts with `{"`, which is `eyJ` in base64url; one that does not parse was cut or damaged. */
function readBroken(token: string, segmentCount: number): Jwt | null {
  if (!token.startsWith("eyJ")) return null;
  return segmentCount < 3 ? TRUNCATED : UNPARSABLE;
}

function readEncrypted(header: JsonObject, segments: readonly string[], otherwise: CredentialRole): Jwt {
  const isWhole = (segments[4]?.length ?? 0) >= TAG_CHARACTERS_MIN;
  return {
    ...{ ...UNPARSABLE, ...describe(header), quality: isWhole ? "full" : "truncated" },
    role: roleOfType(header.typ) ?? otherwise,
  };
}

function readSigned(header: JsonObject, segments: readonly string[], otherwise: CredentialRole): Jwt {
  const payload = parseSegment(segments[1] ?? "");
  const claims = payload === null ? null : readClaims(payload);
  if (payload === null || claims === null) return UNPARSABLE;
  const quality = isWholeSignature(String(header.alg), segments[2] ?? "") ? "full" : "truncated";
  const role = inferRole(header, payload, otherwise);
  return { quality, ...describe(header), role, claims, proof: readProof(role, header, payload) };
}

function describe(header: JsonObject): Pick<Jwt, "type" | "algorithm"> {
  const { alg } = header;
  return { type: shortType(header.typ), algorithm: typeof alg === "string" && ALGORITHM.test(alg) ? alg : null };
}

/** A signature that was cut would give the token a second fingerprint. */
function isWholeSignature(algorithm: string, signature: string): boolean {
  if (algorithm.toLowerCase() === "none") return true;
  return SIGNATURE_CHARACTERS.get(algorithm)?.includes(signature.length) ?? signature !== "";
}

function parseSegment(segment: string): JsonObject | null {
  if (segment === "" || !BASE64URL.test(segment)) return null;
  try {
    const value: unknown = JSON.parse(Buffer.from(segment, "base64url").toString("utf8"));
    return isJsonObject(value) && isWithinDepths(value) ? value : null;
  } catch {
    return null;
  }
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The chain of actors has a bound of its own, which is kept where it is read. */
function isWithinDepths({ act, ...rest }: JsonObject): boolean {
  return isWithinDepth(rest, DEPTH_MAX) && isWithinDepth(act, ACTORS_DEPTH_MAX);
}

function isWithinDepth(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return depth > 0 && Object.values(value).every((inner) => isWithinDepth(inner, depth - 1));
}
