/**
 * What a raw credential starts with that nobody asked for: the needles that a sample of whole requests is searched for.
 * Few values that are none hold one of these.
 */
export const CREDENTIAL_NEEDLES: readonly string[] = [
  "eyJ",
  "tdkey_",
  "AKIA",
  "ASIA",
  "ghp_",
  "gho_",
  "ghs_",
  "github_pat_",
  "glpat-",
  "xoxb-",
  "xoxp-",
  "sk_live_",
  "AIza",
  "ya29.",
  "hvs.",
  "PRIVATE KEY-----",
  "Basic ",
];

const TEXT_CHARACTERS_MAX = 64 * 1024;

/**
 * Raw credentials that can be used: keys by their vendors' prefixes, private keys, basic credentials. Neither what was
 * masked, nor an AWS key id, which is public, nor a public key. No pattern can fail after more than a few characters.
 */
const USABLE =
  /tdkey_[\w-]{16}|gh[opsur]_[A-Za-z0-9]{16}|github_pat_\w{16}|glpat-[\w-]{16}|xox[a-z]-[\w-]{8}|[rs]k_live_\w{8}|AIza[\w-]{30}|ya29\.[\w.-]{16}|hvs\.[\w-]{16}|-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----|Basic [A-Za-z0-9+/]{8,}={0,2}(?![\w-])/;
/** Takes all that belongs to a JWT or may, so that the text is gone through once. */
const JWT_LIKE = /eyJ[\w-]{6,}(?:\.[\w-]*)*/g;
/** A whole one, with its signature: `alg: none` gives nobody anything that could not be made up. */
const JWT = /^eyJ[\w-]+\.[\w-]{8,}\.[\w-]{20,}/;

/** True where the text holds a credential that whoever reads it could use. */
export function holdsCredential(text: string): boolean {
  const searched = text.slice(0, TEXT_CHARACTERS_MAX);
  return USABLE.test(searched) || (searched.match(JWT_LIKE)?.some((found) => JWT.test(found)) ?? false);
}
