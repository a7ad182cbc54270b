import { expect, test } from "vitest";
import type { JudgeContext } from "../../src/judge/judge-context.ts";
import { LearnedIdentities } from "../../src/judge/learned-identities.ts";
import type { CredentialProfile } from "../../src/model/credential.ts";
import type { Shape } from "../../src/model/graph.ts";
import { contextOf, EVIDENCE, fromOutside, judge, service, shapeOf, token, told } from "./support.ts";

const CORP = "https://idp.example";
const YAML = `
internal: { people: ["10.9.0.0/16", "8.8.8.0/24"], probes: ["GET /healthz"] }
issuers: { corp: { iss: "${CORP}/" } }
identities:
  orders-client: { issuer: corp, client: orders, usedBy: [orders], environments: [prod] }
  shared: { issuer: corp, client: jobs, usedBy: [web, stock] }
  spa: { issuer: corp, client: spa, human: true }
  agent: { kubernetes: kube/agent, usedBy: [stock] }
  metrics: { key: K1, usedBy: [orders] }
services:
  web:
    ingress: [{ from: internet }]
    calls:
      pay: { auth: [jwt] }
      stock: { token: { mode: passthrough, reason: for the user } }
      idp: { auth: [jwt] }
  orders: { identity: { spiffe: ["spiffe://shop/orders"], kubernetes: [shop/orders] }, calls: { pay: { token: { mode: own } } } }
  stock: { public: ["GET /prices"], ingress: [{ from: internet }], calls: { pay: { token: { mode: exchange, audiences: [pay] } } } }
  pay: {}
  edge: { traits: [gateway], calls: { pay: { token: { mode: own } } } }
  logs: { traits: [environment-neutral] }
  idp: { traits: [control-plane] }
`;

function context(): JudgeContext {
  return contextOf(YAML);
}

type Options = { readonly context?: JudgeContext; readonly fields?: Partial<Shape> };

/** What is told of a credential that a service presents to pay, about identities only. */
function presents(caller: string, credential: Partial<CredentialProfile>, options: Options = {}): readonly string[] {
  const shape = shapeOf({
    caller: service(caller),
    callee: service("pay"),
    credential: token({ issuer: CORP, client: null, ...credential }),
    credentialSeenBy: "callee",
    ...options.fields,
  });
  return told(judge(shape, options.context ?? context())).filter(
    (text) => !/^(?:undeclared|unknown|audience-missing|auth-method|token-type)/u.test(text),
  );
}

function learn(judged: JudgeContext, fields: Partial<Shape>, credential: Partial<CredentialProfile>): void {
  const shape = shapeOf({ ...fields, credential: token({ issuer: CORP, client: null, ...credential }) });
  judged.learned.identities.learn({ shape });
}

test("a client that belongs to another service is a mismatch", () => {
  expect(presents("web", { client: "orders" })).toEqual(["client-presenter-mismatch high"]);
  expect(presents("web", { format: "signature", keyId: "K1" })).toEqual(["client-presenter-mismatch high"]);
  const findings = judge(
    shapeOf({ caller: service("web"), callee: service("pay"), credential: token({ client: "orders" }) }),
    context(),
  );
  expect(findings.find(({ rule }) => rule === "client-presenter-mismatch")).toMatchObject({
    keyFields: [CORP, "orders", "", "web"],
    confidence: "high",
    about: { identity: "orders-client" },
    decidedBy: { says: "identities.orders-client.usedBy does not name it" },
  });
});

test("no mismatch: its own client, a shared one, people's, an unknown one, another issuer's, a transaction's", () => {
  expect(presents("orders", { client: "orders" })).toEqual([]);
  expect(presents("web", { client: "jobs" })).toEqual([]);
  expect(presents("orders", { client: "spa" })).toEqual([]);
  expect(presents("web", { client: "whoever" })).toEqual([]);
  expect(presents("web", { client: "orders", issuer: "https://else.example" })).toEqual([]);
  expect(presents("web", { client: "orders", role: "transaction" })).toEqual([]);
  expect(presents("web", { client: "orders", quality: "placeholder" })).toEqual([]);
  expect(presents("orders", { client: "jobs", actors: ["spiffe://shop/orders"] })).toEqual([]);
});

test("who may relay, or has received such tokens, may present another's client", () => {
  const fields = { callee: service("stock") };
  expect(presents("web", { client: "orders" }, { fields })).toEqual([]);
  const received = context();
  learn(received, { caller: service("orders"), callee: service("web") }, { client: "orders" });
  expect(presents("web", { client: "orders" }, { context: received })).toEqual([]);
  expect(presents("edge", { client: "orders" })).toEqual(["client-presenter-mismatch high"]);
  expect(presents("edge", { client: "orders" }, { fields: { callee: service("web") } })).toEqual([]);
});

