import { expect, test } from "vitest";
import type { CredentialProfile } from "../../src/model/credential.ts";
import type { Shape } from "../../src/model/graph.ts";
import { contextOf, judge, service, shapeOf, token, toldOfShape } from "./support.ts";

const CORP = "https://idp.example";
const CONTEXT = contextOf(`
issuers:
  corp: { iss: "${CORP}", maxLifetime: { access: 2h } }
  mesh: { iss: "https://sts.example" }
services:
  web: { calls: { orders: {}, plain: {} } }
  orders:
    accepts:
      - { issuer: corp, audiences: [orders] }
      - { issuer: mesh, audiences: [orders], maxLifetime: 5m }
      - { issuer: "https://cluster.example", audiences: [orders] }
    public: ["GET /prices"]
  plain: {}
  pay: { criticality: critical, accepts: [{ issuer: corp, audiences: [pay] }] }
`);

const MINUTE = 60;
const HOUR = 3600;

function told(credential: Partial<CredentialProfile>, fields: Partial<Shape> = {}): readonly string[] {
  return toldOfShape(
    {
      caller: service("web"),
      callee: service("orders"),
      credential: token({ issuer: CORP, audiences: ["orders"], ...credential }),
      credentialSeenBy: "callee",
      ...fields,
    },
    CONTEXT,
  );
}

test("a token before its time, accepted, is a finding that can only be fixed", () => {
  expect(told({}, { isPremature: true })).toEqual(["premature-token-accepted medium"]);
  for (const outcome of ["refused", "error", "unknown"] as const) {
    expect(told({}, { isPremature: true, outcome })).toEqual([]);
  }
  expect(told({}, { isPremature: true, operation: "GET /prices" })).toEqual([]);
  const stranger = { caller: service("a"), callee: service("b") };
  expect(told({}, { ...stranger, isPremature: true })).not.toContain("premature-token-accepted medium");
  const [finding] = judge(
    shapeOf({
      caller: service("web"),
      callee: service("orders"),
      credential: token({ issuer: CORP, audiences: ["orders"] }),
      isPremature: true,
    }),
    CONTEXT,
  );
  expect(finding?.keyFields).toEqual(["orders", CORP, "web"]);
});

test("a lifetime is bounded by the callee, else by the issuer, else by custom", () => {
  const long = ["excessive-token-lifetime medium"];
  expect(told({ issuer: "https://sts.example", lifetimeS: 10 * MINUTE })).toEqual(long);
  expect(told({ issuer: "https://sts.example", lifetimeS: 5 * MINUTE })).toEqual([]);
  expect(told({ lifetimeS: 2 * HOUR })).toEqual([]);
  expect(told({ lifetimeS: 3 * HOUR })).toEqual(long);
  expect(told({ issuer: "https://cluster.example", lifetimeS: 2 * HOUR })).toEqual(long);
  expect(told({ lifetimeS: null })).toEqual([]);
});

test("each role has a bound of its own", () => {
  const cluster = { issuer: "https://cluster.example" };
  const account = { ...cluster, subject: "system:serviceaccount:shop:web" };
  expect(told({ ...account, lifetimeS: 24 * HOUR })).toEqual([]);
  expect(told({ ...account, lifetimeS: 25 * HOUR })).toEqual(["excessive-token-lifetime medium"]);
  expect(told({ ...account, lifetimeS: 365 * 24 * HOUR })).toEqual(["excessive-token-lifetime high"]);
  const transaction = { ...cluster, role: "transaction", slot: "txn_token" } as const;
  expect(told({ ...transaction, lifetimeS: 6 * MINUTE })).toEqual(["excessive-token-lifetime medium"]);
  expect(told({ ...transaction, lifetimeS: 5 * MINUTE })).toEqual([]);
  expect(told({ role: "refresh_token", slot: "query", lifetimeS: 90 * 24 * HOUR })).not.toContain(
    "excessive-token-lifetime medium",
  );
});

test("Entra's access tokens may take ninety minutes", () => {
  const entra = { issuer: "https://login.microsoftonline.com/t/v2.0" };
  const rule = (lifetimeS: number) => told({ ...entra, lifetimeS }).filter((text) => text.startsWith("excessive"));
  expect(rule(90 * MINUTE)).toEqual([]);
  expect(rule(100 * MINUTE)).toEqual(["excessive-token-lifetime medium"]);
});

test("a long life is posture where nobody declared anything about authentication", () => {
  const fields = { callee: service("plain") };
  expect(told({ issuer: null, lifetimeS: 5 * HOUR }, fields)).toEqual([
    "excessive-token-lifetime medium insufficient-evidence",
  ]);
  expect(told({ lifetimeS: 5 * HOUR }, fields)).toEqual(["excessive-token-lifetime medium"]);
  expect(told({ lifetimeS: 5 * HOUR }, { caller: service("a"), callee: service("b") })).not.toContain(
    "excessive-token-lifetime medium",
  );
});

test("a JWT without an end is high, in whatever slot, and one step lower where it was refused", () => {
  expect(told({ isExpiring: false })).toEqual(["non-expiring-credential high"]);
  expect(told({ isExpiring: false }, { outcome: "refused" })).toEqual(["non-expiring-credential medium"]);
  expect(told({ isExpiring: null })).toEqual([]);
  expect(
    told({ companions: [token({ slot: "session_cookie", isExpiring: false, issuer: CORP, audiences: ["orders"] })] }),
  ).toEqual(["non-expiring-credential high"]);
  expect(told({ companions: [token({ slot: "proof", role: "proof", isExpiring: false })] })).toEqual([]);
  expect(told({ format: "key", slot: "api_key", isExpiring: false })).not.toContain("non-expiring-credential high");
});
