import type { Attributes } from "@opentelemetry/api";
import { API_KEY_HEADERS, ASSERTION_HEADERS } from "../src/credential/header-names.ts";
import { type CredentialKind, describeCredential, type Facts } from "./describe-credential.ts";
import { createDigester, type Digester } from "./digester.ts";

/** A request as far as it matters here. */
export type RequestFacts = {
  /** The values of a header; empty where it was not sent. */
  readonly header: (name: string) => readonly string[];
  /** The request's target, with its query; `""` where there is none. */
  readonly path: string;
};

/** What is told about a request: attributes that hold no credential and no person. Never throws. */
export type Describe = (request: RequestFacts) => Attributes;

type Slot = { readonly slot: string; readonly kind: CredentialKind; readonly headers: readonly string[] };

const PREFIX = "trustdrift.credential.";

/** Where credentials stand in requests; of several headers of a slot, the first that was sent counts. */
const SLOTS: readonly Slot[] = [
  { slot: "authorization", kind: "authorization", headers: ["authorization"] },
  { slot: "txn_token", kind: "transaction", headers: ["txn-token"] },
  { slot: "workload_identity", kind: "workload_identity", headers: ["workload-identity-token"] },
  { slot: "proof", kind: "proof", headers: ["dpop", "workload-proof-token"] },
  { slot: "api_key", kind: "key", headers: API_KEY_HEADERS },
  { slot: "cloud_session", kind: "token", headers: ["x-amz-security-token"] },
  { slot: "iap_assertion", kind: "token", headers: ASSERTION_HEADERS },
  { slot: "proxy", kind: "authorization", headers: ["proxy-authorization"] },
];

/** Parameters that hold a token, and those that hold something else that nobody else should know. */
const TOKEN_PARAMETERS = ["access_token", "id_token", "token", "jwt", "assertion"];
const SECRET_PARAMETERS = ["api_key", "apikey", "key", "sig", "code", "client_secret"];
const PARAMETERS_MAX = 64;

/** Makes a {@link Describe}; throws where the key is none. */
export function createDescriber(options: {
  readonly fingerprintKey?: string;
  readonly sessionCookies?: readonly string[];
}): Describe {
  const digester = createDigester(options.fingerprintKey);
  const cookies = options.sessionCookies ?? [];
  return (request) => {
    try {
      return describe(request, digester, cookies);
    } catch {
      // What the application does matters more than what is told about it.
      return {};
    }
  };
}

/** Reads headers by name from an object that spells them in any case. */
export function readHeaders(headers: {
  readonly [name: string]: string | number | readonly string[] | undefined;
}): RequestFacts["header"] {
  const known = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return (name) => listOf(known.get(name));
}

/** The values of one header, however the library gives them. */
export function listOf(value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}

function describe(request: RequestFacts, digester: Digester, cookies: readonly string[]): Attributes {
  const told: Record<string, Attributes[string]> = { [`${PREFIX}authorization.present`]: false };
  for (const { slot, kind, headers } of SLOTS) {
    const name = headers.find((each) => request.header(each).length > 0);
    if (name === undefined) continue;
    tell(told, slot, describeCredential(kind, request.header(name), digester));
    if (headers.length > 1) told[`${PREFIX}${slot}.location`] = name;
  }
  tellParameter(told, request.path, digester);
  tellCookie(told, request.header("cookie"), cookies, digester);
  tellMissingProof(told);
  return told;
}

function tell(told: Record<string, Attributes[string]>, slot: string, facts: Facts): void {
  for (const [name, value] of Object.entries(facts)) told[`${PREFIX}${slot}.${name}`] = value;
}

/** A credential in the address is there for every log on the way (RFC 9700 section 4.3.2). */
function tellParameter(told: Record<string, Attributes[string]>, path: string, digester: Digester): void {
  const start = path.indexOf("?");
  if (start < 0) return;
  const pairs = path.slice(start + 1).split("&", PARAMETERS_MAX);
  for (const pair of pairs) {
    const [key = "", value = ""] = pair.split("=", 2);
    const name = key.toLowerCase();
    const isToken = TOKEN_PARAMETERS.includes(name);
    if (value === "" || !(isToken || SECRET_PARAMETERS.includes(name))) continue;
    tell(told, "query", describeCredential(isToken ? "token" : "opaque-secret", [value], digester));
    told[`${PREFIX}query.location`] = name;
    return;
  }
}

function tellCookie(
  told: Record<string, Attributes[string]>,
  values: readonly string[],
  names: readonly string[],
  digester: Digester,
): void {
  const pairs = values.flatMap((value) => value.split(";", PARAMETERS_MAX)).map((pair) => pair.trim().split("=", 2));
  const found = pairs.find(([name = ""]) => names.includes(name));
  if (found === undefined) return;
  tell(told, "session_cookie", describeCredential("session", [found[1] ?? ""], digester));
  told[`${PREFIX}session_cookie.location`] = found[0];
}

/** Silence would mean "nobody looked": a token that is bound to a key and came without its proof is worth saying. */
function tellMissingProof(told: Record<string, Attributes[string]>): void {
  const method = told[`${PREFIX}authorization.token.confirmation.method`];
  const isKeyBound = method === "jkt" || told[`${PREFIX}workload_identity.present`] === true;
  if (isKeyBound) told[`${PREFIX}proof.present`] ??= false;
}