test("a workload's token in another one's hands is critical, and a suspicion where names are not taken for true", () => {
  const workload = { subjectKind: "service", subject: "spiffe://shop/orders" } as const;
  expect(presents("web", workload)).toEqual(["workload-subject-mismatch critical"]);
  expect(presents("orders", workload)).toEqual([]);
  expect(presents("orders", { ...workload, subject: "spiffe://shop/else" })).toEqual([
    "workload-subject-mismatch critical",
  ]);
  expect(presents("web", { ...workload, subject: "spiffe://shop/else" })).toEqual([]);
  expect(presents("web", workload, { fields: { credentialSeenBy: "caller" } })).toEqual([
    "workload-subject-mismatch medium suspicious",
  ]);
  const strict = contextOf(`settings: { attestation: require }\n${YAML}`);
  expect(presents("web", workload, { context: strict })).toEqual(["workload-subject-mismatch medium suspicious"]);
});

test("a service account is a workload too, in the spelling of its subject", () => {
  const account = (name: string) => ({ subjectKind: "service", subject: `system:serviceaccount:${name}` }) as const;
  expect(presents("web", account("shop:orders"))).toEqual(["workload-subject-mismatch critical"]);
  expect(presents("orders", account("shop:orders"))).toEqual([]);
  expect(presents("stock", account("kube:agent"))).toEqual([]);
  expect(presents("web", account("kube:agent"))).toEqual([
    "client-presenter-mismatch high",
    "workload-subject-mismatch critical",
  ]);
});

test("a certificate of the presenter's own beside the token makes sure who it is", () => {
  const strict = contextOf(`settings: { attestation: require }\n${YAML}`);
  const peer = { id: "spiffe://shop/orders", source: "mesh", isVerified: true } as const;
  const options = { context: strict, fields: { peer } };
  expect(presents("orders", { subject: "spiffe://shop/else", subjectKind: "service" }, options)).toEqual([
    "workload-subject-mismatch critical",
  ]);
});

test("an identity in an environment that it is not declared for is critical", () => {
  const orders = { client: "orders" };
  expect(presents("orders", orders, { fields: { callerEnvironment: null, environment: "staging" } })).toEqual([
    "token-cross-environment critical",
  ]);
  expect(presents("orders", orders)).toEqual([]);
  expect(presents("orders", orders, { fields: { callerEnvironment: null, environment: "default" } })).toEqual([]);
  expect(
    presents("orders", orders, {
      fields: { callerEnvironment: null, environment: "staging", callee: service("logs") },
    }),
  ).toEqual([]);
  expect(presents("web", { client: "jobs" }, { fields: { callerEnvironment: null, environment: "staging" } })).toEqual(
    [],
  );
});

test("a machine client that two services present is shared, whatever the order", () => {
  const machine = { client: "batch", subjectKind: "service" } as const;
  const judged = context();
  for (const name of ["orders", "stock"]) {
    learn(judged, { caller: service(name), callee: service("pay") }, machine);
    expect(presents(name, machine, { context: judged })).toHaveLength(name === "orders" ? 0 : 1);
  }
  expect(presents("orders", machine, { context: judged })).toEqual(["shared-identity medium"]);
});

test("not shared: by declaration, by relay, in two environments, a person's, or by gateways", () => {
  const shared = (credential: Partial<CredentialProfile>, ...shapes: readonly Partial<Shape>[]) => {
    const judged = context();
    for (const fields of shapes) learn(judged, fields, credential);
    return presents("stock", credential, { context: judged });
  };
  const by = (caller: string, callee = "pay") => ({ caller: service(caller), callee: service(callee) });
  const batch = { client: "batch", subjectKind: "service" } as const;
  expect(shared(batch, by("orders"), by("stock"))).toEqual(["shared-identity medium"]);
  expect(shared({ ...batch, client: "jobs" }, by("web"), by("stock"))).toEqual([]);
  expect(shared(batch, by("orders", "stock"), by("stock"))).toEqual([]);
  expect(shared(batch, { ...by("orders"), environment: "staging" }, by("stock"))).toEqual([]);
  expect(shared({ ...batch, subjectKind: "user" }, by("orders"), by("stock"))).toEqual([]);
  expect(shared(batch, by("edge"), by("stock"))).toEqual([]);
});

test("what is learned of an identity concerns its presenters when it comes to be shared, and when it is not after all", () => {
  const book = new LearnedIdentities();
  const shape = (caller: string, callee: string) => ({
    shape: shapeOf({
      caller: service(caller),
      callee: service(callee),
      credential: token({ client: "batch", subjectKind: "service" }),
    }),
  });
  const tell = (caller: string, callee: string) => {
    const concerned = book.concernedBy(shape(caller, callee)).map(({ name }) => name);
    book.learn(shape(caller, callee));
    return concerned;
  };
  expect(tell("a", "x")).toEqual([]);
  expect(tell("a", "y")).toEqual([]);
  expect(tell("b", "x")).toEqual(["a", "b"]);
  expect(tell("c", "x")).toEqual([]);
  expect(tell("a", "b")).toEqual([]);
  expect(tell("a", "c")).toEqual(["a", "c"]);
});

