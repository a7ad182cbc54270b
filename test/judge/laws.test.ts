import fc from "fast-check";
import { expect, test } from "vitest";
import { createJudgeContext } from "../../src/judge/judge-context.ts";
import { judgePresentation } from "../../src/judge/judge-presentation.ts";
import { judgeRelay } from "../../src/judge/judge-relay.ts";
import { judgeShape } from "../../src/judge/judge-shape.ts";
import { RULES } from "../../src/judge/rules.ts";
import type { Baseline } from "../../src/model/baseline.ts";
import type { CredentialProfile } from "../../src/model/credential.ts";
import { SEVERITIES } from "../../src/model/finding.ts";
import { compileGlob, type Glob } from "../../src/model/glob.ts";
import type { GraphNode, Shape } from "../../src/model/graph.ts";
import {
  contextOf,
  datastore,
  EVIDENCE,
  external,
  fromOutside,
  judge,
  presentationOf,
  relayOf,
  SHOP,
  service,
  shapeOf,
  token,
} from "./support.ts";

const RULE_IDS: ReadonlySet<string> = new Set(RULES.map((rule) => rule.id));

type DeclaredEdge = {
  readonly caller: string;
  readonly callee: string;
  readonly operation: string;
  readonly audience: string;
  readonly namespace: string;
  readonly isReportedShort: boolean;
};

const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/u);
const edge: fc.Arbitrary<DeclaredEdge> = fc
  .record({
    caller: word,
    callee: word,
    operation: fc.oneof(
      word.map((path) => `GET /${path}/{id}`),
      word.map((topic) => `publish:${topic}`),
    ),
    audience: word,
    namespace: fc.constantFrom("", "shop"),
    isReportedShort: fc.boolean(),
  })
  .filter(({ caller, callee }) => caller !== callee);

function declare({ caller, callee, operation, audience, namespace }: DeclaredEdge) {
  return contextOf(`
settings: { namespace: "${namespace}" }
issuers: { corp: { iss: "https://idp.example/" } }
services:
  "${caller}":
    calls: { "${callee}": { operations: ["${operation}"], token: { mode: own, audiences: ["${audience}"] } } }
    uses: { "db-${callee}": {} }
  "${callee}":
    criticality: critical
    callers: ["${caller}"]
    accepts: [{ issuer: corp, audiences: ["${audience}"] }]
    ingress: [{ from: internet, operations: ["${operation}"] }]
datastores: { "db-${callee}": { system: postgresql, match: { address: "${callee}.*" } } }
externals: { "ext-${callee}": { hosts: ["*.${callee}.example"] } }
`);
}

function declaredShapes({ caller, callee, operation, audience, namespace, isReportedShort }: DeclaredEdge): Shape[] {
  const name = (short: string) => (namespace === "" || isReportedShort ? short : `${namespace}/${short}`);
  const credential = token({ audiences: [audience] });
  const shape = { caller: service(name(caller)), operation, credential, credentialSeenBy: "callee" } as const;
  return [
    shapeOf({ ...shape, callee: service(name(callee)) }),
    shapeOf({ ...shape, callee: service(name(callee)), type: "logical", via: "topic" }),
    shapeOf({ ...shape, callee: external(`${callee}:8080`) }),
    shapeOf({ ...shape, callee: external(`api.${callee}.example`), credential: null }),
    shapeOf({ ...shape, callee: datastore(`db:postgresql/${callee}.prod:5432`), credential: null }),
    fromOutside({ ...shape, caller: fromOutside({}).caller, callee: service(name(callee)) }),
  ];
}

test("a declared hop is never a finding", () => {
  fc.assert(
    fc.property(edge, (declared) => {
      const context = declare(declared);
      for (const shape of declaredShapes(declared)) expect(judge(shape, context)).toEqual([]);
    }),
  );
});

const oddName = fc.oneof(
  fc.constantFrom("__proto__", "constructor", "", "/", ".", "db:", "db:/", "ext:(ip)", "[::1]:80", "[", "a/b/c", "(x)"),
  fc.constantFrom("checkout", "payments", "gateway", "email", "external", "api.stripe.com", "db:redis/x"),
  fc.string({ unit: "binary", maxLength: 20 }),
);
const node: fc.Arbitrary<GraphNode> = fc.record({
  kind: fc.constantFrom("service", "datastore", "broker", "external"),
  name: oddName,
});
const credential: fc.Arbitrary<CredentialProfile> = fc
  .record({
    format: fc.constantFrom("jwt", "opaque", "key", "basic", "signature", "unknown"),
    role: fc.constantFrom("access_token", "transaction", "workload_identity", "unknown"),
    quality: fc.constantFrom("full", "foreign-digest", "placeholder", "truncated", "ambiguous", "absent", "unparsable"),
    issuer: fc.option(fc.oneof(oddName, fc.constant("https://idp.example"))),
    audiences: fc.option(fc.array(fc.oneof(oddName, fc.constant("checkout-api")), { maxLength: 3 })),
    client: fc.option(oddName),
  } as const)
  .map((fields) => token(fields as Partial<CredentialProfile>));
