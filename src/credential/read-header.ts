import type { CredentialFormat } from "../model/credential.ts";
import { defaultRole, knownScheme, schemeKind } from "./auth-schemes.ts";
import { bareProfile, type CredentialFacts, factsOf } from "./credential-facts.ts";
import type { Fingerprinter } from "./fingerprinter.ts";
import { isPlaceholder } from "./is-placeholder.ts";
import { type Jwt, readJwt } from "./read-jwt.ts";

const HEADER_CHARACTERS_MAX = 16 * 1024;
/** Fewer are no token but the rest of one. */
const TOKEN_CHARACTERS_MIN = 8;
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;
const SCHEME_AND_REST = /^([A-Za-z][\w-]{0,31})(?:[ \t]+|$)/;
/** The lengths, in hex, of MD5, SHA-1, SHA-256 and SHA-512: a pipeline hashed the header, in a way of its own. */
const HEX_DIGEST = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/i;

/** A header's value in two: the scheme where it is a known one, and what follows the first word. */
type SplitHeader = { readonly scheme: string; readonly hasWord: boolean; readonly credential: string };

/** What the value of an `Authorization` header (RFC 9110 section 11.6.2) says. Never throws. */
export function readHeader(value: string, fingerprinter: Fingerprinter): CredentialFacts {
  const header = split(value.trim());
  if (value.length > HEADER_CHARACTERS_MAX) return factsOf(bareProfile("unparsable", header.scheme));
  if (isPlaceholder(header.credential)) return factsOf(bareProfile("placeholder", header.scheme));
  const kind = schemeKind(header.scheme);
  if (kind === "signature") return readSignature(header);
  if (header.credential.includes(",")) return factsOf(bareProfile("ambiguous", header.scheme));
  if (!VISIBLE_ASCII.test(header.credential)) return factsOf(bareProfile("unparsable", header.scheme));
  return kind === "token" ? readToken(header, fingerprinter) : readSecret(header, kind, fingerprinter);
}

/** A lone word is a scheme where it is a known one, else a credential without a scheme. */
function split(text: string): SplitHeader {
  const match = SCHEME_AND_REST.exec(text);
  const word = match?.[1] ?? "";
  const scheme = knownScheme(word);
  if (match === null || (scheme === "" && word === text)) return { scheme: "", hasWord: false, credential: text };
  return { scheme, hasWord: true, credential: text.slice(match[0].length) };
}

/** Request signatures and handshakes differ on every request, so they have no fingerprint. */
function readSignature(header: SplitHeader): CredentialFacts {
  return factsOf({ ...bareProfile("full", header.scheme), format: "signature" });
}

function readSecret(header: SplitHeader, kind: "basic" | "key", fingerprinter: Fingerprinter): CredentialFacts {
  const profile = { ...bareProfile("full", header.scheme), format: kind, role: defaultRole(kind) };
  return { ...factsOf(profile), fingerprint: fingerprinter.ofSecret(kind, header.credential) };
}

function readToken(header: SplitHeader, fingerprinter: Fingerprinter): CredentialFacts {
  const token = header.credential;
  if (!header.hasWord && HEX_DIGEST.test(token)) return factsOf(bareProfile("foreign-digest"));
  if (token.endsWith("...")) return factsOf(bareProfile("truncated", header.scheme));
  const jwt = readJwt(token);
  if (jwt !== null) return factsOfJwt(header, jwt, fingerprinter);
  if (token.length < TOKEN_CHARACTERS_MIN) return factsOf(bareProfile("unparsable", header.scheme));
  const format: CredentialFormat = "opaque";
  const profile = { ...bareProfile("full", header.scheme), format, role: defaultRole(format) };
  return { ...factsOf(profile), fingerprint: fingerprinter.ofToken(token) };
}

function factsOfJwt(header: SplitHeader, jwt: Jwt, fingerprinter: Fingerprinter): CredentialFacts {
  const { claims } = jwt;
  return {
    profile: {
      ...bareProfile(jwt.quality, header.hasWord ? header.scheme : "raw-jwt"),
      format: "jwt",
      role: jwt.role,
      issuer: claims?.issuer ?? null,
      audiences: claims?.audiences ?? null,
      client: claims?.client ?? null,
    },
    fingerprint: jwt.quality === "full" ? fingerprinter.ofToken(header.credential) : null,
    expiresAtS: claims?.expiresAtS ?? Number.NaN,
    notBeforeS: claims?.notBeforeS ?? Number.NaN,
    issuedAtS: claims?.issuedAtS ?? Number.NaN,
  };
}
