import { randomBytes } from "node:crypto";
import { CompactEncrypt } from "jose";
import { expect, test } from "vitest";
import { CREDENTIAL_ATTRIBUTES } from "../../src/credential/credential-attributes.ts";
import { CredentialReader, type CredentialValue } from "../../src/credential/credential-reader.ts";
import { podIdOf } from "../../src/model/pod-id.ts";
import { CREDENTIAL_ID } from "../../src/model/span-batch.ts";
import { HEADER, KEY, OWN, readSpan, sign, unsigned } from "./credential-fixtures.ts";

const reader = new CredentialReader(KEY);
const CLAIMS = { iss: "https://id.example/", aud: "orders", client_id: "web", exp: 2000, nbf: 1000, iat: 1001 };
const ACCESS_TOKEN = await sign(CLAIMS, { typ: "at+jwt" });

function read(attributes: Record<string, CredentialValue>) {
  const facts = readSpan(reader, attributes);
  if (facts === null) throw new Error("expected facts, got none");
  return facts;
}

function readHeader(value: CredentialValue) {
  return read({ [HEADER]: value });
}

test("a span without credential attributes has no facts", () => {
  expect(readSpan(reader, {})).toBeNull();
  expect(readSpan(reader, { "trustdrift.ingest.principal": "x" })).toBeNull();
  expect(readSpan(reader, { [HEADER]: [] })).toBeNull();
});

test("nothing of a span is left for the next one", () => {
  expect(readHeader(`Bearer ${ACCESS_TOKEN}`).profile.quality).toBe("full");
  expect(reader.end()).toBeNull();
});

test("ingest attributes are never asked for", () => {
  expect(CREDENTIAL_ATTRIBUTES.filter((name) => name.startsWith("trustdrift.ingest."))).toEqual([]);
  expect(new Set(CREDENTIAL_ATTRIBUTES).size).toBe(CREDENTIAL_ATTRIBUTES.length);
});

test("a bearer JWT yields its scheme, role, issuer, audiences, client and times", () => {
  expect(readHeader([`Bearer ${ACCESS_TOKEN}`])).toEqual({
    profile: {
      slot: "authorization",
      scheme: "bearer",
      format: "jwt",
      role: "access_token",
      quality: "full",
      issuer: "https://id.example",
      audiences: ["orders"],
      client: "web",
      isVerified: false,
      carrier: null,
      type: "at+jwt",
      algorithm: "ES256",
      scopes: [],
      subjectKind: null,
      subject: null,
      actors: [],
      lifetimeS: 990,
      isExpiring: true,
      confirmation: null,
      possession: null,
      keyId: null,
      companions: [],
    },
    fingerprint: expect.any(Uint32Array),
    expiresAtS: 2000,
    notBeforeS: 1000,
    issuedAtS: 1001,
    ids: [],
  });
});

test.each([
  HEADER,
  "rpc.request.metadata.authorization",
  "rpc.grpc.request.metadata.authorization",
  "rpc.connect_rpc.request.metadata.authorization",
  "messaging.header.authorization",
])("%s carries the header", (name) => {
  expect(read({ [name]: [`Bearer ${ACCESS_TOKEN}`] })).toEqual(readHeader(`Bearer ${ACCESS_TOKEN}`));
});

test.each<[string, unknown, readonly string[]]>([
  ["one", "orders", ["orders"]],
  ["many, sorted and once each", ["b", "a", "b"], ["a", "b"]],
  ["none", undefined, []],
  ["not a text", 7, []],
])("audiences: %s", async (_, aud, expected) => {
  const token = await sign({ iss: "i", ...(aud === undefined ? {} : { aud: aud as string }) });
  expect(readHeader(`Bearer ${token}`).profile.audiences).toEqual(expected);
});