const outcome = fc.constantFrom("ok", "refused", "error", "unknown");
const shape: fc.Arbitrary<Shape> = fc
  .record({
    environment: fc.constantFrom("prod", "default", "__proto__"),
    callerEnvironment: fc.option(fc.constantFrom("prod", "staging", "default")),
    caller: node,
    callee: node,
    type: fc.constantFrom("direct", "logical", "destination", "unattributed"),
    operation: fc.option(fc.oneof(oddName, fc.constant("POST /orders"))),
    credential: fc.option(credential),
    credentialSeenBy: fc.constantFrom("callee", "caller", null),
    outcome,
    isExpired: fc.boolean(),
    origin: fc.constantFrom("public", "private", "unknown"),
  } as const)
  .map((fields) => shapeOf(fields as Partial<Shape>));

test("a call through a proxy is judged by its hops to and from the proxy, and not once more", () => {
  fc.assert(
    fc.property(shape, (any) => {
      expect(judge({ ...any, type: "proxied" }, SHOP)).toEqual([]);
    }),
  );
});

test("judging is total, repeatable, and only suspicions are capped at medium", () => {
  const evidence = fc.record({ clientAddress: fc.option(fc.oneof(oddName, fc.constant("8.8.8.8"))) });
  fc.assert(
    fc.property(shape, evidence, (judged, { clientAddress }) => {
      const findings = judgeShape(judged, { ...EVIDENCE, clientAddress }, SHOP);
      expect(judgeShape(judged, { ...EVIDENCE, clientAddress }, SHOP)).toEqual(findings);
      for (const finding of findings) {
        expect(RULE_IDS).toContain(finding.rule);
        expect(finding.keyFields.flat()).not.toContain(undefined);
        if (finding.verdict === "suspicious") expect(SEVERITIES.indexOf(finding.severity)).toBeLessThan(3);
      }
    }),
    { numRuns: 1000 },
  );
});

test("relays and presentations are judged whatever their names", () => {
  const relay = fc.record({ service: oddName, next: node, credential, outcome } as const);
  const pairs = fc.array(
    fc.record({
      presenter: fc.option(oddName),
      recipient: node,
      isRelayed: fc.boolean(),
      isAccepted: fc.boolean(),
      firstMs: fc.integer({ min: 0, max: 3 }),
      presenterRuntime: fc.option(fc.constantFrom("go", "java")),
    }),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(relay, pairs, (relayed, presented) => {
      expect(judgeRelay(relayOf(relayed), SHOP).length).toBeLessThan(2);
      const found = judgePresentation(presentationOf(presented, relayed.credential), SHOP);
      for (const { finding } of found) expect(RULE_IDS).toContain(finding.rule);
    }),
    { numRuns: 1000 },
  );
});

test("a verdict asks no more patterns of ten thousand declarations than of ten", () => {
  const hop = shapeOf({ caller: service("s1"), callee: external("api.e3.test") });
  const asked = [10, 10_000].map((size) => {
    const counter = { asked: 0 };
    const context = createJudgeContext(manyDeclarations(size, counter));
    expect(judge(hop, context)).toEqual([]);
    return counter.asked;
  });
  expect(asked).toEqual([1, 1]);
});

/** Services, externals, datastores and forbidden edges, so many of each, which count the patterns that are tried. */
function manyDeclarations(size: number, counter: { asked: number }): Baseline {
  const numbers = Array.from({ length: size }, (_, index) => index);
  const [cart] = SHOP.baseline.services.values();
  const [ordersDb] = SHOP.baseline.datastores.values();
  if (cart === undefined || ordersDb === undefined)
    throw new Error("expected the shop to have services and datastores");
  const { position } = cart;
  const counted = (text: string, separator: "/" | "." = "/"): Glob => {
    const glob = compileGlob(text, separator);
    const matches = (value: string) => {
      counter.asked += 1;
      return glob.matches(value);
    };
    return { ...glob, matches };
  };
  return {
    ...SHOP.baseline,
    services: new Map(numbers.map((n) => [`s${n}`, { ...cart, name: `s${n}` }])),
    externals: new Map(
      numbers.map((n) => [
        `e${n}`,
        { name: `e${n}`, position, hosts: [counted(`*.e${n}.test`, ".")], owner: null, tokenIssuers: [] },
      ]),
    ),
    datastores: new Map(numbers.map((n) => [`d${n}`, { ...ordersDb, address: counted(`d${n}.*`, ".") }])),
    forbidden: numbers.map((n) => ({
      position,
      caller: counted("**"),
      callee: counted(`e${n}/*`),
      reason: "no",
    })),
  };
}
