import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { alias, counted, credential, HOUR_MS, NOON_MS, newShape, sighting } from "../../record/samples.ts";
import { testFolder } from "./folder.ts";
import { run, writeDatabase } from "./run.ts";

const db = join(testFolder(), "trust.db");
const TEN_MS = NOON_MS - 2 * HOUR_MS;
const emptyDb = `${db}.empty`;

beforeAll(async () => {
  const toMail = { key: "to-mail", environment: "dev", callee: { kind: "external", name: "mail.example" } } as const;
  await writeDatabase(emptyDb, {});
  await writeDatabase(db, {
    newShapes: [newShape({ credential: credential() }), newShape({ ...toMail, operation: null })],
    counts: [
      counted({ count: 1200 }),
      counted({ shapeKey: "to-mail", confidence: "peer", firstSeenMs: TEN_MS, lastSeenMs: TEN_MS }),
    ],
    services: [sighting()],
    aliases: [alias(), alias({ address: "gw" }), alias({ address: "gw", service: "cart", count: 3 })],
  });
});

test("edges are a table for people", async () => {
  const { code, out, err } = await run(["observe", "edges", "--db", db]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(`\n${out}`).toMatchInlineSnapshot(`
    "
    ENVIRONMENT  CALLER    CALLEE        OPERATIONS  AUDIENCES  COUNT  LAST SEEN
    dev          checkout  mail.example  -           -          1      2h ago
    prod         checkout  payments      POST /pay   payments   1200   3m ago
    "
  `);
});

test("wide shows every column, and times as minutes", async () => {
  const { out } = await run(["observe", "edges", "--db", db, "-o", "wide"]);
  expect(`\n${out}`).toMatchInlineSnapshot(`
    "
    ENVIRONMENT  CALLER    KIND     CALLEE        KIND      TYPE    VIA  OPERATIONS  AUDIENCES  CONFIDENCE  COUNT  FIRST SEEN         LAST SEEN
    dev          checkout  service  mail.example  external  direct  -    -           -          peer        1      2026-01-02T10:00Z  2026-01-02T10:00Z
    prod         checkout  service  payments      service   direct  -    POST /pay   payments   paired      1200   2026-01-02T12:00Z  2026-01-02T12:00Z
    "
  `);
});

test("edges as JSON are what the store answers", async () => {
  const { out } = await run(["observe", "edges", "--db", db, "-o", "json"]);
  expect(out).toMatchInlineSnapshot(`
    "[
      {
        "environment": "dev",
        "caller": "checkout",
        "callerKind": "service",
        "callee": "mail.example",
        "calleeKind": "external",
        "type": "direct",
        "via": null,
        "count": 1,
        "estimated": 1,
        "operations": [],
        "audiences": [],
        "confidence": "peer",
        "counts": {
          "paired": 0,
          "parent": 0,
          "link": 0,
          "alias": 0,
          "peer": 1,
          "root": 0
        },
        "firstSeen": "2026-01-02T10:00:00.000Z",
        "lastSeen": "2026-01-02T10:00:00.000Z"
      },
      {
        "environment": "prod",
        "caller": "checkout",
        "callerKind": "service",
        "callee": "payments",
        "calleeKind": "service",
        "type": "direct",
        "via": null,
        "count": 1200,
        "estimated": 1200,
        "operations": [
          "POST /pay"
        ],
        "audiences": [
          "payments"
        ],
        "confidence": "paired",
        "counts": {
          "paired": 1200,
          "parent": 0,
          "link": 0,
          "alias": 0,
          "peer": 0,
          "root": 0
        },
        "firstSeen": "2026-01-02T12:00:00.000Z",
        "lastSeen": "2026-01-02T12:00:00.000Z"
      }
    ]
    "
  `);
});

test("where senders sample, a column more says how many calls the counted ones stand for", async () => {
  const sampledDb = `${db}.sampled`;
  await writeDatabase(sampledDb, { newShapes: [newShape()], counts: [counted({ count: 3, estimated: 10.5 })] });
  const { out } = await run(["observe", "edges", "--db", sampledDb]);
  expect(`\n${out}`).toMatchInlineSnapshot(`
    "
    ENVIRONMENT  CALLER    CALLEE    OPERATIONS  AUDIENCES  COUNT  ESTIMATED  LAST SEEN
    prod         checkout  payments  POST /pay   -          3      11         3m ago
    "
  `);
});

test("calls through proxies are shown on demand only", async () => {
  const proxiedDb = `${db}.proxied`;
  const proxied = {
    key: "proxied",
    caller: { kind: "service", name: "web" },
    type: "proxied",
    via: "checkout",
  } as const;
  await writeDatabase(proxiedDb, {
    newShapes: [newShape(), newShape(proxied)],
    counts: [counted(), counted({ shapeKey: "proxied" })],
  });
  const { out: plain } = await run(["observe", "edges", "--db", proxiedDb, "--no-headers"]);
  expect(plain).toBe("prod  checkout  payments  POST /pay  -  1  3m ago\n");
  const { out } = await run(["observe", "edges", "--db", proxiedDb, "--proxied"]);
  expect(`\n${out}`).toMatchInlineSnapshot(`
    "
    ENVIRONMENT  CALLER    CALLEE    VIA PROXY  OPERATIONS  AUDIENCES  COUNT  LAST SEEN
    prod         checkout  payments  -          POST /pay   -          1      3m ago
    prod         web       payments  checkout   POST /pay   -          1      3m ago
    "
  `);
});

test("edges as JSON lines are one edge a line", async () => {
  const { out } = await run(["observe", "edges", "--db", db, "-o", "jsonl"]);
  expect(
    out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).callee),
  ).toEqual(["mail.example", "payments"]);
});