test("a Cognito access token, which has no audience, is for its client; others are not", async () => {
  const cognito = {
    iss: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_x",
    client_id: "c",
    token_use: "access",
  };
  const audiencesOf = async (claims: object) => readHeader(`Bearer ${await sign({ ...claims })}`).profile.audiences;
  expect(await audiencesOf(cognito)).toEqual(["c"]);
  expect(await audiencesOf({ ...cognito, aud: "own" })).toEqual(["own"]);
  expect(await audiencesOf({ ...cognito, iss: "https://id.example" })).toEqual([]);
  expect(await audiencesOf({ ...cognito, token_use: "id" })).toEqual([]);
});

test.each([
  [{ client_id: "a", azp: "b", appid: "c", cid: "d" }, "a"],
  [{ azp: "b", appid: "c", cid: "d" }, "b"],
  [{ appid: "c", cid: "d" }, "c"],
  [{ cid: "d" }, "d"],
  [{}, null],
])("the client of %j is %s", async (claims, client) => {
  expect(readHeader(`Bearer ${await sign(claims)}`).profile.client).toBe(client);
});

test.each([
  ["at+jwt", {}, "access_token"],
  ["application/at+jwt", { nonce: "n" }, "access_token"],
  ["AT+JWT", {}, "access_token"],
  ["txntoken+jwt", {}, "transaction"],
  ["wit+jwt", {}, "workload_identity"],
  ["wpt+jwt", {}, "proof"],
  ["dpop+jwt", {}, "proof"],
  ["client-authentication+jwt", {}, "client_assertion"],
  ["logout+jwt", {}, "unknown"],
  ["JWT", {}, "access_token"],
  [undefined, { token_use: "access" }, "access_token"],
  ["JWT", { token_use: "id" }, "id_token"],
  ["JWT", { typ: "Bearer", nonce: "n" }, "access_token"],
  ["JWT", { typ: "ID" }, "id_token"],
  ["JWT", { typ: "Refresh" }, "refresh_token"],
  ["JWT", { typ: "Offline" }, "refresh_token"],
  ["JWT", { idtyp: "app", nonce: "n" }, "access_token"],
  ["JWT", { nonce: "n" }, "id_token"],
  ["JWT", { at_hash: "h" }, "id_token"],
  [undefined, { c_hash: "h" }, "id_token"],
])("typ %s with claims %j is of role %s", async (typ, claims, role) => {
  const token = await sign(claims, typ === undefined ? {} : { typ });
  expect(readHeader(`Bearer ${token}`).profile.role).toBe(role);
});

test.each([
  ["Bearer opaque-token-1234", { scheme: "bearer", format: "opaque", role: "access_token" }],
  ["BEARER opaque-token-1234", { scheme: "bearer", format: "opaque", role: "access_token" }],
  ["DPoP opaque-token-1234", { scheme: "dpop", format: "opaque", role: "access_token" }],
  ["opaque-token-1234", { scheme: "", format: "opaque", role: "access_token" }],
  ["Basic d2ViOmh1bnRlcjI=", { scheme: "basic", format: "basic", role: "unknown" }],
  ["ApiKey 0123-abcd", { scheme: "apikey", format: "key", role: "api_key" }],
  ["MySecretWord opaque-token-1234", { scheme: "", format: "opaque", role: "access_token" }],
])("%s is understood", (header, profile) => {
  const facts = readHeader(header);
  expect(facts.profile).toMatchObject({ ...profile, quality: "full", audiences: null, issuer: null });
  expect(facts.fingerprint).not.toBeNull();
});

test("a request signature has no fingerprint", () => {
  const header =
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/eu-west-1/s3/aws4_request, Signature=abcdef0123456789";
  const facts = readHeader(header);
  expect(facts.profile).toMatchObject({ scheme: "aws4-hmac-sha256", format: "signature", quality: "full" });
  expect(facts.fingerprint).toBeNull();
});

test("a JWT without a scheme says so", () => {
  expect(readHeader(ACCESS_TOKEN).profile).toMatchObject({ scheme: "raw-jwt", format: "jwt", quality: "full" });
});

test("an unsecured JWT with its empty third segment is read", () => {
  const facts = readHeader(`Bearer ${unsigned({ aud: "orders" })}`);
  expect(facts.profile).toMatchObject({ quality: "full", audiences: ["orders"] });
  expect(facts.fingerprint).not.toBeNull();
});

