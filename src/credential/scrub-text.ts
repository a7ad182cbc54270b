/** What stands where a credential was. */
export const REMOVED = "[credential removed]";

const TEXT_CHARACTERS_MAX = 256;

/**
 * What is a credential by its looks alone. Each pattern starts with fixed characters and none can match in two ways,
 * so that scrubbing takes linear time.
 * In turn: private keys (RFC 7468); JWT and JWE, whole or cut; keys of AWS, GitHub, GitLab, Slack, Stripe, Google, Vault.
 */
const CREDENTIALS: readonly (readonly [start: string, rest: string])[] = [
  ["-----BEGIN ", "[A-Z ]{0,40}PRIVATE KEY-----[\\s\\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)"],
  ["eyJ", "[\\w-]{8,}(?:(?:\\.|%2[eE])[\\w-]*)*"],
  ["A[KS]IA", "[A-Z0-9]{12,}"],
  ["gh[opsur]_", "[A-Za-z0-9]{16,}"],
  ["github_pat_", "\\w{16,}"],
  ["glpat-", "[\\w-]{16,}"],
  ["xox[a-z]-", "[\\w-]{8,}"],
  ["[rs]k_(?:live|test)_", "\\w{8,}"],
  ["AIza", "[\\w-]{20,}"],
  ["ya29\\.", "[\\w.-]{8,}"],
  ["hvs\\.", "[\\w-]{8,}"],
];
const CREDENTIAL = new RegExp(CREDENTIALS.map(([start, rest]) => start + rest).join("|"), "g");
const CREDENTIAL_START = new RegExp(CREDENTIALS.map(([start]) => start).join("|"));
const SCHEME_AND_TOKEN = /\b(bearer|dpop|basic)(\s{1,8}|%20|\+)[\w.~+/=-]{8,}/gi;
const USER_INFO = /:\/\/[^\s/?#@]+@/g;
const NAMED_SECRET =
  /\b(access_token|id_token|refresh_token|client_secret|client_assertion|api_?key|password|passwd|secret|token|sig|signature)=[^\s&;"'[\]]+/gi;
/** Control and format characters (bidirectional controls among them), lone surrogates, line separators. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** No credential that is recognised has fewer characters, unless it has one that is not plain. */
const CREDENTIAL_CHARACTERS_MIN = 11;
const PLAIN = /^[\w./:{}~-]*$/;

/**
 * True where scrubbing changes nothing, as can be seen without trying it: nothing starts as a known kind of credential
 * does, and no space, `=`, `+`, `%` or `@` sets one apart. Each character can be seen, too. Most values are like this.
 */
export function isHarmless(text: string): boolean {
  if (!PLAIN.test(text)) return false;
  return text.length < CREDENTIAL_CHARACTERS_MIN || !CREDENTIAL_START.test(text);
}

/** The text with everything that looks like a credential replaced by {@link REMOVED}. */
export function scrubCredentials(text: string): string {
  return text
    .replace(CREDENTIAL, REMOVED)
    .replace(SCHEME_AND_TOKEN, `$1$2${REMOVED}`)
    .replace(USER_INFO, "://")
    .replace(NAMED_SECRET, `$1=${REMOVED}`);
}

/** The text on one visible line of at most 256 characters; what cannot be seen is written as `\u{hex}`. */
export function toVisibleLine(text: string): string {
  const visible = text
    .slice(0, TEXT_CHARACTERS_MAX)
    .replace(UNSEEN, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
  return visible.slice(0, TEXT_CHARACTERS_MAX).replace(/[\ud800-\udbff]$/, "");
}
