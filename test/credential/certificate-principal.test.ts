import { hash } from "node:crypto";
import { expect, test } from "vitest";
import { certificatePrincipal } from "../../src/credential/certificate-principal.ts";
import { der } from "../support/certificates.ts";

const thumbprint = (bytes: Buffer): string => `cert:${hash("sha256", bytes, "base64url")}`;

/** An element of DER with a short or a two-byte length. */
function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const SAN = Buffer.from("0603551d11", "hex");
const uri = (text: string) => element(0x86, Buffer.from(text, "latin1"));
const dns = (text: string) => element(0x82, Buffer.from(text, "latin1"));
const sanOf = (...names: readonly Uint8Array[]) => element(0x30, SAN, element(0x04, element(0x30, ...names)));

/** As much of a certificate as names are read from. */
function certificate(extensions: readonly Uint8Array[], subject: Uint8Array = Buffer.alloc(0)): Buffer {
  return element(0x30, element(0x30, element(0x30, subject), element(0xa3, element(0x30, ...extensions))));
}

test.each([
  ["its SPIFFE id", "workload", "spiffe://shop.example/ns/shop/sa/orders"],
  ["its DNS name", "server", "cert:localhost"],
] as const)("a sender is %s", (_, name, principal) => {
  expect(certificatePrincipal(der(name))).toBe(principal);
});

test("a certificate without a name of a machine is its digest", () => {
  expect(certificatePrincipal(der("plain"))).toBe(thumbprint(der("plain")));
});

test("a DNS name with a comma and a SPIFFE id in it poses as nobody's", () => {
  expect(certificatePrincipal(der("tricky"))).not.toContain("spiffe");
});

test("a URI goes before a DNS name, and a critical extension is read like another", () => {
  expect(certificatePrincipal(certificate([sanOf(dns("a.example"), uri("spiffe://a/b"))]))).toBe("spiffe://a/b");
  const critical = element(0x30, SAN, Buffer.from("0101ff", "hex"), element(0x04, element(0x30, uri("urn:x"))));
  expect(certificatePrincipal(certificate([critical]))).toBe("cert:urn:x");
});

test("only a URI is a SPIFFE id, wherever it stands among others, and of two neither is", () => {
  const dressed = certificate([sanOf(dns("spiffe://shop/admin"))]);
  expect(certificatePrincipal(dressed)).toBe("cert:spiffe://shop/admin");
  const second = certificate([sanOf(uri("https://a"), dns("a"), uri("spiffe://shop/own"))]);
  expect(certificatePrincipal(second)).toBe("spiffe://shop/own");
  const two = certificate([sanOf(uri("spiffe://shop/own"), uri("spiffe://shop/admin"))]);
  expect(certificatePrincipal(two)).toBe(thumbprint(two));
});

test("what stands in the subject and looks like an extension is no name", () => {
  const forged = Buffer.concat([SAN, element(0x04, element(0x30, uri("spiffe://shop/admin")))]);
  const own = certificate([sanOf(uri("spiffe://shop/own"))], element(0x31, element(0x30, forged)));
  expect(certificatePrincipal(own)).toBe("spiffe://shop/own");
  const nameless = certificate([], element(0x31, element(0x30, forged)));
  expect(certificatePrincipal(nameless)).toBe(thumbprint(nameless));
});

test.each([
  ["with a NUL", "spiffe://shop/own\u0000.evil"],
  ["with a blank", "spiffe://shop/a b"],
  ["with a character that is not ASCII", "spiffe://shop/\u00e9"],
  ["so long that it would be cut", `spiffe://shop/${"a".repeat(240)}`],
  ["that is empty", ""],
])("a name %s is none", (_, name) => {
  const bytes = certificate([sanOf(uri(name))]);
  expect(certificatePrincipal(bytes)).toBe(thumbprint(bytes));
});

test("the beginning of a certificate, or bytes that are none, are a digest and no error", () => {
  const whole = der("workload");
  for (let length = 0; length < whole.length; length += 7) {
    const cut = whole.subarray(0, length);
    expect(certificatePrincipal(cut)).toMatch(/^cert:|^spiffe:\/\/shop\.example\/ns\/shop\/sa\/orders$/u);
  }
  expect(certificatePrincipal(Buffer.from("3084ffffffff00", "hex"))).toMatch(/^cert:/u);
});