test("an encrypted JWT has a fingerprint and unknown audiences", async () => {
  const token = await new CompactEncrypt(Buffer.from("{}"))
    .setProtectedHeader({ alg: "dir", enc: "A256GCM", typ: "at+jwt" })
    .encrypt(randomBytes(32));
  const facts = readHeader(`Bearer ${token}`);
  expect(facts.profile).toMatchObject({ format: "jwt", quality: "full", role: "access_token", audiences: null });
  expect(facts.fingerprint).not.toBeNull();
  expect(readHeader(`Bearer ${token.slice(0, -4)}`).profile.quality).toBe("truncated");
});

test.each([
  "[REDACTED]",
  "REDACTED",
  "****",
  "***",
  "**",
  "<redacted>",
  "[Filtered]",
  "-",
  "",
  "   ",
  "Bearer",
  "Bearer [REDACTED]",
  "Bearer ****",
  "bearer <redacted>",
  "Bearer -",
  "Basic ***",
  "Bearer xxxxxxxx",
  "Bearer abcd********",
])("%j is a placeholder, without a fingerprint", (header) => {
  for (const value of [header, [header]]) {
    const facts = readHeader(value);
    expect(facts.profile.quality).toBe("placeholder");
    expect(facts.fingerprint).toBeNull();
  }
});

test("a JWT cut anywhere is truncated and has no fingerprint", async () => {
  const whole = `Bearer ${ACCESS_TOKEN}`;
  for (let length = "Bearer eyJ".length; length < whole.length; length++) {
    const facts = readHeader(whole.slice(0, length));
    expect(facts.fingerprint, `cut at ${length}`).toBeNull();
    expect(["truncated", "unparsable"], `cut at ${length}`).toContain(facts.profile.quality);
  }
  expect(readHeader("Bearer eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOlsi").profile.quality).toBe("truncated");
  expect(readHeader("Bearer 0123456789...").profile.quality).toBe("truncated");
});

test("a JWT that is cut within its signature keeps its claims", () => {
  const facts = readHeader(`Bearer ${ACCESS_TOKEN.slice(0, -1)}`);
  expect(facts.profile).toMatchObject({ quality: "truncated", audiences: ["orders"] });
});

test("two credentials in one header are ambiguous", () => {
  const ambiguous = [
    { [HEADER]: [`Bearer ${ACCESS_TOKEN}`, "Bearer other-token-1234"] },
    { [HEADER]: `Bearer ${ACCESS_TOKEN}, Bearer other-token-1234` },
    { [HEADER]: ["Bearer token-number-1"], "rpc.request.metadata.authorization": ["Bearer token-number-2"] },
    { [HEADER]: ["Bearer token-one-1", "Bearer token-two-2"], [`${OWN}fingerprint`]: `sha256:${"A".repeat(43)}` },
  ];
  for (const attributes of ambiguous) {
    expect(read(attributes)).toMatchObject({ profile: { quality: "ambiguous" }, fingerprint: null });
  }
});

test("no header poses as another reading that is known already", () => {
  read({ [HEADER]: ["Bearer token-one-1", "Bearer token-two-2"] });
  read({ [`${OWN}token.audiences`]: ["orders"] });
  expect(readHeader("").profile.quality).toBe("placeholder");
  expect(readHeader("a").profile.quality).toBe("unparsable");
  expect(readHeader('o[false,null,["audiences",["orders"]]]').profile.audiences).toBeNull();
});

test("one header told by two attributes is one credential", () => {
  const value = [`Bearer ${ACCESS_TOKEN}`];
  expect(read({ [HEADER]: value, "rpc.request.metadata.authorization": value }).profile.quality).toBe("full");
});

test.each([32, 40, 64, 128])("a bare hex value of %i characters is a digest of unknown origin", (length) => {
  const hex = "0123456789abcdef".repeat(8).slice(0, length);
  expect(readHeader([hex])).toMatchObject({ profile: { quality: "foreign-digest" }, fingerprint: null });
  expect(readHeader(`Bearer ${hex}`)).toMatchObject({ profile: { quality: "full", format: "opaque" } });
});

