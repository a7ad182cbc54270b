import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import type { Alert } from "../../../src/model/alert.ts";
import { alert, audit, credential, evidence, finding, NOON_MS } from "../../record/samples.ts";
import { testFolder } from "./folder.ts";
import { run, writeDatabase } from "./run.ts";

const db = join(testFolder(), "trust.db");
const FINGERPRINT = "h1:k7:abcdefghijklmnopqrstuv";

const RELAYED: Alert = alert({
  id: "01KE0000000000000000000002",
  key: "v1:bbbbbbbbbbbbbbbbbbbbbbbbbb",
  finding: finding({
    rule: "undeclared-audience",
    severity: "critical",
    severityReasons: ["raised to critical: payments is critical"],
    audiences: ["checkout"],
    credential: credential({ audiences: ["checkout"] }),
    summary: "checkout called payments with a token meant for checkout",
    owner: "team-pay",
  }),
  count: 1200,
  lastSeenMs: NOON_MS + 60_000,
  evidence: [evidence({ fingerprint: FINGERPRINT }), evidence({ release: null, calleeSpanId: null })],
});
const RESOLVED = alert({
  id: "01KE0000000000000000000003",
  key: "v1:cccccccccccccccccccccccccc",
  status: "resolved",
  finding: finding({ severity: "info", environment: "dev", caller: "cart", decidedBy: null }),
});

beforeAll(() => {
  const history = [
    audit({ alertId: RELAYED.id }),
    audit({
      alertId: RELAYED.id,
      atMs: NOON_MS + 60_000,
      actor: "bob",
      action: "acknowledge",
      from: "open",
      to: "acknowledged",
      reason: "fix in review",
    }),
  ];
  return writeDatabase(db, { alerts: [alert(), RELAYED, RESOLVED], audit: history });
});

