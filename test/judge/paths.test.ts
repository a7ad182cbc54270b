import { expect, test } from "vitest";
import { judgeShape } from "../../src/judge/judge-shape.ts";
import { OUTSIDE } from "../../src/model/graph.ts";
import {
  contextOf,
  datastore,
  EVIDENCE,
  external,
  fromOutside,
  judge,
  SHOP,
  service,
  shapeOf,
  told,
  toldOfShape,
  WITHOUT_BASELINE,
} from "./support.ts";

test("a declared call is no finding", () => {
  expect(toldOfShape({})).toEqual([]);
});

test("an undeclared call names both services, the owner and the line that has no entry", () => {
  const [finding] = judge(shapeOf({ caller: service("checkout"), callee: service("inventory") }));
  expect(finding).toMatchObject({
    rule: "undeclared-call",
    severity: "medium",
    keyFields: ["checkout", "inventory"],
    owner: "team-checkout",
    summary: "checkout called inventory, which it does not declare",
    decidedBy: { says: "services.checkout.calls has no entry for inventory", position: { file: "shop.yaml" } },
    waysOut: ["declare", "except", "fix"],
    confidence: "high",
  });
});

test("a critical callee raises the severity one step, a refusal lowers it one, and each says so", () => {
  const [up] = judge(shapeOf({ type: "unattributed", caller: OUTSIDE }));
  expect(up).toMatchObject({
    rule: "unattributed-call",
    severity: "high",
    severityReasons: ["One step up: the callee is critical."],
  });
  const [held] = judge(shapeOf({ caller: service("cart"), callee: service("inventory"), outcome: "refused" }));
  expect(held).toMatchObject({ rule: "undeclared-call", severity: "low", controlHeld: true });
});

test("an alias and a port are still the declared service", () => {
  expect(toldOfShape({ caller: service("checkoutservice") })).toEqual([]);
  expect(toldOfShape({ callee: external("payments:8443") })).toEqual([]);
});

test("an internal host name is the service of its first label", () => {
  expect(toldOfShape({ callee: external("payments.shop.svc.cluster.local:80") })).toEqual([]);
  expect(toldOfShape({ callee: external("ledger.eu.svc.cluster.local") })).toEqual([
    "unknown-service medium",
    "undeclared-call medium",
  ]);
  expect(toldOfShape({ callee: external("inventory.svc.cluster.local") })).toEqual(["undeclared-call medium"]);
});

test("a public host is never taken for the service of its first label", () => {
  expect(toldOfShape({ callee: external("payments.evil.example") })).toEqual(["undeclared-egress high"]);
});

test("short names are those of the baseline's namespace", () => {
  const context = contextOf(
    `settings: { namespace: shop }\nservices: { checkout: { calls: { cart: {} } }, cart: {}, email: {} }`,
  );
  const call = (caller: string, callee: string) =>
    toldOfShape({ caller: service(caller), callee: service(callee) }, context);
  expect(call("checkout", "shop/cart")).toEqual([]);
  expect(call("shop/checkout", "email")).toEqual(["undeclared-call medium"]);
  expect(call("other/checkout", "shop/cart")).toEqual(["unknown-service medium", "undeclared-call medium"]);
});

test("a call that only a glob declares is declared", () => {
  const operation = "GET /reports/{id}";
  const context = contextOf(`services: { a: { calls: { "report-*": {} } }, report-b: {} }`);
  expect(toldOfShape({ caller: service("a"), callee: service("report-b"), operation }, context)).toEqual([]);
});

test("the exact entry decides before globs, and the longer literal prefix before the shorter", () => {
  const context = contextOf(`
services:
  a:
    calls:
      "r*": { operations: ["GET /r"] }
      "report-*": { operations: ["GET /report"] }
      "report-b*": { operations: ["GET /report"] }
      report-b: { operations: ["GET /b"] }
  report-b: {}
  report-c: {}
`);
  const call = (callee: string, operation: string) =>
    toldOfShape({ caller: service("a"), callee: service(callee), operation }, context);
  expect(call("report-b", "GET /b")).toEqual([]);
  expect(call("report-b", "GET /report")).toEqual(["undeclared-operation low"]);
  expect(call("report-c", "GET /report")).toEqual([]);
  expect(call("report-c", "GET /r")).toEqual(["undeclared-operation low"]);
});

test("self-calls and probes are no undeclared calls", () => {
  expect(toldOfShape({ caller: service("cart"), callee: service("cart") })).toEqual([]);
  expect(toldOfShape({ caller: service("cart"), callee: service("inventory"), operation: "GET /healthz" })).toEqual([]);
});

test("a message is a call from its producer to its consumer; the broker between is inventory", () => {
  const published = { operation: "publish:orders", via: "orders", protocol: "messaging" } as const;
  expect(toldOfShape({ ...published, type: "logical", caller: service("cart"), callee: service("inventory") })).toEqual(
    ["undeclared-call medium"],
  );
  expect(
    toldOfShape({ ...published, type: "destination", callee: { kind: "broker", name: "mq:kafka/orders" } }),
  ).toEqual([]);
});