test("what passes a limit is unparsable", async () => {
  const nested = (depth: number): object => (depth === 0 ? {} : { a: nested(depth - 1) });
  const audiences = (count: number) => Array.from({ length: count }, (_, index) => `a${index}`);
  const qualityOf = async (claims: object) => readHeader(`Bearer ${await sign({ ...claims })}`).profile.quality;
  expect(await qualityOf(nested(7))).toBe("full");
  expect(await qualityOf(nested(8))).toBe("unparsable");
  expect(await qualityOf({ aud: audiences(64) })).toBe("full");
  expect(await qualityOf({ aud: audiences(65) })).toBe("unparsable");
  expect(await qualityOf({ a: "x".repeat(16 * 1024) })).toBe("unparsable");
  expect(readHeader(`Bearer ${"x1".repeat(9000)}`)).toMatchObject({ profile: { quality: "unparsable" } });
});

test.each([
  "Bearer a b c",
  "Bearer tök€n-tök€n",
  "Bearer short",
  "Bearer eyJhbGciOiJub25lIn0.bm90IGpzb24.",
  "Bearer eyJhbGciOiJub25lIn0.WzFd.",
])("%s is unparsable", (header) => {
  expect(readHeader(header)).toMatchObject({ profile: { quality: "unparsable" }, fingerprint: null });
});

test("claims outside the allow-list are dropped", async () => {
  const token = await sign({ ...CLAIMS, sub: "alice", email: "alice@example.org", name: "Alice", jti: "j-1" });
  expect(JSON.stringify(readHeader(`Bearer ${token}`))).not.toMatch(/alice|j-1/i);
});

test("equal profiles are one object, whatever they were read from", async () => {
  const other = await sign({ ...CLAIMS, exp: 2001, iat: 1010, sub: "other" }, { typ: "at+jwt" });
  const first = readHeader(`Bearer ${ACCESS_TOKEN}`);
  const second = read({ "messaging.header.authorization": `Bearer ${other}` });
  const told = read({
    [`${OWN}scheme`]: "Bearer",
    [`${OWN}format`]: "jwt",
    [`${OWN}fingerprint`]: `sha256:${"B".repeat(42)}A`,
    [`${OWN}token.issuer`]: "https://id.example/",
    [`${OWN}token.audiences`]: ["orders"],
    [`${OWN}token.client.id`]: "web",
    [`${OWN}token.type`]: "application/at+jwt",
    [`${OWN}token.algorithm`]: "ES256",
    [`${OWN}token.scopes`]: [],
    [`${OWN}token.issued_at`]: 1001,
    [`${OWN}token.expires_at`]: 2000,
  });
  expect(second.profile).toBe(first.profile);
  expect(told.profile).toBe(first.profile);
  expect(second.fingerprint).not.toEqual(first.fingerprint);
  expect(readHeader(`Bearer ${await sign({ ...CLAIMS, aud: "carts" })}`).profile).not.toBe(first.profile);
});

test("of a service account's token the pod that it is bound to is kept, as the resource's attribute names it", async () => {
  const uid = "0a1b2c3d-1111-4222-8333-444455556666";
  const idsOf = async (bound: unknown) =>
    readHeader(`Bearer ${await sign({ aud: "orders", "kubernetes.io": bound })}`).ids;
  const pod = { kind: CREDENTIAL_ID.pod, words: podIdOf(uid) };
  expect(await idsOf({ namespace: "shop", pod: { name: "orders-1", uid } })).toEqual([pod]);
  for (const bound of [{}, { pod: null }, { pod: uid }, { pod: { uid: 7 } }, { pod: { uid: `${uid}!` } }, null, uid]) {
    expect(await idsOf(bound)).toEqual([]);
  }
  const told = { [`${OWN}token.pod`]: uid, [`${OWN}fingerprint`]: `sha256:${"A".repeat(43)}` };
  expect(read(told).ids).toEqual([pod]);
  expect(read({ ...told, [`${OWN}token.pod`]: "orders-1" }).ids).toEqual([]);
});
