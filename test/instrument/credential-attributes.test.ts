import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { expect, test } from "vitest";
import { credentialAttributes } from "../../instrument/instrument.ts";
import { API_KEY_HEADERS, ASSERTION_HEADERS } from "../../src/credential/header-names.ts";

// RFC 9449 section 7.1: an access token and its `ath`.
const RFC_TOKEN = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
const RFC_ATH = "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo";
const KEY_LINE = `k1 ${Buffer.alloc(32, 7).toString("base64url")}`;
const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
const PREFIX = "trustdrift.credential.";

function sign(claims: JWTPayload, typ = "at+jwt"): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: "ES256", typ }).sign(privateKey);
}

/** What is told of one slot, without the beginning of the names and without what is undefined. */
function tell(headers: Record<string, string | readonly string[]>, slot = "authorization", options = {}) {
  const told = Object.entries(credentialAttributes(headers, options));
  const own = told.filter(([name, value]) => name.startsWith(`${PREFIX}${slot}.`) && value !== undefined);
  return Object.fromEntries(own.map(([name, value]) => [name.slice(PREFIX.length + slot.length + 1), value]));
}

test("a service's token tells issuer, audiences, client, scopes, times and a digest that is the ath of RFC 9449", async () => {
  expect(tell({ Authorization: `DPoP ${RFC_TOKEN}` })).toEqual({
    present: true,
    scheme: "dpop",
    format: "opaque",
    fingerprint: `sha256:${RFC_ATH}`,
  });
  const claims = { iss: "https://id.example/", aud: "orders", client_id: "shop", sub: "shop", scope: "read write" };
  const token = await sign({ ...claims, iat: 1000, nbf: 1000, exp: 1300, jti: "t-1", act: { sub: "web" } });
  expect(tell({ authorization: `Bearer ${token}` })).toEqual({
    present: true,
    scheme: "bearer",
    format: "jwt",
    role: "access_token",
    fingerprint: expect.stringMatching(/^sha256:[\w-]{43}$/u),
    "token.type": "at+jwt",
    "token.algorithm": "ES256",
    "token.issuer": "https://id.example/",
    "token.audiences": ["orders"],
    "token.client.id": "shop",
    "token.scopes": ["read", "write"],
    "token.issued_at": 1000,
    "token.not_before": 1000,
    "token.expires_at": 1300,
    "token.id": expect.stringMatching(/^sha256:[\w-]{43}$/u),
    "token.subject": "shop",
    "token.subject_kind": "service",
    "token.actors": ["web"],
  });
});

test("a service account's token tells the pod that it is bound to", async () => {
  const uid = "0a1b2c3d-1111-4222-8333-444455556666";
  const bound = await sign({ aud: "orders", "kubernetes.io": { pod: { name: "orders-1", uid } } });
  expect(tell({ authorization: `Bearer ${bound}` })["token.pod"]).toBe(uid);
  for (const other of [undefined, null, "x", { pod: uid }, { pod: { uid: 7 } }]) {
    const token = await sign({ aud: "orders", "kubernetes.io": other });
    expect(tell({ authorization: `Bearer ${token}` })).not.toHaveProperty(["token.pod"]);
  }
});

test("a person is never named", async () => {
  const token = await sign({
    ...{ iss: "https://id.example", aud: "orders", sub: "jane@example.org", azp: "shopfront" },
    ...{ email: "jane@example.org", name: "Jane Doe", preferred_username: "jane", groups: ["admins-of-jane"] },
    act: { sub: "support@example.org", act: { sub: "bff" } },
  });
  const told = tell({ authorization: `Bearer ${token}` });
  expect(JSON.stringify(told)).not.toMatch(/jane|doe|support/iu);
  expect(told).toMatchObject({ "token.client.id": "shopfront", "token.actors": ["(person)", "bff"] });
  expect(told).not.toHaveProperty(["token.subject_hash"]);
  const uuid = await sign({ iss: "https://id.example", sub: "248289761001-4e5f-a1b2-c3d4e5f60718", azp: "shopfront" });
  expect(tell({ authorization: `Bearer ${uuid}` })).toHaveProperty(["token.subject_hash"]);
});

test.each([
  ["a SPIFFE id", { sub: "spiffe://shop.example/ns/shop/sa/web" }, "spiffe://shop.example/ns/shop/sa/web"],
  ["a service account", { sub: "system:serviceaccount:shop:web" }, "system:serviceaccount:shop:web"],
  ["Auth0's clients", { sub: "abc@clients", azp: "abc" }, "abc"],
  ["Entra's apps", { sub: "0d3c…", idtyp: "app", appid: "app-1" }, "app-1"],
  ["an unknown subject", { sub: "someone", azp: "abc" }, undefined],
])("%s is told as the subject it is", async (_, claims, subject) => {
  expect(tell({ authorization: `Bearer ${await sign(claims)}` })["token.subject"]).toBe(subject);
});

