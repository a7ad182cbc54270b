import { generateKeyPair, type JWTPayload, SignJWT } from "jose";

/*
 * One secret a slot, and what else must not stay, each of them made up for this run and found nowhere else. None has a
 * dozen characters in a row in common with what may be kept.
 */

/** What the tokens say and nobody else may. */
const CLAIMS: string[] = [];

/** Letters and digits that nobody else has. */
function random(): string {
  return `c${Buffer.from(crypto.getRandomValues(new Uint8Array(15))).toString("hex")}`;
}

function claim(): string {
  const value = random();
  CLAIMS.push(value);
  return value;
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function base64url(text: string): string {
  return Buffer.from(text).toString("base64url");
}

const { privateKey } = await generateKeyPair("ES256");
const LATER_S = Math.floor(Date.now() / 1000) + 600;

/** A JWT that is really signed, with a person and a secret among its claims. */
function jwt(typ: string, claims: JWTPayload = {}): Promise<string> {
  const person = { sub: claim(), email: `${claim()}@people.example`, name: claim(), tctx: { account: claim() } };
  const known = { iss: "https://canary.example", aud: "canary-api", exp: LATER_S, iat: LATER_S - 900, amr: ["pwd"] };
  return new SignJWT({ ...known, ...person, jti: claim(), ...claims })
    .setProtectedHeader({ alg: "ES256", typ, kid: "canary-key-77ab" })
    .sign(privateKey);
}

/** Known for what it is by its looks alone, wherever it stands. */
export const TELLING: Readonly<Record<string, string>> = {
  access: await jwt("at+jwt"),
  transaction: await jwt("txntoken+jwt", { txn: claim(), scope: "buy" }),
  workload: await jwt("wit+jwt", { sub: "spiffe://canary.example/web" }),
  proof: await jwt("dpop+jwt", { htm: "GET", htu: "https://stock.example/items", ath: base64url(claim()) }),
  assertion: await jwt("JWT"),
  // Claims that rules compare, with another secret where a name should be.
  nested: await jwt("at+jwt", {
    aud: ["canary-api", `sk_live_${claim()}`],
    client_id: await jwt("at+jwt"),
    scope: `read password=${claim()}`,
    act: { sub: `ghp_${claim()}` },
  }),
  typed: await jwt(`ghp_${claim()}`),
  encrypted: ["eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0", "", ...[random(), random(), random()].map(base64url)].join(
    ".",
  ),
  // Of ours, the one that lets the canary in.
  ingest: `tdkey_${random()}`,
  stripe: `sk_live_${random()}`,
  github: `ghp_${random()}`,
  gitlab: `glpat-${random()}`,
  slack: `xoxb-${random()}`,
  google: `ya29.${random()}`,
  maps: `AIza${random()}`,
  vault: `hvs.${random()}`,
  pem: `-----BEGIN PRIVATE KEY-----\n${base64(random())}\n-----END PRIVATE KEY-----`,
};

/** Nothing tells what these are but the place where they stand, or the word before them. */
export const MUTE: Readonly<Record<string, string>> = {
  opaque: random(),
  apiKey: random(),
  cloudSession: base64(random()),
  session: random(),
  password: random(),
  signature: random(),
};

const user = random();
export const BASIC = base64(`${user}:${MUTE.password}`);

/** What stands before a secret and is the same for all of its kind, and what stands behind. */
const FRAME =
  /^(?:sk_live_|tdkey_|ghp_|glpat-|xoxb-|ya29\.|AIza|hvs\.|-----BEGIN PRIVATE KEY-----\n)|\n-----END PRIVATE KEY-----$/gu;

/** Everything that must be nowhere, by name. */
export const SECRETS: ReadonlyMap<string, string> = new Map([
  ...Object.entries({ ...TELLING, ...MUTE, basic: BASIC, user }).map(
    ([name, text]) => [name, text.replace(FRAME, "")] as const,
  ),
  ...CLAIMS.map((value, index) => [`claim ${index}`, value] as const),
]);
