import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { CredentialReader, type CredentialValue } from "../../src/credential/credential-reader.ts";
import { fingerprintText } from "../../src/credential/fingerprint.ts";
import { HEADER, KEY, OWN, RFC_ATH, RFC_TOKEN, readSpan, sign } from "./credential-fixtures.ts";

const reader = new CredentialReader(KEY);
const TOKEN = await sign({ iss: "https://id.example", aud: ["orders"], client_id: "web", exp: 2000 });

function read(attributes: Record<string, CredentialValue>) {
  const facts = readSpan(reader, attributes);
  if (facts === null) throw new Error("expected facts, got none");
  return facts;
}

function fingerprintOf(attributes: Record<string, CredentialValue>): string | null {
  const words = read(attributes).fingerprint;
  return words === null ? null : fingerprintText(KEY, words);
}

test("the example of RFC 9449 has one fingerprint, raw or told as its ath", () => {
  const raw = fingerprintOf({ [HEADER]: [`DPoP ${RFC_TOKEN}`] });
  expect(raw).toMatch(/^h1:k1:[\w-]{22}$/);
  expect(fingerprintOf({ [`${OWN}fingerprint`]: `sha256:${RFC_ATH}` })).toBe(raw);
});

test("raw header, told digest, pipeline hex and our own HMAC converge", () => {
  const hex = createHash("sha256").update(TOKEN, "ascii").digest("hex");
  const ath = Buffer.from(hex, "hex").toString("base64url");
  const raw = fingerprintOf({ [HEADER]: `Bearer ${TOKEN}` });
  const keyed = raw?.slice("h1:k1:".length);
  const tellings: Record<string, CredentialValue>[] = [
    { [HEADER]: [`Bearer ${TOKEN}`] },
    { [HEADER]: TOKEN },
    { [HEADER]: ` bearer   ${TOKEN} ` },
    { "rpc.request.metadata.authorization": [`DPoP ${TOKEN}`] },
    { [`${OWN}fingerprint`]: `sha256:${ath}` },
    { [`${OWN}fingerprint`]: hex },
    { [`${OWN}fingerprint`]: hex.toUpperCase() },
    { [`${OWN}fingerprint`]: `hmac-sha256:k1:${keyed}` },
    { "trustdrift.token.fingerprint": `sha256:${ath}` },
    { [`${OWN}fingerprint`]: `sha256:${ath}`, [HEADER]: "[REDACTED]" },
  ];
  for (const attributes of tellings) expect(fingerprintOf(attributes), JSON.stringify(attributes)).toBe(raw);
});

test("another key gives another fingerprint", () => {
  const other = new CredentialReader({ id: "k2", bytes: new Uint8Array(32).fill(8) });
  const attributes = { [HEADER]: `Bearer ${TOKEN}` };
  expect(readSpan(other, attributes)?.fingerprint).not.toEqual(read(attributes).fingerprint);
});

test.each([
  ["of another key", `hmac-sha256:k2:${"A".repeat(43)}`],
  ["of another kind", "md5:0123456789abcdef"],
  ["of SHA-1", "0123456789abcdef0123456789abcdef01234567"],
])("a fingerprint %s compares with nothing", (_, text) => {
  expect(read({ [`${OWN}fingerprint`]: text, [`${OWN}token.audiences`]: ["orders"] })).toMatchObject({
    profile: { quality: "foreign-digest", audiences: ["orders"] },
    fingerprint: null,
  });
});

test.each([
  { [`${OWN}scheme`]: "basic" },
  { [`${OWN}format`]: "key" },
  { [`${OWN}role`]: "api_key" },
  { [`${OWN}scheme`]: "ApiKey" },
])("a bare digest of a guessable secret is refused: %j", (attributes) => {
  expect(read({ ...attributes, [`${OWN}fingerprint`]: `sha256:${RFC_ATH}` })).toMatchObject({
    profile: { quality: "foreign-digest" },
    fingerprint: null,
  });
});

test("a password is keyed directly: its digest, told as a token's, gives another fingerprint", () => {
  const password = "d2ViOmh1bnRlcjI=";
  const digest = createHash("sha256").update(password).digest("base64url");
  const basic = fingerprintOf({ [HEADER]: `Basic ${password}` });
  expect(basic).not.toBeNull();
  expect(fingerprintOf({ [`${OWN}fingerprint`]: `sha256:${digest}` })).not.toBe(basic);
  expect(fingerprintOf({ [HEADER]: `ApiKey ${password}` })).not.toBe(basic);
  expect(fingerprintOf({ [HEADER]: `Basic ${password}`, [`${OWN}fingerprint`]: `sha256:${digest}` })).toBe(basic);
});

