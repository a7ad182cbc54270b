import { join } from "node:path";
import { expect, test } from "vitest";
import { diagnose } from "../../../src/diagnose.ts";
import { UNKNOWN_CREDENTIAL } from "../../../src/model/credential.ts";
import { survey } from "../../../src/survey.ts";
import { counted, credential, newShape, oddity, pairs, relay, sighting } from "../../record/samples.ts";
import { writeBaseline } from "../../support/collector-process.ts";
import { testFolder } from "./folder.ts";
import { run as runWith, writeDatabase } from "./run.ts";

const folder = testFolder();
const db = join(folder, "trust.db");
const USER = credential({ client: "web", audiences: ["orders"], subjectKind: "user" });

const service = (name: string) => ({ kind: "service", name }) as const;
const calls = [
  newShape({
    key: "a",
    caller: service("web"),
    callee: service("orders"),
    credential: USER,
    credentialSeenBy: "callee",
  }),
  newShape({
    key: "b",
    caller: service("orders"),
    callee: service("stock"),
    credential: USER,
    credentialSeenBy: "callee",
  }),
  newShape({ key: "c", caller: service("stock"), callee: { kind: "datastore", name: "db:redis/stock" } }),
];
await writeDatabase(db, {
  newShapes: calls,
  counts: calls.map(({ shape }) => counted({ shapeKey: shape.key, count: 4 })),
  relays: [relay({ service: "orders", next: service("stock"), credential: USER })],
  pairs: [pairs(0)],
});

const run = (argv: readonly string[]) => runWith([...argv, "--db", db, "--baseline", join(folder, "none")], { survey });

test("identities are a table", async () => {
  const { code, out } = await run(["observe", "identities"]);
  expect(code).toBe(0);
  expect(`\n${out}`).toMatchInlineSnapshot(`
    "
    KIND    IDENTITY  OWNER  PRESENTERS   RECIPIENTS     ENVIRONMENTS  COUNT  LAST SEEN
    client  web       -      orders, web  orders, stock  prod          8      3m ago
    "
  `);
});

test("a blast radius says how many services were sent by who may speak for them", async () => {
  const own = join(folder, "senders.db");
  const sent = (name: string, principal: string) =>
    oddity({ kind: "sender", service: name, detail: principal, environment: "prod" });
  const telemetry = [sent("web", "key:agent"), sent("orders", "key:agent"), sent("orders", ""), sent("stock", "key:x")];
  await writeDatabase(own, {
    newShapes: calls,
    counts: calls.map(({ shape }) => counted({ shapeKey: shape.key, count: 4 })),
    telemetry: [...telemetry, oddity({ service: "web", environment: "prod" })],
  });
  const baseline = join(folder, "senders.yaml");
  writeBaseline(baseline, 'senders: { agent: { principal: "key:agent", services: ["**"] } }\nservices: { web: {} }\n');
  const { out } = await runWith(
    ["observe", "blast-radius", "orders", "--db", own, "--baseline", baseline, "-o", "json"],
    { survey },
  );
  expect(JSON.parse(out)[0].confidence.attestedShare).toBeCloseTo(1 / 3);
  const page = await runWith(["observe", "blast-radius", "orders", "--db", own, "--baseline", baseline], { survey });
  expect(page.out).toContain("100 % of calls sampled; 33 % of services sent by who may speak for them");
});

test("a blast radius is a page whose numbers are lower bounds, with how much was visible", async () => {
  const { code, out } = await run(["observe", "blast-radius", "orders"]);
  expect(code).toBe(0);
  expect(`\n${out}`).toMatchInlineSnapshot(`
    "
    orders  service in prod
    within reach: at least 1 service, 100 % of hops visible

    accepted at                 at least 1 service (weight 2): stock
    its credentials would open  at least 1 service (weight 2): stock
    mostly through              user tokens of web for orders from https://id.example (1)
    declared to call            nothing is declared about it
    credentials held by         orders, stock, web
    presented by                orders
    environments                prod
    taken over, in 1 step       at least 1 service (weight 2): stock
    taken over, in 2 steps      at least 1 service (weight 2): stock
    taken over, in 3 steps      at least 1 service (weight 2): stock
    taken over, in the end      at least 1 service (weight 2): stock
    datastores behind it        at least 1 datastore: db:redis/stock
    hosts outside behind it     at least 0 hosts
    tokens that pass by         not told apart
    choke score                 at least 3: reach lost if it stops relaying and has an audience of its own
    composite, for sorting      1.6
    rests on                    8 hops, 100 % of hops visible, 100 % of calls sampled; no sender has proved who it is
    "
  `);
});

