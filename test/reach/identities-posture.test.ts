import { expect, test } from "vitest";
import type { SeenShape } from "../../src/model/store.ts";
import type { PostureRow } from "../../src/model/survey.ts";
import { observeIdentities } from "../../src/reach/observe-identities.ts";
import { observePosture } from "../../src/reach/observe-posture.ts";
import { tokenUses } from "../../src/reach/token-uses.ts";
import { NOON_MS, pairs } from "../record/samples.ts";
import { baselineOf, call, inputOf, tokenFor } from "./support.ts";

test("an identity has its owner, its presenters and recipients, and both of its ends in time", () => {
  const baseline = baselineOf(`
owners: { ops: {} }
issuers: { corp: { iss: "https://id.example" } }
identities: { night: { issuer: corp, client: nightly, usedBy: [batch], retired: "2026-01-01" } }
services: { batch: { owner: ops } }
`);
  const client = tokenFor("stock", { client: "nightly" });
  const shapes = [
    call("batch -> stock", client, { count: 3 }),
    call("thief -> orders", client, { outcome: "refused", environment: "dev", lastSeenMs: NOON_MS + 5 }),
  ];
  expect(observeIdentities(inputOf(shapes, { baseline }))).toEqual([
    {
      kind: "client",
      name: "nightly",
      issuer: "https://id.example",
      declaredAs: "night",
      owner: "ops",
      isHuman: false,
      retired: "2026-01-01",
      presenters: ["batch", "thief"],
      recipients: ["orders", "stock"],
      environments: ["dev", "prod"],
      count: 4,
      refused: 1,
      firstSeen: "2026-01-02T12:00:00.000Z",
      lastSeen: "2026-01-02T12:00:00.005Z",
    },
  ]);
});

test("one client of two issuers is two identities, a credential and its companion two, a masked one none", () => {
  const key = tokenFor("", { format: "key", client: null, issuer: null, audiences: null, keyId: "AKIA1" });
  const shapes = [
    call("a -> b", tokenFor("b", { companions: [key] })),
    call("a -> b", tokenFor("b", { issuer: "https://other.example" })),
    call("a -> b", tokenFor("b", { client: "masked", quality: "placeholder" })),
  ];
  const found = observeIdentities(inputOf(shapes)).map(({ kind, name, issuer }) => `${kind} ${name} ${issuer}`);
  expect(found).toEqual([
    "client checkout https://id.example",
    "client checkout https://other.example",
    "key AKIA1 null",
  ]);
});

function doors(shapes: readonly SeenShape[], yaml = "services: {}"): readonly PostureRow[] {
  return observePosture(inputOf(shapes, { baseline: baselineOf(yaml) }));
}

test("a door tells what is seen on its calls", () => {
  const peer = { id: "spiffe://td/web", source: "mesh", isVerified: true } as const;
  const [row] = doors([
    call("web -> pay", tokenFor("pay", { scopes: ["charge"], lifetimeS: 900 }), { peer }),
    call("web -> pay", tokenFor("pay", { lifetimeS: 7_200 })),
    call("web -> pay", tokenFor("else"), { outcome: "refused" }),
  ]);
  expect(row).toMatchObject({
    service: "pay",
    issuer: "https://id.example",
    methods: ["jwt", "mtls"],
    audiences: ["pay"],
    hasRefusedAudience: true,
    scopes: ["charge"],
    mtls: "sometimes",
    lifetimeMaxS: 7_200,
    weaknesses: ["long lifetime"],
    count: 3,
    refused: 1,
  });
});

test("weaknesses are those of accepted calls", () => {
  const key = tokenFor("", { format: "key", issuer: null, audiences: null });
  const of = (shape: SeenShape, yaml?: string) => doors([shape], yaml)[0]?.weaknesses;
  expect(of(call("a -> b", tokenFor("b"), { transport: "plaintext" }))).toEqual(["plaintext bearer"]);
  expect(of(call("a -> b", tokenFor("b"), { transport: "plaintext" }), 'settings: { meshTls: ["b"] }')).toEqual([]);
  expect(of(call("a -> b", key))).toEqual(["static credential"]);
  expect(of(call("a -> b", key, { outcome: "refused" }))).toEqual([]);
  expect(of(call("a -> b", tokenFor("*")))).toEqual(["over-broad audience"]);
  expect(of(call("a -> b", tokenFor("b"), { isCredentialChanged: true }))).toEqual(["changed in transit"]);
  expect(of(call("a -> b", tokenFor("b", { quality: "absent", format: "unknown" })))).toEqual(["no credential"]);
  expect(of(call("a -> b"))).toEqual([]);
});

test("a refusal because of the time says nothing of audiences", () => {
  const expired = call("web -> pay", tokenFor("else"), { outcome: "refused", isExpired: true });
  expect(doors([call("web -> pay", tokenFor("pay")), expired])[0]?.hasRefusedAudience).toBe(false);
});

test("the one lax door among strict ones is marked, and what all do is not", () => {
  const strict = ["a", "b", "c"].flatMap((name) => [
    call(`web -> ${name}`, tokenFor(name, { lifetimeS: 7_200 })),
    call(`web -> ${name}`, tokenFor("else"), { outcome: "refused" }),
  ]);
  const lax = call("web -> d", tokenFor("d", { lifetimeS: 7_200 }), { transport: "plaintext" });
  const rows = doors([...strict, lax]);
  expect(rows.map(({ service, laxIn }) => [service, laxIn])).toEqual([
    ["a", []],
    ["b", []],
    ["c", []],
    ["d", ["plaintext bearer", "never refused"]],
  ]);
  expect(rows[0]?.weaknesses).toEqual(["long lifetime"]);
});

test("among two nobody stands out", () => {
  const rows = doors([call("web -> a", tokenFor("a")), call("web -> b", tokenFor("b"), { transport: "plaintext" })]);
  expect(rows.map(({ laxIn }) => laxIn)).toEqual([[], []]);
});

test("remembered pairs are uses of tokens, a later row of one pair in the place of an earlier", () => {
  const uses = tokenUses([pairs(0), { ...pairs(0), firstMs: Float64Array.of(7) }]);
  expect(uses).toMatchObject([
    { fingerprint: "1 2 3 4", presenter: "checkout", recipient: "payments", firstMs: 7, expiresAtS: null },
  ]);
});