test("an undeclared operation of a declared call is low; an operation nobody named is nothing", () => {
  const call = { caller: service("gateway"), callee: service("checkout") };
  expect(toldOfShape({ ...call, operation: "DELETE /orders" })).toEqual(["undeclared-operation low"]);
  expect(toldOfShape({ ...call, operation: null })).toEqual([]);
  expect(toldOfShape({ ...call, operation: "GET /healthz" })).toEqual([]);
  expect(toldOfShape({ ...call, operation: "POST /orders" })).toEqual([]);
});

test("a forbidden call is critical, hides that it is undeclared as well, and can only be fixed", () => {
  const findings = judge(shapeOf({ caller: service("gateway") }));
  expect(told(findings)).toEqual(["forbidden-call critical", "caller-refused high"]);
  expect(findings[0]).toMatchObject({
    summary: "gateway called payments, which is forbidden: through checkout only",
    waysOut: ["fix"],
  });
});

test("a forbidden call that was refused is a step lower", () => {
  expect(toldOfShape({ caller: service("gateway"), outcome: "refused" })).toContain("forbidden-call high");
});

test("forbidding wins over a declared call", () => {
  const context = contextOf(`
services: { a: { calls: { b: {} } }, b: {} }
forbidden: [{ match: { caller: "**", callee: b }, reason: retired }]
`);
  expect(toldOfShape({ caller: service("a"), callee: service("b") }, context)).toEqual(["forbidden-call critical"]);
  expect(told(judge(fromOutside({ callee: service("b") }), context))).toEqual(["undeclared-ingress medium"]);
});

test("a callee's callers count whatever the caller declares", () => {
  const context = contextOf(`services: { a: { calls: { b: {} } }, b: { callers: ["mobile-*"] } }`);
  expect(toldOfShape({ caller: service("a"), callee: service("b") }, context)).toEqual(["caller-refused high"]);
  expect(toldOfShape({ caller: service("mobile-ios"), callee: service("b") }, context)).not.toContain(
    "caller-refused high",
  );
});

test("an accepted call from nobody known is a finding where the callee restricts its callers or takes tokens", () => {
  const unseen = { type: "unattributed", caller: OUTSIDE } as const;
  expect(toldOfShape({ ...unseen })).toEqual(["unattributed-call high"]);
  expect(toldOfShape({ ...unseen, callee: service("inventory") })).toEqual(["unattributed-call medium"]);
  expect(toldOfShape({ ...unseen, callee: service("cart") })).toEqual([]);
  expect(toldOfShape({ ...unseen, callee: service("email") })).toEqual([]);
  expect(toldOfShape({ ...unseen, outcome: "refused" })).toEqual([]);
  expect(toldOfShape({ ...unseen, operation: "GET /healthz" })).toEqual([]);
});

test("a service that no baseline names is one finding, whoever meets it", () => {
  const asCaller = judge(shapeOf({ caller: service("miner"), callee: service("cart") }));
  const asCallee = judge(shapeOf({ callee: service("miner"), outcome: "refused" }));
  expect(told(asCaller)).toEqual(["unknown-service medium", "undeclared-call medium"]);
  expect(asCallee[0]).toEqual(asCaller[0]);
});

test("two services that no baseline names raise nothing but their being unknown", () => {
  const findings = toldOfShape({
    caller: service("miner"),
    callee: service("pool"),
    callerEnvironment: "staging",
    isExpired: true,
  });
  expect(findings).toEqual(["unknown-service medium", "unknown-service medium"]);
});

test("the collector's own buckets are no unknown services", () => {
  expect(toldOfShape({ caller: service("(unresolved)"), callee: service("(other)") })).toEqual([]);
});

test("a call from another environment is high, unless one of the two is unsaid", () => {
  expect(toldOfShape({ callerEnvironment: "staging", callee: service("cart") })).toEqual([
    "cross-environment-call high",
  ]);
  expect(toldOfShape({ callerEnvironment: "default" })).toEqual([]);
  expect(toldOfShape({ callerEnvironment: null })).toEqual([]);
  expect(toldOfShape({ callerEnvironment: "staging", environment: "default" })).toEqual([]);
});

test("a datastore is found by address, namespace, name or system, the more telling first", () => {
  const use = (caller: string, name: string) => toldOfShape({ caller: service(caller), callee: datastore(name) });
  expect(use("checkout", "db:postgresql/orders-db.prod:5432")).toEqual([]);
  expect(use("checkout", "db:postgresql/orders-db")).toEqual([]);
  expect(use("checkout", "orders-db")).toEqual([]);
  expect(use("checkout", "db:mysql/orders-db.prod")).toEqual(["undeclared-datastore high"]);
  expect(use("checkout", "db:postgresql/pay")).toEqual(["undeclared-datastore high"]);
  expect(use("cart", "db:redis/10.0.0.7:6379")).toEqual(["undeclared-datastore high"]);
  expect(use("miner", "db:postgresql/pay")).toEqual(["unknown-service medium"]);
});