test("a blast radius as JSON is a list, a row an environment", async () => {
  const { out } = await run(["observe", "blast-radius", "web", "-o", "json"]);
  const [radius] = JSON.parse(out);
  expect(radius).toMatchObject({ of: "service", name: "web", environment: "prod", choke: 0 });
  expect(radius.compromise.map(({ services }: { services: string[] }) => services)).toEqual([
    ["orders", "stock"],
    ["orders", "stock"],
    ["orders", "stock"],
    ["orders", "stock"],
  ]);
});

test("a name that was not seen is an error that says where to look", async () => {
  const { code, out, err } = await run(["observe", "blast-radius", "nobody"]);
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(err).toContain("trustdrift observe identities");
});

test("what to fix first is a table, the most first", async () => {
  const { out } = await run(["observe", "fix-first"]);
  expect(`\n${out}`).toMatchInlineSnapshot(`
    "
    ENVIRONMENT  SERVICE  REACH LOST  STOP RELAYING TO  HAVE AN AUDIENCE APART FROM  VISIBLE
    prod         orders   at least 3  stock             orders                       100 %
    prod         stock    at least 1  -                 orders                       100 %
    "
  `);
});

test("posture is a table, of one service if asked", async () => {
  const { out } = await run(["observe", "posture", "stock"]);
  expect(`\n${out}`).toMatchInlineSnapshot(`
    "
    ENVIRONMENT  SERVICE  ISSUER              METHODS  AUDIENCE REFUSED  SCOPES  MTLS        LIFETIME  WEAK IN  LAX  COUNT  LAST SEEN
    prod         stock    https://id.example  jwt      never seen        -       never seen  -         -        -    4      3m ago
    "
  `);
});

test("another environment has nothing to show, and says so", async () => {
  for (const noun of ["identities", "posture", "fix-first"]) {
    const { code, out, err } = await run(["observe", noun, "--environment", "dev"]);
    expect({ code, out }).toEqual({ code: 0, out: "" });
    expect(err).not.toBe("");
  }
});

test("a credential among the arguments is refused without being repeated, and nothing is read", async () => {
  const { code, out, err } = await runWith(["observe", "credential", "s3cr3t-t0ken"]);
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(err).toContain("--stdin");
  expect(err).not.toContain("s3cr3t");
});

test("without --stdin nothing is read either", async () => {
  const { code, err } = await runWith(["observe", "credential"]);
  expect({ code, err }).toEqual({
    code: 1,
    err: "trustdrift: expected --stdin, as in: trustdrift observe credential --stdin < token.txt\n",
  });
});

test("a credential is a page of what would be kept of it", async () => {
  const described = {
    profile: { ...UNKNOWN_CREDENTIAL, ...USER, scopes: ["read"], lifetimeS: 300 },
    fingerprint: "h1:k:AAAAAAAAAAAAAAAAAAAAAA",
    isComparable: true,
    expiresAt: "2026-01-01T00:05:00.000Z",
    notBefore: null,
    issuedAt: null,
  };
  const { code, out } = await runWith(["observe", "credential", "--stdin"], { credential: async () => described });
  expect(code).toBe(0);
  expect(`\n${out}`).toMatchInlineSnapshot(`
    "
    slot         authorization
    scheme       bearer
    format       jwt
    role         access_token
    observed     full
    issuer       https://id.example
    audiences    orders
    client       web
    subject      a person, who is not kept
    scopes       read
    expires      2026-01-01T00:05:00.000Z
    lifetime     5m
    fingerprint  h1:k:AAAAAAAAAAAAAAAAAAAAAA
    "
  `);
});

test("the doctor sums up first, says once what all services lack, and ends with 0", async () => {
  const doctorDb = join(folder, "doctor.db");
  await writeDatabase(doctorDb, {
    newShapes: calls,
    counts: calls.map(({ shape }) => counted({ shapeKey: shape.key })),
    services: [
      sighting({ service: "orders", inboundCount: 4, inboundCredentialCount: 1 }),
      sighting({ service: "stock", inboundCount: 2, inboundCredentialCount: 0 }),
    ],
  });
  const ask = (argv: readonly string[]) =>
    runWith([...argv, "--db", doctorDb, "--baseline", join(folder, "none")], { doctor: diagnose });
  const { code, out } = await ask(["doctor"]);
  expect(code).toBe(0);
  const lines = out.split("\n");
  expect(lines[0]).toMatch(/^2 services, \d+ rules: \d+ can fire on some service, all of these on \d\.$/u);
  expect(out).toContain("On every service: no baseline names the service; declare it. So not: undeclared-call,");
  expect(out).toContain(
    "On every service: its senders are not asked who they are; see docs/senders.md. So not: unattested-service-name.",
  );
  const { out: one } = await ask(["doctor", "stock", "-o", "json"]);
  const diagnosis = JSON.parse(one);
  expect(diagnosis).toMatchObject({ services: 2, rows: [{ service: "stock", isDeclared: false, visibleShare: 0 }] });
  expect((await ask(["doctor", "nobody"])).err).toContain("No such service");
});