test("a flood of shared names looks at a service's shapes a bounded number of times", () => {
  const book = new LearnedIdentities();
  let looks = 0;
  for (let n = 0; n < 1_000; n++) {
    for (const caller of ["a", "b"]) {
      const credential = token({ client: `c${n}`, subjectKind: "service" });
      const fact = { shape: shapeOf({ caller: service(caller), callee: service("x"), credential }) };
      looks += book.concernedBy(fact).length;
      book.learn(fact);
    }
  }
  expect(looks).toBe(32);
});

test("past 64 services nobody new shares an identity, and everybody may have received it", () => {
  const judged = context();
  const credential = { client: "batch", subjectKind: "service" } as const;
  for (let n = 0; n < 70; n++) learn(judged, { caller: service("a"), callee: service(`s${n}`) }, credential);
  const profile = token({ issuer: CORP, ...credential });
  expect(judged.learned.identities.recipients("prod", profile)).toBeNull();
  expect(judged.learned.identities.presenters("prod", profile)).toEqual([]);
});

test("a static secret where the call's auth does not list it is a finding; without auth it is posture", () => {
  const secret = (fields: Partial<CredentialProfile>, callee = "pay", caller = "web") =>
    told(
      judge(
        shapeOf({ caller: service(caller), callee: service(callee), credential: token({ client: null, ...fields }) }),
        context(),
      ),
    ).filter((text) => text.startsWith("static"));
  expect(secret({ slot: "api_key", format: "key" })).toEqual(["static-credential-on-service-hop medium"]);
  expect(secret({ scheme: "basic", format: "basic" })).toEqual(["static-credential-on-service-hop medium"]);
  expect(secret({ format: "signature", keyId: "AKIA2" })).toEqual(["static-credential-on-service-hop medium"]);
  expect(secret({ format: "signature", keyId: "ASIA2" })).toEqual([]);
  expect(secret({})).toEqual([]);
  expect(secret({ scheme: "basic", format: "basic" }, "idp")).toEqual([]);
  expect(secret({ companions: [token({ slot: "api_key", format: "key" })] })).toEqual([
    "static-credential-on-service-hop medium",
  ]);
  expect(secret({ slot: "api_key", format: "key" }, "stock")).toEqual([
    "static-credential-on-service-hop medium insufficient-evidence",
  ]);
  expect(secret({ slot: "api_key", format: "key" }, "cart")).toEqual([]);
});

test("a credential that changes on the way is drift where the call declares it, posture where not, nothing at a gateway", () => {
  const changed = (caller: string, callee = "pay") =>
    presents(caller, {}, { fields: { callee: service(callee), isCredentialChanged: true } });
  expect(changed("orders")).toEqual(["credential-changed-in-transit medium"]);
  expect(changed("web")).toEqual(["credential-changed-in-transit medium"]);
  expect(changed("stock")).toEqual([]);
  expect(changed("edge")).toEqual([]);
  const bare = contextOf("services: { a: { calls: { b: {} } }, b: {} }");
  const fields = { callee: service("b"), isCredentialChanged: true };
  expect(presents("a", {}, { context: bare, fields })).toEqual([
    "credential-changed-in-transit medium insufficient-evidence",
  ]);
  expect(presents("orders", {}, { fields: { isCredentialChanged: false } })).toEqual([]);
});

/** A request from outside to stock, from 8.8.8.8, where people sit. */
function byHand(
  fields: Partial<Shape>,
  credential: Partial<CredentialProfile>,
  address = "8.8.8.8",
): readonly string[] {
  const shape = fromOutside({
    callee: service("stock"),
    credential: token({ client: null, ...credential }),
    ...fields,
  });
  const judged = address === "8.8.8.8" ? context() : contextOf(YAML.replace(', "8.8.8.0/24"', ""));
  return told(judge(shape, judged)).filter((text) => text.startsWith("human"));
}

test("a machine's token from where people sit is a violation, with their tools alone a suspicion", () => {
  const machine = { subjectKind: "service", subject: "jobs" } as const;
  expect(byHand({}, machine)).toEqual(["human-use-of-machine-token high"]);
  expect(byHand({ isInteractive: true }, machine, "elsewhere")).toEqual([
    "human-use-of-machine-token medium suspicious",
  ]);
  expect(byHand({}, machine, "elsewhere")).toEqual([]);
});

test("people's own tokens, declared ones, probes, public operations and calls of services are not by hand", () => {
  const machine = { subjectKind: "service", subject: "jobs" } as const;
  expect(byHand({}, { subjectKind: "user" })).toEqual([]);
  expect(byHand({}, { ...machine, issuer: CORP, client: "spa" })).toEqual([]);
  expect(byHand({ operation: "GET /healthz" }, machine)).toEqual([]);
  expect(byHand({ operation: "GET /prices" }, machine)).toEqual([]);
  expect(byHand({ caller: service("web") }, machine)).toEqual([]);
  expect(byHand({ callee: service("nobody") }, machine)).toEqual([]);
  expect(EVIDENCE.clientAddress).toBeNull();
});