test("alerts are a table, the last seen first, without closed ones", async () => {
  const { code, out, err } = await run(["alerts", "list", "--db", db]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(`\n${out}`).toMatchInlineSnapshot(`
    "
    ID                          SEVERITY  STATUS  COUNT  LAST SEEN  SUMMARY
    01KE0000000000000000000002  critical  open    1200   2m ago     checkout called payments with a token meant for checkout
    01KE0000000000000000000001  medium    open    1      3m ago     checkout called payments, which nobody declared
    "
  `);
});

test("a wide table of alerts names rule, place and ends", async () => {
  const { out } = await run(["alerts", "list", "--db", db, "-o", "wide"]);
  expect(`\n${out}`).toMatchInlineSnapshot(`
    "
    ID                          SEVERITY  STATUS  RULE                 ENVIRONMENT  CALLER    CALLEE    OPERATION  AUDIENCES  COUNT  LAST SEEN          SUMMARY
    01KE0000000000000000000002  critical  open    undeclared-audience  prod         checkout  payments  POST /pay  checkout   1200   2026-01-02T12:01Z  checkout called payments with a token meant for checkout
    01KE0000000000000000000001  medium    open    undeclared-call      prod         checkout  payments  POST /pay  -          1      2026-01-02T12:00Z  checkout called payments, which nobody declared
    "
  `);
});

test("alerts as JSON have one shape, whatever their rule", async () => {
  const { out } = await run(["alerts", "list", "--db", db, "-o", "json", "--rule", "undeclared-audience"]);
  expect(out).toMatchInlineSnapshot(`
    "[
      {
        "id": "01KE0000000000000000000002",
        "key": "v1:bbbbbbbbbbbbbbbbbbbbbbbbbb",
        "rule": "undeclared-audience",
        "severity": "critical",
        "status": "open",
        "environment": "prod",
        "caller": "checkout",
        "callee": "payments",
        "operation": "POST /pay",
        "audiences": [
          "checkout"
        ],
        "summary": "checkout called payments with a token meant for checkout",
        "count": 1200,
        "firstSeen": "2026-01-02T12:00:00.000Z",
        "lastSeen": "2026-01-02T12:01:00.000Z"
      }
    ]
    "
  `);
});

test("alerts as JSON lines and YAML hold the same as JSON", async () => {
  const { out: json } = await run(["alerts", "list", "--db", db, "-o", "json"]);
  const { out: lines } = await run(["alerts", "list", "--db", db, "-o", "jsonl"]);
  expect(
    lines
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual(JSON.parse(json));
  const { out: yaml } = await run(["alerts", "list", "--db", db, "-o", "yaml"]);
  expect(yaml).toContain("- id: 01KE0000000000000000000002\n  key: v1:bbbbbbbbbbbbbbbbbbbbbbbbbb\n");
});

async function checkIds(flags: readonly string[], lastDigits: readonly string[]): Promise<void> {
  const { code, out } = await run(["alerts", "list", "--db", db, "-o", "json", ...flags]);
  expect(code).toBe(0);
  expect(JSON.parse(out).map((row: { id: string }) => row.id.at(-1))).toEqual(lastDigits);
}

test("alerts are filtered by status, rule, severity, environment, service and owner", async () => {
  await checkIds(["--status", "all"], ["2", "3", "1"]);
  await checkIds(["--status", "resolved,dismissed"], ["3"]);
  await checkIds(["--rule", "undeclared-call,token-relayed"], ["1"]);
  await checkIds(["--min-severity", "high"], ["2"]);
  await checkIds(["--environment", "dev", "--status", "all"], ["3"]);
  await checkIds(["--service", "cart", "--status", "all"], ["3"]);
  await checkIds(["--owner", "team-pay"], ["2"]);
});

test("no alert to show says where the closed ones are", async () => {
  const { code, err } = await run(["alerts", "list", "--db", db, "--environment", "dev"]);
  expect({ code, err }).toEqual({ code: 0, err: 'No alerts match; closed ones are listed with "--status all".\n' });
});

test("one alert is a page: the sentence, the facts, the evidence, the history", async () => {
  const { code, out } = await run(["alerts", "show", "v1:bbbbbbbbbbbbbbbbbbbbbbbbbb", "--db", db]);
  expect(code).toBe(0);
  expect(`\n${out}`).toMatchInlineSnapshot(`
    "
    critical  undeclared-audience  open
    checkout called payments with a token meant for checkout

    id               01KE0000000000000000000002
    key              v1:bbbbbbbbbbbbbbbbbbbbbbbbbb
    environment      prod
    caller           checkout
    callee           payments
    operation        POST /pay
    audiences        checkout
    seen             1,200 times
    first seen       2026-01-02T12:00Z, 3m ago
    last seen        2026-01-02T12:01Z, 2m ago
    verdict          violation, high confidence
    severity         raised to critical: payments is critical
    credential       bearer jwt access_token in authorization, observed full
    issuer           https://id.example
    client           checkout
    token audiences  checkout
    fingerprint      abcdefgh
    decided by       shop.yaml:3:1: checkout calls nobody
    baseline         0123456789ab
    owner            team-pay
    ways out         declare, fix

    EVIDENCE
    TIME                      TRACE                             CALLER SPAN       CALLEE SPAN       FINGERPRINT  RELEASE  CLIENT ADDRESS
    2026-01-02T12:00:00.000Z  0af7651916cd43dd8448eb211c80319c  b7ad6b7169203331  00f067aa0ba902b7  abcdefgh     1.0.0    -
    2026-01-02T12:00:00.000Z  0af7651916cd43dd8448eb211c80319c  b7ad6b7169203331  -                 -            -        -

    HISTORY
    TIME               ACTOR       ACTION       FROM  TO            REASON
    2026-01-02T12:00Z  trustdrift  raise        -     open          -
    2026-01-02T12:01Z  bob         acknowledge  open  acknowledged  fix in review
    "
  `);
});

test("one alert as JSON adds why, evidence and history to its row", async () => {
  const { out } = await run(["alerts", "show", RELAYED.id, "--db", db, "-o", "json"]);
  expect(out).toMatchInlineSnapshot(`
    "{
      "id": "01KE0000000000000000000002",
      "key": "v1:bbbbbbbbbbbbbbbbbbbbbbbbbb",
      "rule": "undeclared-audience",
      "severity": "critical",
      "status": "open",
      "environment": "prod",
      "caller": "checkout",
      "callee": "payments",
      "operation": "POST /pay",
      "audiences": [
        "checkout"
      ],
      "summary": "checkout called payments with a token meant for checkout",
      "count": 1200,
      "firstSeen": "2026-01-02T12:00:00.000Z",
      "lastSeen": "2026-01-02T12:01:00.000Z",
      "verdict": "violation",
      "confidence": "high",
      "controlHeld": false,
      "severityReasons": [
        "raised to critical: payments is critical"
      ],
      "credential": {
        "slot": "authorization",
        "scheme": "bearer",
        "format": "jwt",
        "role": "access_token",
        "quality": "full",
        "issuer": "https://id.example",
        "audiences": [
          "checkout"
        ],
        "client": "checkout",
        "isVerified": false,
        "carrier": null,
        "type": null,
        "algorithm": null,
        "scopes": null,
        "subjectKind": null,
        "subject": null,
        "actors": [],
        "lifetimeS": null,
        "isExpiring": null,
        "confirmation": null,
        "possession": null,
        "keyId": null,
        "companions": [],
        "fingerprint": "abcdefgh"
      },
      "decidedBy": {
        "file": "shop.yaml",
        "line": 3,
        "column": 1,
        "says": "checkout calls nobody"
      },
      "evidence": [
        {
          "at": "2026-01-02T12:00:00.000Z",
          "traceId": "0af7651916cd43dd8448eb211c80319c",
          "callerSpanId": "b7ad6b7169203331",
          "calleeSpanId": "00f067aa0ba902b7",
          "clientAddress": null,
          "fingerprint": "abcdefgh",
          "release": "1.0.0"
        },
        {
          "at": "2026-01-02T12:00:00.000Z",
          "traceId": "0af7651916cd43dd8448eb211c80319c",
          "callerSpanId": "b7ad6b7169203331",
          "calleeSpanId": null,
          "clientAddress": null,
          "fingerprint": null,
          "release": null
        }
      ],
      "owner": "team-pay",
      "statusReason": null,
      "assignee": null,
      "acknowledgedUntil": null,
      "isRegression": false,
      "waysOut": [
        "declare",
        "fix"
      ],
      "baselineRevision": "0123456789ab",
      "audit": [
        {
          "at": "2026-01-02T12:00:00.000Z",
          "actor": "trustdrift",
          "action": "raise",
          "from": null,
          "to": "open",
          "reason": null
        },
        {
          "at": "2026-01-02T12:01:00.000Z",
          "actor": "bob",
          "action": "acknowledge",
          "from": "open",
          "to": "acknowledged",
          "reason": "fix in review"
        }
      ]
    }
    "
  `);
});

test("a fingerprint is never shown in full", async () => {
  for (const output of ["table", "wide", "json", "jsonl", "yaml"]) {
    const { out } = await run(["alerts", "show", RELAYED.id, "--db", db, "-o", output]);
    expect(out).toContain("abcdefgh");
    expect(out).not.toContain("abcdefghi");
  }
});

test("an alert that is not there, or not the only one, is an error with the way out", async () => {
  for (const id of ["01KE", "nothing"]) {
    const { code, out, err } = await run(["alerts", "show", id, "--db", db]);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toBe(`trustdrift: cannot find one alert "${id}"; "trustdrift alerts list" shows the ids\n`);
  }
});

test("on a terminal a table fits its width, and ids stay whole", async () => {
  const { out } = await run(["alerts", "list", "--db", db], {}, { isTty: true, columns: 90 });
  const lines = out.trimEnd().split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(90);
  expect(lines[1]).toContain("…");
  expect(lines[1]).toContain(RELAYED.id);
});

test("a wide table and a pipe are never truncated", async () => {
  const wide = await run(["alerts", "list", "--db", db, "-o", "wide"], {}, { isTty: true, columns: 40 });
  const piped = await run(["alerts", "list", "--db", db], {}, { columns: 40 });
  for (const { out } of [wide, piped]) expect(out).toContain(RELAYED.finding.summary);
});

const ESCAPE = "\u001b";

test("colours are for terminals that take them", async () => {
  for (const argv of [
    ["alerts", "list"],
    ["alerts", "show", RELAYED.id],
  ]) {
    expect((await run([...argv, "--db", db])).out).not.toContain(ESCAPE);
    const coloured = await run([...argv, "--db", db], {}, { isTty: true, hasColour: true, columns: 200 });
    expect(coloured.out).toContain(`${ESCAPE}[1m${ESCAPE}[31mcritical${ESCAPE}`);
  }
});

test("data for programs is never coloured", async () => {
  for (const output of ["json", "jsonl", "yaml"]) {
    const { out } = await run(["alerts", "list", "--db", db, "-o", output], {}, { isTty: true, hasColour: true });
    expect(out).not.toContain(ESCAPE);
  }
});

test("control characters and direction marks are shown, not obeyed", async () => {
  const hostile = `${db}.hostile`;
  const name = "ev\u001b[2Jil\u009b1m\u202e\nrow";
  const bad = finding({
    summary: name,
    caller: name,
    decidedBy: { position: { file: "a", line: 1, column: 1 }, says: name },
  });
  await writeDatabase(hostile, { alerts: [alert({ finding: bad })], audit: [audit({ reason: name })] });
  const shown = "ev\\u{1b}[2Jil\\u{9b}1m\\u{202e}\\u{a}row";
  for (const output of ["table", "wide", "json", "jsonl"]) {
    for (const argv of [
      ["alerts", "list"],
      ["alerts", "show", alert().id],
    ]) {
      const { out } = await run([...argv, "--db", hostile, "-o", output]);
      expect(["\u001b", "\u009b", "\u202e"].filter((unsafe) => out.includes(unsafe))).toEqual([]);
      expect(out).toContain(output.startsWith("json") ? "ev\\u001b[2Jil\\u009b1m\\u202e\\nrow" : shown);
    }
  }
});

test("control characters come through YAML as they were, escaped", async () => {
  const hostile = `${db}.yaml`;
  const summary = "ev\u001b[2Jil\u009b1m";
  await writeDatabase(hostile, { alerts: [alert({ finding: finding({ summary }) })] });
  const { out } = await run(["alerts", "list", "--db", hostile, "-o", "yaml"]);
  expect(["\u001b", "\u009b"].filter((unsafe) => out.includes(unsafe))).toEqual([]);
  expect(parse(out)).toMatchObject([{ summary }]);
});

test("a reader that has gone is no error", async () => {
  const stdout = () => {
    throw Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
  };
  expect(await run(["alerts", "list", "--db", db], {}, { stdout })).toEqual({ code: 0, out: "", err: "" });
});