test("edges as YAML hold the same as JSON", async () => {
  const { out } = await run(["observe", "edges", "--db", db, "-o", "yaml", "--callee", "payments"]);
  expect(out).toMatchInlineSnapshot(`
    "- environment: prod
      caller: checkout
      callerKind: service
      callee: payments
      calleeKind: service
      type: direct
      via: null
      count: 1200
      estimated: 1200
      operations:
        - POST /pay
      audiences:
        - payments
      confidence: paired
      counts:
        paired: 1200
        parent: 0
        link: 0
        alias: 0
        peer: 0
        root: 0
      firstSeen: 2026-01-02T12:00:00.000Z
      lastSeen: 2026-01-02T12:00:00.000Z
    "
  `);
});

test("aliases are a table, with the addresses that several services answer for", async () => {
  const { code, out, err } = await run(["observe", "aliases", "--db", db]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(`\n${out}`).toMatchInlineSnapshot(`
    "
    ENVIRONMENT  ADDRESS   MEANING            SERVICES        COUNT  LAST SEEN
    prod         gw        gateway-candidate  cart, payments  4      3m ago
    prod         pay:8080  alias              payments        1      3m ago
    "
  `);
  expect((await run(["observe", "aliases", "--db", db, "--from", "2026-01-03"])).out).toBe("");
});

test("services are a table", async () => {
  const { out } = await run(["observe", "services", "--db", db, "-o", "wide"]);
  expect(`\n${out}`).toMatchInlineSnapshot(`
    "
    ENVIRONMENT  SERVICE   RUNTIME  RELEASE  SPANS  INBOUND  WITH TOKEN  OUTBOUND  SENT WITH TOKEN  FIRST SEEN         LAST SEEN
    prod         checkout  nodejs   1.0.0    5      2        50%         3         66%              2026-01-02T12:00Z  2026-01-02T12:00Z
    "
  `);
});

test("credentials are a table", async () => {
  const { out } = await run(["observe", "credentials", "--db", db]);
  expect(`\n${out}`).toMatchInlineSnapshot(`
    "
    ENVIRONMENT  FORMAT  ISSUER              CLIENT    AUDIENCES  PRESENTERS  RECIPIENTS  COUNT  LAST SEEN
    prod         jwt     https://id.example  checkout  payments   checkout    payments    1200   3m ago
    "
  `);
});

test("--no-headers leaves the titles out", async () => {
  const { out } = await run(["observe", "edges", "--db", db, "--no-headers", "--callee", "payments"]);
  expect(out).toBe("prod  checkout  payments  POST /pay  payments  1200  3m ago\n");
});

async function checkCallees(flags: readonly string[], callees: readonly string[]): Promise<void> {
  const { code, out } = await run(["observe", "edges", "--db", db, "-o", "json", ...flags]);
  expect(code).toBe(0);
  expect(JSON.parse(out).map((edge: { callee: string }) => edge.callee)).toEqual(callees);
}

test("edges are filtered by environment, caller and callee", async () => {
  await checkCallees(["--environment", "prod"], ["payments"]);
  await checkCallees(["--callee", "mail*"], ["mail.example"]);
  await checkCallees(["--caller", "check*", "--callee", "{payments,stock}"], ["payments"]);
  await checkCallees(["--caller", "check"], []);
});

test("96: edges are filtered by time", async () => {
  await checkCallees(["--since", "1h"], ["payments"]);
  await checkCallees(["--from", "2026-01-02T13:00"], []);
  await checkCallees(["--to", "2026-01-02T11:59:59Z"], ["mail.example"]);
  await checkCallees(["--from", "2026-01-02", "--to", "2026-01-02T14:00+01:00"], ["mail.example", "payments"]);
});

test("an empty answer says what to do next, and is still an answer", async () => {
  expect(await run(["observe", "edges", "--db", db, "--from", "2030-01-01", "-o", "json"])).toEqual({
    code: 0,
    out: "[]\n",
    err: "No edges match; leave a filter out to see more.\n",
  });
  expect(await run(["observe", "services", "--db", emptyDb])).toEqual({
    code: 0,
    out: "",
    err: 'No services yet; send spans to the collector that "trustdrift serve" starts.\n',
  });
});

test("times that make no sense are refused with an example", async () => {
  for (const flags of [
    ["--since", "24"],
    ["--from", "yesterday"],
    ["--to", "2026-13-01"],
    ["--since", "1h", "--to", "2026-01-01"],
  ]) {
    const { code, out, err } = await run(["observe", "edges", "--db", db, ...flags]);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain('Run "trustdrift observe edges --help"');
  }
  const { code, err } = await run(["observe", "edges", "--db", db, "--from", "2026-02-01", "--to", "2026-01-01"]);
  expect({ code, err }).toEqual({ code: 1, err: "trustdrift: expected --from to be a time before --to\n" });
});

test("a database that is not there is an error that names it", async () => {
  const { code, out, err } = await run(["observe", "edges", "--db", `${db}.nowhere`]);
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(err).toContain(`cannot open ${db}.nowhere`);
});