test("no part of any credential is told, and of what can be guessed not even a digest", async () => {
  const jwt = await sign({ iss: "https://id.example", aud: `${await sign({ aud: "inner" })}` });
  const headers = {
    authorization: `Basic ${Buffer.from("shop:hunter2").toString("base64")}`,
    "txn-token": jwt,
    "workload-identity-token": jwt,
    dpop: jwt,
    "x-api-key": "hunter2",
    "x-amz-security-token": "FwoGZXIvYXdzEBYaDExampleSessionToken",
    "x-forwarded-access-token": "ghp_0123456789abcdefghijklmnopqrstuvwxyz",
    "proxy-authorization": "Digest username=shop, response=6629fae49393a05397450978507c4ef1",
    cookie: "theme=dark; sid=0123456789abcdef; other=secret-of-another",
  };
  const told = JSON.stringify(credentialAttributes(headers, { sessionCookies: ["sid"] }));
  const secrets = [...Object.values(headers).flatMap((value) => value.split(/[ .;,=]+/u)), "hunter2"];
  const parts = secrets.filter((part) => part.length >= 7 && !["username", "response", "SHA-256"].includes(part));
  expect(parts.filter((part) => told.includes(part))).toEqual([]);
  expect(tell(headers)).toEqual({ present: true, scheme: "basic", format: "basic" });
  expect(tell(headers, "api_key")).toEqual({ present: true, format: "key", role: "api_key", location: "x-api-key" });
  expect(tell(headers, "session_cookie", { sessionCookies: ["sid"] })).toEqual({
    present: true,
    role: "session",
    location: "sid",
  });
  expect(tell({ authorization: "Bearer hunter2" })).toEqual({ present: true, scheme: "bearer" });
});

test.each([
  ["api_key", API_KEY_HEADERS],
  ["iap_assertion", ASSERTION_HEADERS],
])("of several headers of %s the one is told that the collector reads first", (slot, headers) => {
  for (const [at, name] of headers.entries()) {
    const sent = Object.fromEntries(headers.slice(at).map((each) => [each, "hunter2"]));
    expect(tell(sent, slot)).toMatchObject({ location: name });
  }
});

test("with the collector's key guessable secrets are told apart, and every fingerprint is keyed", async () => {
  const options = { fingerprintKey: KEY_LINE };
  const keyed = /^hmac-sha256:k1:[\w-]{43}$/u;
  const apiKey = (value: string) => tell({ "x-api-key": value }, "api_key", options).fingerprint;
  expect(apiKey("hunter2")).toMatch(keyed);
  expect(apiKey("hunter2")).toBe(apiKey("hunter2"));
  expect(apiKey("hunter3")).not.toBe(apiKey("hunter2"));
  expect(tell({ authorization: `Bearer ${RFC_TOKEN}` }, "authorization", options).fingerprint).toMatch(keyed);
  expect(() => credentialAttributes({}, { fingerprintKey: "not a key" })).toThrow(/fingerprint key/u);
});

test("a token that is bound to a key tells which, its proof tells the same key, and a missing proof is told", async () => {
  const jwk = await exportJWK(publicKey);
  const jkt = await calculateJwkThumbprint(jwk);
  const authorization = `DPoP ${await sign({ aud: "orders", cnf: { jkt } })}`;
  const proof = await new SignJWT({ jti: "1" })
    .setProtectedHeader({ alg: "ES256", typ: "dpop+jwt", jwk })
    .sign(privateKey);
  expect(tell({ authorization, dpop: proof })).toMatchObject({
    "token.confirmation.method": "jkt",
    "token.confirmation.thumbprint": jkt,
  });
  const told = tell({ authorization, dpop: proof }, "proof");
  expect(told).toMatchObject({ present: true, role: "proof", "token.confirmation.thumbprint": jkt });
  expect(told).not.toHaveProperty("fingerprint");
  expect(tell({ authorization }, "proof")).toEqual({ present: false });
  expect(tell({ authorization: `Bearer ${await sign({ aud: "orders" })}` }, "proof")).toEqual({});
  const certified = await sign({ cnf: { "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2" } });
  expect(tell({ authorization: `Bearer ${certified}` })).toMatchObject({ "token.confirmation.method": "x5t#S256" });
});

test("that nothing was presented is told, and two tokens in one header have no fingerprint", () => {
  expect(tell({})).toEqual({ present: false });
  expect(tell({ authorization: [`Bearer ${RFC_TOKEN}`, "Bearer another-token-0123456789"] })).toEqual({
    present: true,
  });
});

test.each([
  ["empty", ""],
  ["only a scheme", "Bearer"],
  ["cut", `Bearer ${Buffer.from('{"alg":"ES256"}').toString("base64url")}.eyJ`],
  ["not base64url", "Bearer eyJ!.eyJ?.x"],
  ["JSON that is no object", `Bearer ${Buffer.from("[1]").toString("base64url")}.W10.x`],
  [
    "claims of wrong types",
    `Bearer ${['{"alg":"none"}', '{"aud":[1,{}],"exp":"x","act":7,"cnf":[]}', ""].map((part) => Buffer.from(part).toString("base64url")).join(".")}`,
  ],
  ["huge", `Bearer ${"a".repeat(100_000)}`],
  ["control characters", "Bearer a\u0000b\u001b[31m"],
])("a header that is %s tells that it was there and never throws", (_, authorization) => {
  expect(tell({ authorization }).present).toBe(true);
});