test("present=false is an observed absence, whatever else is told", () => {
  for (const value of [false, "false"]) {
    expect(read({ [`${OWN}present`]: value, [HEADER]: `Bearer ${TOKEN}` })).toMatchObject({
      profile: { quality: "absent", audiences: null, scheme: "" },
      fingerprint: null,
    });
  }
});

test("present=true alone says that something was presented, and no more", () => {
  expect(read({ [`${OWN}present`]: true })).toMatchObject({ profile: { quality: "placeholder" }, fingerprint: null });
});

test("told facts win over the header, one by one", () => {
  const facts = read({
    [HEADER]: `Bearer ${TOKEN}`,
    [`${OWN}token.audiences`]: ["b", "a", "a"],
    [`${OWN}token.expires_at`]: 5000,
    [`${OWN}verified`]: true,
  });
  expect(facts.profile).toMatchObject({
    quality: "full",
    scheme: "bearer",
    format: "jwt",
    issuer: "https://id.example",
    audiences: ["a", "b"],
    client: "web",
    isVerified: true,
  });
  expect(facts.expiresAtS).toBe(5000);
  expect(facts.fingerprint).toEqual(read({ [HEADER]: `Bearer ${TOKEN}` }).fingerprint);
});

test("told facts suffice without a header", () => {
  const facts = read({
    [`${OWN}present`]: true,
    [`${OWN}scheme`]: "Bearer",
    [`${OWN}format`]: "opaque",
    [`${OWN}fingerprint`]: `sha256:${RFC_ATH}`,
    [`${OWN}token.issuer`]: "https://id.example//",
    [`${OWN}token.audiences`]: "orders",
    [`${OWN}token.client.id`]: "web",
    [`${OWN}token.expires_at`]: 2000,
    [`${OWN}token.issued_at`]: "1000",
    [`${OWN}token.not_before`]: 1001,
  });
  expect(facts).toMatchObject({
    profile: {
      scheme: "bearer",
      format: "opaque",
      role: "access_token",
      quality: "full",
      issuer: "https://id.example",
      audiences: ["orders"],
      client: "web",
    },
    expiresAtS: 2000,
    issuedAtS: 1000,
    notBeforeS: 1001,
  });
});

test("told audiences make up for a masked header, masked audiences do not hide a seen one", () => {
  expect(read({ [HEADER]: "****", [`${OWN}token.audiences`]: ["orders"] }).profile).toMatchObject({
    quality: "full",
    audiences: ["orders"],
  });
  expect(read({ [HEADER]: `Bearer ${TOKEN}`, [`${OWN}token.audiences`]: ["[REDACTED]"] }).profile).toMatchObject({
    quality: "full",
    audiences: ["orders"],
  });
});

test("an empty list of audiences says that the token has none", () => {
  expect(read({ [`${OWN}token.audiences`]: [] }).profile).toMatchObject({ quality: "full", audiences: [] });
});

test.each([
  [{ [`${OWN}role`]: "id_token", [`${OWN}token.type`]: "at+jwt" }, "id_token"],
  [{ [`${OWN}token.type`]: "txntoken+jwt" }, "transaction"],
  [{ [`${OWN}role`]: "made-up" }, "access_token"],
])("the role told by %j is %s", (attributes, role) => {
  expect(read({ [HEADER]: `Bearer ${TOKEN}`, ...attributes }).profile.role).toBe(role);
});

test("the short spelling gives way to the full one, in either order", () => {
  const short = { "trustdrift.token.audiences": ["short"] };
  const full = { [`${OWN}token.audiences`]: ["full"] };
  expect(read(short).profile.audiences).toEqual(["short"]);
  expect(read({ ...short, ...full }).profile.audiences).toEqual(["full"]);
  expect(read({ ...full, ...short }).profile.audiences).toEqual(["full"]);
});

test("a scheme that is not known is not repeated", () => {
  expect(read({ [`${OWN}scheme`]: "hunter2", [`${OWN}token.issuer`]: "i" }).profile.scheme).toBe("");
});
