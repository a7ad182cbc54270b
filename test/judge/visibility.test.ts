import { expect, test } from "vitest";
import { Visibility } from "../../src/judge/visibility.ts";
import { UNKNOWN_CREDENTIAL } from "../../src/model/credential.ts";
import type { ServiceSighting } from "../../src/model/facts.ts";
import type { Shape } from "../../src/model/graph.ts";
import { external, service, shapeOf, token } from "./support.ts";

function sighting(fields: Partial<ServiceSighting>): ServiceSighting {
  return {
    environment: "prod",
    service: "payments",
    runtime: null,
    release: null,
    spanCount: 1,
    inboundCount: 1,
    inboundCredentialCount: 0,
    outboundCount: 0,
    outboundCredentialCount: 0,
    seenMs: 0,
    ...fields,
  };
}

const PROOF = { ...UNKNOWN_CREDENTIAL, slot: "proof", role: "proof", quality: "full" } as const;
const PEER = { id: "spiffe://shop.example/checkout", source: "certificate", isVerified: false } as const;

/** What a service of one shape shows: credentials, proofs, tls, peers. */
function shownBy(fields: Partial<Shape>): readonly string[] {
  const visibility = new Visibility();
  visibility.learn({ shape: shapeOf(fields) });
  const name = shapeOf(fields).callee.name;
  return [
    ...(visibility.showsCredentials("prod", name) ? ["credentials"] : []),
    ...(visibility.showsProofs("prod", name) ? ["proofs"] : []),
    ...(visibility.showsTls("prod", name) ? ["tls"] : []),
    ...(visibility.showsPeers("prod", name) ? ["peers"] : []),
  ];
}

test("a service that showed credentials once is one that shows them, in that environment", () => {
  const visibility = new Visibility();
  visibility.learn({ service: sighting({}) });
  expect(visibility.showsCredentials("prod", "payments")).toBe(false);
  visibility.learn({ service: sighting({ inboundCredentialCount: 3 }) });
  visibility.learn({ service: sighting({}) });
  expect(visibility.showsCredentials("prod", "payments")).toBe(true);
  expect(visibility.showsCredentials("staging", "payments")).toBe(false);
});

test("a call shows what the callee's spans show, and a caller's view of a token shows nothing", () => {
  expect(shownBy({})).toEqual([]);
  expect(shownBy({ credential: token({}), credentialSeenBy: "callee" })).toEqual(["credentials"]);
  expect(shownBy({ credential: token({ quality: "absent" }), credentialSeenBy: "callee" })).toEqual(["credentials"]);
  expect(shownBy({ credential: token({}), credentialSeenBy: "caller" })).toEqual([]);
});

test("TLS that callers see is no sign that the service shows certificates", () => {
  expect(shownBy({ transport: "tls" })).toEqual(["tls"]);
  expect(shownBy({ transport: "plaintext" })).toEqual([]);
  expect(shownBy({ peer: PEER })).toEqual(["tls", "peers"]);
});

test("a proof is one wherever it stands, unless it is said to be absent", () => {
  const beside = token({ companions: [PROOF] });
  expect(shownBy({ credential: beside, credentialSeenBy: "callee" })).toEqual(["credentials", "proofs"]);
  expect(shownBy({ credential: beside, credentialSeenBy: "caller" })).toEqual([]);
  const absent = token({ companions: [{ ...PROOF, quality: "absent" }] });
  expect(shownBy({ credential: absent, credentialSeenBy: "callee" })).toEqual(["credentials"]);
});

test("only services have spans of their own to show anything", () => {
  expect(shownBy({ callee: external("api.stripe.com"), transport: "tls" })).toEqual([]);
  expect(shownBy({ callee: service("cart"), transport: "tls" })).toEqual(["tls"]);
});

test("who is seen in another light is told before it is learned, and not after", () => {
  const visibility = new Visibility();
  const payments = { environment: "prod", name: "payments" };
  const facts = [
    { service: sighting({ inboundCredentialCount: 1 }) },
    { shape: shapeOf({ peer: PEER }) },
    { shape: shapeOf({ credential: token({ companions: [PROOF] }), credentialSeenBy: "callee" }) },
  ] as const;
  for (const fact of facts) {
    expect(visibility.concernedBy(fact)).toEqual([payments]);
    visibility.learn(fact);
    expect(visibility.concernedBy(fact)).toEqual([]);
  }
  expect(visibility.concernedBy({ service: sighting({}) })).toEqual([]);
});