test("a datastore that several entries may be is declared by any one of them", () => {
  const context = contextOf(`
services: { a: { uses: { second: {} } } }
datastores: { first: { system: redis }, second: { system: redis } }
`);
  expect(toldOfShape({ caller: service("a"), callee: datastore("db:redis/cache") }, context)).toEqual([]);
});

test("no port and no address tells two undeclared datastores apart", () => {
  const keyOf = (name: string) => judge(shapeOf({ callee: datastore(name) }))[0]?.keyFields[1];
  expect(keyOf("db:mysql/legacy:3306")).toBe("db:mysql/legacy");
  expect(keyOf("db:mysql/10.0.0.7:3306")).toBe("db:mysql/(ip)");
  expect(keyOf("db:mysql")).toBe("db:mysql");
});

test("an undeclared datastore goes by its declared name", () => {
  const [finding] = judge(shapeOf({ caller: service("cart"), callee: datastore("db:postgresql/pay") }));
  expect(finding).toMatchObject({ rule: "undeclared-datastore", keyFields: ["cart", "pay-db"] });
});

test("traffic with a public address enters only where ingress is declared", () => {
  const enter = (callee: string, operation: string | null) =>
    told(judge(fromOutside({ callee: service(callee), operation })));
  expect(enter("cart", "GET /")).toEqual(["undeclared-ingress medium"]);
  expect(enter("gateway", "POST /orders")).toEqual([]);
  expect(enter("gateway", "GET /admin")).toEqual(["undeclared-ingress medium"]);
  expect(enter("gateway", null)).toEqual([]);
  expect(enter("cart", "GET /healthz")).toEqual([]);
});

test("without evidence of the outside there is no ingress", () => {
  const enter = (clientAddress: string | null, origin: "public" | "private" | "unknown") =>
    told(judgeShape(fromOutside({ callee: service("cart"), origin }), { ...EVIDENCE, clientAddress }, SHOP));
  expect(enter("8.8.8.8", "public")).toEqual(["undeclared-ingress medium"]);
  expect(enter("203.0.113.9", "public")).toEqual([]);
  expect(enter("::ffff:10.0.0.1", "public")).toEqual([]);
  expect(enter("not an address", "public")).toEqual([]);
  expect(enter("8.8.8.8", "private")).toEqual([]);
  expect(enter(null, "unknown")).toEqual([]);
});

test("undeclared egress is one finding a registrable domain", () => {
  const keyOf = (host: string) => judge(shapeOf({ callee: external(host) }))[0]?.keyFields;
  expect(keyOf("a.evil.co.uk")).toEqual(["checkout", "evil.co.uk"]);
  expect(keyOf("b.evil.co.uk:8443")).toEqual(["checkout", "evil.co.uk"]);
});

test("declared externals, loopback and private addresses are no egress", () => {
  for (const host of ["api.stripe.com", "m.stripe.com", "stripe", "localhost:4318", "127.0.0.1", "[::1]:80"]) {
    expect([host, toldOfShape({ callee: external(host) })]).toEqual([host, []]);
  }
  expect(toldOfShape({ callee: external("10.0.0.5:80") })).toEqual([]);
  expect(toldOfShape({ callee: external("8.8.8.8") })).toEqual(["undeclared-egress high"]);
});

test("metadata addresses are a matter of their own however internal they look, and keep a key of their own", () => {
  for (const host of ["169.254.169.254", "fd00:ec2::254", "metadata.google.internal"]) {
    const findings = judge(shapeOf({ callee: external(host) }));
    expect(findings[0]).toMatchObject({ rule: "instance-metadata-credential-fetch", keyFields: ["checkout", host] });
  }
});

test("bare addresses are a suspicion only, as private ones are among them", () => {
  expect(toldOfShape({ callee: external("ext:(ip)") })).toEqual(["undeclared-egress medium suspicious"]);
});

test("a peer with a bare name that nothing declares is an unknown service", () => {
  for (const name of ["legacy:8080", "acme.Auth", "__proto__"]) {
    expect(toldOfShape({ callee: external(name) })).toEqual(["unknown-service medium", "undeclared-call medium"]);
  }
});

test("a caller known by name only is a service where the baseline names it", () => {
  expect(toldOfShape({ caller: external("checkout") })).toEqual([]);
  expect(toldOfShape({ caller: external("cart") })).toEqual(["caller-refused high", "undeclared-call high"]);
  expect(toldOfShape({ caller: external("scheduler"), callee: service("cart") })).toEqual([]);
});

test("without a baseline no path is a finding", () => {
  expect(toldOfShape({ callee: external("evil.example"), callerEnvironment: "staging" }, WITHOUT_BASELINE)).toEqual([]);
});
