import { expect, test } from "vitest";
import type { SeenShape } from "../../src/model/store.ts";
import type { BlastRadius } from "../../src/model/survey.ts";
import type { SurveyInput } from "../../src/reach/survey-input.ts";
import { surveyBlastRadius } from "../../src/reach/survey-reach.ts";
import { NOON_MS } from "../record/samples.ts";
import { baselineOf, call, inputOf, tokenFor } from "./support.ts";

const HOUR_MS = 3_600_000;

function radiusOf(name: string, shapes: readonly SeenShape[], fields: Partial<SurveyInput> = {}): BlastRadius {
  const [radius] = surveyBlastRadius(inputOf(shapes, fields), name);
  if (radius === undefined) throw new Error(`expected a blast radius of ${name}`);
  return radius;
}

/** How many services are reached in one step, two, three, and in the end. */
function stepsOf({ compromise }: BlastRadius): readonly number[] {
  return compromise.map(({ services }) => services.length);
}

test("a service reaches what it calls, and what those call, step by step, and not itself", () => {
  const chain = [call("a -> b"), call("b -> c"), call("c -> d"), call("d -> e"), call("e -> a")];
  const radius = radiusOf("a", chain);
  expect(stepsOf(radius)).toEqual([1, 2, 3, 4]);
  expect(radius.compromise.at(-1)).toMatchObject({ services: ["b", "c", "d", "e"], steps: null });
});

test("a refused call leads nowhere", () => {
  expect(stepsOf(radiusOf("a", [call("a -> b", null, { outcome: "refused" })]))).toEqual([0, 0, 0, 0]);
});

test("a received token opens every service that accepts its issuer and audience", () => {
  const shared = tokenFor("api", { client: "web" });
  const shapes = [call("web -> orders", shared), call("batch -> stock", tokenFor("api", { client: "batch" }))];
  const radius = radiusOf("orders", shapes);
  expect(radius.acceptance.services).toEqual(["stock"]);
  expect(radius.through).toEqual([{ credentials: "tokens of web for api from https://id.example", services: 1 }]);
  expect(
    radiusOf("orders", [shapes[0], call("batch -> stock", tokenFor("stock"))] as SeenShape[]).acceptance.services,
  ).toEqual([]);
});

test("a service that only declares that it accepts a token is within reach as well, under the audience's other spelling", () => {
  const baseline = baselineOf(`
issuers: { corp: { iss: "https://id.example", audienceAliases: { api: ["8f14e45f"] } } }
services:
  orders: {}
  ledger: { criticality: critical, accepts: [{ issuer: corp, audiences: ["ap*"] }] }
  other: { accepts: [{ issuer: "https://else.example", audiences: [api] }] }
`);
  const radius = radiusOf("orders", [call("web -> orders", tokenFor("8f14e45f"))], { baseline });
  expect(radius.acceptance).toEqual({ services: ["ledger"], weight: 8 });
});

test("a bound token is of use to whoever has its key only", () => {
  const bound = tokenFor("api", { confirmation: "jkt", client: "web" });
  const shapes = [call("web -> orders", bound), call("web -> stock", bound)];
  const radius = radiusOf("orders", shapes);
  expect(radius.acceptance.services).toEqual([]);
  expect(radius.acceptanceOfBound.services).toEqual(["stock"]);
  expect(stepsOf(radius)).toEqual([0, 0, 0, 0]);
});

test("a masked credential opens nothing, and lowers what is visible", () => {
  const masked = tokenFor("api", { quality: "placeholder", audiences: null, issuer: null });
  const radius = radiusOf("orders", [
    call("web -> orders", masked, { count: 3 }),
    call("web -> stock", tokenFor("api")),
  ]);
  expect(radius.acceptance.services).toEqual([]);
  expect(radius.confidence).toEqual({ hops: 4, visibleShare: 0.25, sampledShare: 1, attestedShare: 0 });
});

test("of all services in sight, those count as attested that only their senders speak for", () => {
  const shapes = [call("a -> b"), call("b -> c"), call("d -> b"), call("a -> db:pg")];
  const share = (...attested: readonly string[]) =>
    radiusOf("a", shapes, { attested: new Set(attested) }).confidence.attestedShare;
  expect(share()).toBe(0);
  expect(share("prod\na", "prod\nb", "test\nc", "prod\nelse")).toBe(0.5);
});

test("sampling is part of what the numbers rest on", () => {
  expect(radiusOf("a", [call("a -> b", null, { count: 1, estimated: 4 })]).confidence.sampledShare).toBe(0.25);
});

