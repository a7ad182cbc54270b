import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { describeCredential } from "../src/describe-credential.ts";
import { openFingerprintKeys } from "../src/fingerprint-key-file.ts";

const folder = mkdtempSync(join(tmpdir(), "trustdrift-describe-"));
afterAll(() => rmSync(folder, { recursive: true }));
const dbFile = join(folder, "trust.db");
const withoutKey = join(folder, "nowhere", "trust.db");
openFingerprintKeys(dbFile);

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
const SIGNED = [
  encode({ alg: "ES256", typ: "at+jwt" }),
  encode({ iss: "https://idp.example/", aud: "pay", client_id: "web", iat: 1_767_225_600, exp: 1_767_225_900 }),
].join(".");
const TOKEN = `${SIGNED}.${createHash("sha512").update(SIGNED).digest("base64url")}`;

async function* input(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text.slice(0, 7));
  yield Buffer.from(text.slice(7));
}

test("a bare token, a header's value and a header's line are one credential, and none of it comes back", async () => {
  const texts = [TOKEN, `Bearer ${TOKEN}\n`, `\n  authorization: Bearer ${TOKEN}\r\n`];
  const described = await Promise.all(texts.map((text) => describeCredential({ dbFile }, input(text))));
  expect(described[0]).toMatchObject({
    profile: { format: "jwt", quality: "full", issuer: "https://idp.example", audiences: ["pay"], client: "web" },
    isComparable: true,
    expiresAt: "2026-01-01T00:05:00.000Z",
    issuedAt: "2026-01-01T00:00:00.000Z",
  });
  expect(described[0]?.fingerprint).toMatch(/^h1:/u);
  expect(new Set(described.map(({ fingerprint }) => fingerprint)).size).toBe(1);
  for (const part of TOKEN.split(".")) expect(JSON.stringify(described)).not.toContain(part);
});

test("without the database's key there is no fingerprint, and no key is made for it", async () => {
  const described = await describeCredential({ dbFile: withoutKey }, input(TOKEN));
  expect(described).toMatchObject({ fingerprint: null, isComparable: true });
  expect(existsSync(join(folder, "nowhere"))).toBe(false);
});

test("nothing, two lines, too much and a header without credentials are refused without a word of them", async () => {
  for (const text of ["", " \n\n", "one\ntwo-secret", `${"secret".repeat(20_000)}`, "X-Request-Id: secret-1"]) {
    const refused = describeCredential({ dbFile }, input(text));
    await expect(refused).rejects.toMatchObject({ code: "bad-argument", message: expect.stringContaining("one line") });
    await expect(refused).rejects.not.toThrow(/secret/u);
  }
});
