/** What stands where a credential was. */
export const REMOVED = "[credential removed]";

const TEXT_CHARACTERS_MAX = 256;

/** A dot and a blank, also as URLs and JSON spell them. */
const DOT = "(?:\\.|%(?:25){0,3}2[eE]|\\\\{1,4}u002[eE])";
const BLANK = "(?: |%20|\\+)";

/**
 * What is a credential by its looks alone: fixed characters, and what follows them. No pattern can match in two ways, so
 * that scrubbing takes linear time.
 * In turn: private keys (RFC 7468); JWT and JWE, whole or cut; our own ingest keys; keys of AWS, GitHub,
 * GitLab, Slack, Stripe, Google, Vault.
 */
const CREDENTIALS: readonly (readonly [start: string, rest: string])[] = [
  [
    `-----BEGIN${BLANK}`,
    `(?:[A-Z]{1,20}${BLANK}){0,3}PRIVATE${BLANK}KEY-----[\\s\\S]*?(?:-----END[A-Z %+\\d]{0,60}-----|$)`,
  ],
  ["eyJ", `[\\w-]{8,}(?:${DOT}[\\w-]*)*`],
  ["tdkey_", "[\\w-]{8,}"],
  ["A[KS]IA", "[A-Z0-9]{12,}"],
  ["gh[opsur]_", "[A-Za-z0-9]{8,}"],
  ["github_pat_", "\\w{8,}"],
  ["glpat-", "[\\w-]{8,}"],
  ["xox[a-z]-", "[\\w-]{8,}"],
  ["[rs]k_(?:live|test)_", "\\w{8,}"],
  ["AIza", "[\\w-]{8,}"],
  [`ya29${DOT}`, "[\\w.-]{8,}"],
  [`hvs${DOT}`, "[\\w-]{8,}"],
  ...encodedStarts(),
];

/** The same, and headers' schemes, once more encoded: in base64, or with every character percent-encoded. */
function encodedStarts(): (readonly [start: string, rest: string])[] {
  const plain = [
    "-----BEGIN ",
    "eyJ",
    "tdkey_",
    "ghp_",
    "gho_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "sk_live_",
    "AIza",
  ];
  return [...plain, "ya29.", "hvs.", "Bearer ", "Basic "].flatMap((start) => {
    const codes = [...start].map((character) => `%${anyCase((character.codePointAt(0) ?? 0).toString(16))}`);
    return [
      // A character of base64 stands for six bits; the last ones of these depend on what follows.
      [btoa(start).slice(0, Math.floor((start.length * 8) / 6)), "[\\w+/-]{8,}={0,2}"],
      [codes.join(""), "(?:%[0-9a-fA-F]{2}){4,}"],
    ] as const;
  });
}

function anyCase(hex: string): string {
  return hex.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}

const CREDENTIAL = new RegExp(CREDENTIALS.map(([start, rest]) => start + rest).join("|"), "g");
/** Without those that only a text with a blank or `%` can hold: see {@link isHarmless}. */
const CREDENTIAL_START = new RegExp(
  CREDENTIALS.flatMap(([start]) => (/[ %]/.test(start.replace(DOT, "")) ? [] : [start.replace(DOT, "\\.")])).join("|"),
);
const SCHEME_AND_TOKEN =
  /\b(bearer|dpop|basic|gnap|jwt|privatetoken|api-?key|geniekey|ssws|splunk|negotiate|ntlm)(\s{1,8}|%20|\+)["']?[\w.~+/=-]{8,}/gi;
/** A header's line, as logs and messages quote it: nothing behind the header's name is kept but a scheme. */
const HEADER_LINE =
  /\b((?:proxy-)?authorization|(?:set-)?cookie)((?:\\{0,3}["']\s{0,4}[:=]|\s{0,4}=|:\s)\s{0,4}(?:\\{0,3}["'])?(?:[\w-]{1,32}\s{1,4})?)[^\s[][^\r\n]*/gi;
const USER_INFO = /:\/\/[^\s/?#]*@/g;
/** User info without the scheme of a URL before it, as drivers write their hosts. */
const BARE_USER_INFO = /(^|[\s"'(=,])[^\s/?#@:"'(=,]{1,64}:[^\s/?#@"'(,]{1,128}@(?=[\w[])/g;
/** A parameter, a member of JSON, a header, a setting: something that is called a secret, and what it is. */
const NAMED_SECRET =
  /(token|secret|password|passwd|pwd|assertion|api[_-]?key|access[_-]?key|signature|jwt|\bsig)((?:\\{0,3}["']\s{0,4}[:=]|\s{0,4}(?:=|%3[dD])|:\s)\s{0,4}(?:\\{0,3}["'])?)[^\s&;"'[\]{}\\]+/gi;
/** Without one of these the search for the former is in vain, and dear. */
const SECRET_WORD = /token|secret|passw|pwd|assertion|key|sig|jwt/i;
/** Control and format characters (bidirectional controls among them), lone surrogates, line separators. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const AWS_KEY_ID = /^A[KS]IA[A-Z0-9]{12,32}$/;

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

/** True where the text is a credential by its looks alone, or holds one. A key's id at AWS is public and none. */
export function isTelling(text: string): boolean {
  return !AWS_KEY_ID.test(text) && text.search(CREDENTIAL) >= 0;
}

/** The text with what is a credential by its looks alone replaced: for lists and messages, where words go before values. */
export function scrubTelling(text: string): string {
  return text.replace(CREDENTIAL, REMOVED);
}

/** The text with everything that looks like a credential, or stands where one does, replaced by {@link REMOVED}. */
export function scrubCredentials(text: string): string {
  const scrubbed = scrubTelling(text)
    .replace(HEADER_LINE, `$1$2${REMOVED}`)
    .replace(SCHEME_AND_TOKEN, `$1$2${REMOVED}`);
  const anonymous = scrubbed.includes("@")
    ? scrubbed.replace(USER_INFO, "://").replace(BARE_USER_INFO, "$1")
    : scrubbed;
  return SECRET_WORD.test(anonymous) ? anonymous.replace(NAMED_SECRET, `$1$2${REMOVED}`) : anonymous;
}

/** The text on one visible line of at most 256 characters; what cannot be seen is written as `\u{hex}`. */
export function toVisibleLine(text: string): string {
  const visible = text
    .slice(0, TEXT_CHARACTERS_MAX)
    .replace(UNSEEN, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
  return visible.slice(0, TEXT_CHARACTERS_MAX).replace(/[\ud800-\udbff]$/, "");
}