test("what is beyond the declared calls, and what was declared and never seen, stand apart", () => {
  const baseline = baselineOf("services: { a: { calls: { b: {}, c: {} } }, b: {}, c: {}, d: {} }");
  expect(radiusOf("a", [call("a -> b"), call("a -> d")], { baseline }).declared).toEqual({
    services: ["b", "c"],
    excess: { services: ["d"], weight: 2 },
    unused: ["c"],
    overprivilege: 0.5,
  });
  expect(radiusOf("a", [call("a -> b")]).declared).toBeNull();
});

test("datastores and hosts outside are those of all services within reach", () => {
  const shapes = [call("a -> b"), call("b -> db:orders"), call("b -> api.stripe.com"), call("c -> db:other")];
  expect(radiusOf("a", shapes)).toMatchObject({ datastores: ["db:orders"], egress: ["api.stripe.com"] });
});

test("an identity reaches who accepted it, and spreads over who presents it where", () => {
  const client = tokenFor("stock", { client: "nightly", subjectKind: "service" });
  const shapes = [
    call("batch -> stock", client),
    call("report -> stock", client, { environment: "dev" }),
    call("batch -> orders", client, { outcome: "refused" }),
  ];
  const found = surveyBlastRadius(inputOf(shapes), "nightly");
  expect(found.map(({ of, environment }) => [of, environment])).toEqual([
    ["identity", "dev"],
    ["identity", "prod"],
  ]);
  expect(found[1]).toMatchObject({
    direct: { services: ["stock"], weight: 2 },
    holders: ["batch", "orders", "stock"],
    presenters: ["batch"],
    environments: ["dev", "prod"],
    choke: null,
  });
});

test("an identity is found by its declared name, a service account by its own, and a certificate's by the certificate", () => {
  const baseline = baselineOf(
    "identities: { night: { client: nightly, usedBy: [batch] } }\nservices: { batch: { calls: { stock: {} } }, stock: {} }",
  );
  const shapes = [
    call("batch -> stock", tokenFor("stock", { client: "nightly" })),
    call("pod -> vault", tokenFor("vault", { client: null, subject: "system:serviceaccount:shop:pod" })),
    call("mesh -> vault", null, { peer: { id: "spiffe://td/mesh", source: "mesh", isVerified: true } }),
  ];
  expect(radiusOf("night", shapes, { baseline })).toMatchObject({ declared: { services: ["stock"], unused: [] } });
  expect(radiusOf("shop/pod", shapes).direct.services).toEqual(["vault"]);
  expect(radiusOf("spiffe://td/mesh", shapes).direct.services).toEqual(["vault"]);
  expect(surveyBlastRadius(inputOf(shapes), "nobody")).toEqual([]);
});

test("tokens that open several services are harvested; how long they still live is their exposure", () => {
  const [wide, narrow] = [tokenFor("api", { subjectKind: "user", lifetimeS: 3_600 }), tokenFor("own")];
  const shapes = [call("web -> orders", wide), call("web -> stock", wide), call("web -> orders", narrow)];
  const use = { environment: "prod", presenter: "web", recipient: "orders" };
  const tokens = [0, 1, 2, 3].map((index) => ({
    ...use,
    fingerprint: `t${index}`,
    credential: index < 3 ? wide : narrow,
    firstMs: NOON_MS + index * HOUR_MS,
    expiresAtS: index === 3 ? null : NOON_MS / 1000 + index * 3_600 + 600 * (index + 1),
  }));
  const radius = radiusOf("orders", shapes, { tokens });
  expect(radius.harvest).toEqual({ tokensPerHour: 1, userTokensPerDay: 3 });
  expect(radius.exposure).toEqual({ p50S: 1_200, p95S: 1_800, tokenHours: 6 });
  expect(radiusOf("orders", shapes).harvest).toBeNull();
});

test("a key says how long it has been there", () => {
  const key = tokenFor("", {
    format: "key",
    audiences: null,
    issuer: null,
    client: null,
    keyId: "AKIA1",
    isExpiring: false,
  });
  const radius = radiusOf("a", [call("a -> b", key, { firstSeenMs: NOON_MS - 49 * HOUR_MS })]);
  expect(radius.staticSecrets).toEqual([{ credentials: "keys of AKIA1", ageDays: 2 }]);
});

test("a thousand services that all accept one audience are surveyed within a second", () => {
  const services = Array.from({ length: 1_000 }, (_, index) => `s${index}`);
  const shapes = services.flatMap((name, index) =>
    [1, 7, 31].map((offset) => {
      const callee = services[(index + offset) % services.length] ?? "";
      return call(`${name} -> ${callee}`, tokenFor("api://default", { client: name }));
    }),
  );
  const startMs = performance.now();
  const radius = radiusOf("s0", shapes);
  expect(radius.compromise.at(-1)?.services).toHaveLength(999);
  // Ten times what it takes here alone: other tests run beside it.
  expect(performance.now() - startMs).toBeLessThan(5_000);
});
