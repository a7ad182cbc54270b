import { isFormat, isRole, type OwnFacts } from "./apply-own-facts.ts";
import { isLowEntropy, knownScheme, schemeKind } from "./auth-schemes.ts";
import type { OwnFact } from "./credential-attributes.ts";
import type { CredentialValue } from "./credential-facts.ts";
import type { Fingerprinter } from "./fingerprinter.ts";
import { roleOfType } from "./infer-role.ts";
import { sanitizeValue } from "./sanitize-value.ts";

const NUMBER_OR_FLAG = /^(?:\d{1,15}|true|false)$/;
const NOTHING_KNOWN = { scheme: "", format: "unknown", role: "unknown" } as const;

/** A text that is equal for equal facts told in one order, and for no others; never a SHA-256 in base64url. */
export function toldKey(own: OwnFacts): string {
  let key = "";
  for (const [fact, value] of own) key += `${fact}=${valueKey(value)};`;
  return key;
}

/** Texts with their length before them, so that no text can pose as the end of itself and something else. */
function valueKey(value: CredentialValue): string {
  if (typeof value === "string") return `${value.length}:${value}`;
  return typeof value === "object" ? `[${value.map(valueKey).join()}]` : `!${value}`;
}

/**
 * True where no text that was told can be a credential in the wrong place: each is a digest, a word of ours, or a text
 * that is kept as a fact as it is. The digest of what may be guessable is a secret, too.
 */
export function holdsNoSecret(own: OwnFacts, fingerprinter: Fingerprinter): boolean {
  for (const [fact, value] of own) {
    const texts = typeof value === "object" ? value : [String(value)];
    if (!texts.every((text) => isNoSecret(fact, text, fingerprinter))) return false;
  }
  return true;
}

function isNoSecret(fact: OwnFact, text: string, fingerprinter: Fingerprinter): boolean {
  switch (fact) {
    case "fingerprint":
      return fingerprinter.ofToldDigest(text) !== null || fingerprinter.ofToldFingerprint(text) !== null;
    case "issuer":
    case "audiences":
    case "client":
      return sanitizeValue("text", text) === text;
    case "scheme":
      return knownScheme(text) !== "" && schemeKind(knownScheme(text)) === "token";
    case "role":
      return isRole(text) && !isLowEntropy({ ...NOTHING_KNOWN, role: text });
    case "format":
      return isFormat(text) && !isLowEntropy({ ...NOTHING_KNOWN, format: text });
    case "type":
      return roleOfType(text) !== null;
    default:
      return NUMBER_OR_FLAG.test(text);
  }
}
