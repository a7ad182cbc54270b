import { hash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { beforeAll, expect, test } from "vitest";
import { checkCapture } from "../../src/check-capture.ts";
import { describeCredential } from "../../src/describe-credential.ts";
import { diagnose } from "../../src/diagnose.ts";
import { explainCall } from "../../src/explain-call.ts";
import { eraseFingerprintKey, listFingerprintKeys, rotateFingerprintKey } from "../../src/fingerprint-key-file.ts";
import { createIngestKey } from "../../src/ingest-keys-file.ts";
import { CREDENTIAL_SLOTS } from "../../src/model/credential.ts";
import type { Commands } from "../../src/review/cli/options.ts";
import { survey } from "../../src/survey.ts";
import { type Ran, run } from "../review/cli/run.ts";
import { type CollectorProcess, startCollectorProcess, writeBaseline } from "../support/collector-process.ts";
import { ended, killAtEnd, trustdrift } from "../support/processes.ts";
import { scratchFolder } from "../support/scratch-folder.ts";
import { until } from "../support/until.ts";
import { callWith, carriers } from "./canary/carriers.ts";
import { type Doors, openDoors, sendAt, sendMalformed, toProtobuf } from "./canary/doors.ts";
import { findSecrets, findSecretsInFile } from "./canary/find-secrets.ts";
import { ATTRIBUTE_MAPS, BASELINES, COMMAND_LINES, NO_CREDENTIALS, OTHER_COMMAND_LINES } from "./canary/mistakes.ts";
import { filesIn, searchFolder, unpackJournal } from "./canary/search-folder.ts";
import { MUTE, TELLING } from "./canary/secrets.ts";

/*
 * Secrets that exist nowhere else go in through every door and every field; then everything that the collector leaves,
 * says or shows is searched for them, or for a dozen characters of them, in any usual spelling.
 */

const BASELINE = `
settings: { attestation: require }
senders: { canary: { principal: "key:canary", services: [web] } }
services:
  web: { calls: { stock: { token: { mode: own, audiences: [other-api] } } } }
  stock:
    callers: [web]
    accepts: [{ issuer: "https://other.example", audiences: [other-api] }]
`;
const ATTRIBUTE_MAP = JSON.stringify({
  attributes: [
    { attribute: "acme.token", slot: "authorization", fact: "header" },
    { attribute: "acme.key", slot: "api_key", fact: "header" },
    { attribute: "acme.issuer", slot: "authorization", fact: "token.issuer" },
  ],
  sessionCookies: ["session"],
});
const CALLS_A_REQUEST = 100;
const BEARER = {
  what: "header",
  attributes: [{ key: "http.request.header.authorization", value: { stringValue: `Bearer ${TELLING.access}` } }],
};

const folder = scratchFolder();
/** Everything that the collector leaves is below it. */
const data = join(folder, "data");
const baselineFile = join(data, "baselines", "shop.yaml");
killAtEnd();
let collector: CollectorProcess;
let doors: Doors;

/** Node writes its reports of crashes, and of signals, beside the database. */
const REPORTS = { NODE_OPTIONS: `--report-uncaught-exception --report-on-signal --report-directory=${data}` };

beforeAll(async () => {
  mkdirSync(data);
  const attributeMap = join(folder, "attributes.json");
  writeFileSync(attributeMap, ATTRIBUTE_MAP);
  const ingestKeys = join(folder, "ingest-keys.yaml");
  writeFileSync(ingestKeys, `canary: "sha256:${hash("sha256", TELLING.ingest ?? "")}"`, { mode: 0o600 });
  const origins = ["--cors-origin", "https://app.example"];
  const flags = ["--attribute-map", attributeMap, "--ingest-keys", ingestKeys, ...origins];
  collector = await startCollectorProcess({ folder: data, baseline: BASELINE, flags, environment: REPORTS });
  doors = openDoors(collector);
  const all = carriers();
  for (let from = 0; from < all.length; from += CALLS_A_REQUEST) {
    const resourceSpans = all.slice(from, from + CALLS_A_REQUEST).flatMap(callWith);
    await sendAt(from / CALLS_A_REQUEST, { resourceSpans }, doors);
  }
  await sendMalformed({ resourceSpans: [...callWith(BEARER)] }, collector, doors);
  await doors.fetch(`http://${collector.api}/readyz`);
  await doors.fetch(`http://${collector.api}/metrics`);
  await until("all guesses are made", async () => (await collector.ask("observe", "edges")).length > 1);
}, 120_000);

/** All alerts by id. */
async function alertIds(): Promise<readonly string[]> {
  const alerts = await collector.ask<{ readonly id: string }>("alerts", "list", "--status", "all");
  return alerts.map(({ id }) => id);
}

test("the spans were taken and every slot was read: the search below has something to find", async () => {
  expect(await collector.metric("trustdrift_spans_total")).toBeGreaterThan(10_000);
  const families = await collector.ask<{ readonly slot: string; readonly issuer: string }>("observe", "credentials");
  expect(new Set(families.map(({ slot }) => slot))).toEqual(new Set(CREDENTIAL_SLOTS));
  expect(families).toContainEqual(expect.objectContaining({ issuer: "https://canary.example" }));
  const alerts = await collector.ask<{ readonly rule: string }>("alerts", "list", "--status", "all");
  expect(alerts.map(({ rule }) => rule)).toEqual(
    expect.arrayContaining(["raw-credential-in-telemetry", "undeclared-audience"]),
  );
});

test("the search finds a secret in any usual spelling", () => {
  const token = TELLING.access ?? "";
  const [header = "", payload = "", signature = ""] = token.split(".");
  const bytes = Buffer.from(token);
  const spelled = [
    header,
    payload,
    signature.slice(7, 30),
    MUTE.password ?? "",
    bytes.toString("hex"),
    token.toUpperCase(),
  ];
  const encoded = ["", "a", "ab"].map((before) => Buffer.from(before + token).toString("base64url"));
  for (const text of [...spelled, ...encoded]) expect(findSecrets(`x${text}x`)).not.toEqual([]);
  expect(findSecretsInFile(Buffer.from(`x${token}`, "utf16le"))).not.toEqual([]);
  expect(findSecrets("https://canary.example canary-api web stock")).toEqual([]);
});

test("no answer over HTTP or gRPC, no metric and no problem holds a part of a secret", () => {
  expect(doors.answers.length).toBeGreaterThan(100);
  const codes = new Set(doors.answers.map((answer) => answer.split(" ", 1)[0]));
  for (const code of ["200", "3", "8", "12", "16", "400", "401", "404", "405", "413", "415"])
    expect(codes).toContain(code);
  expect(doors.answers.flatMap((answer) => findSecrets(answer))).toEqual([]);
});

const unused = () => Promise.reject(new Error("expected not to be called"));
const COMMANDS: Commands = {
  ...{ serve: unused, decideOffline: unused, check: checkCapture, explain: explainCall, survey, doctor: diagnose },
  credential: (options) => describeCredential(options, asInput("")),
  ingestKey: createIngestKey,
  keys: { list: listFingerprintKeys, rotate: rotateFingerprintKey, erase: eraseFingerprintKey },
};

/** Runs a command in this process, because there are many: the other tests show that a process of its own says the same. */
async function expectSilence(command: readonly string[], commands: Partial<Commands> = {}): Promise<Ran> {
  const ran = await run(command, { ...COMMANDS, ...commands });
  expect(findSecrets(ran.out + ran.err), command.slice(0, 3).join(" ")).toEqual([]);
  return ran;
}

async function* asInput(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const FORMATS = ["table", "wide", "json", "jsonl", "yaml"];

test("no command prints a part of a secret, in whatever format", async () => {
  const db = ["--db", collector.dbFile];
  const declared = [...db, "--baseline", baselineFile];
  const observed = ["edges", "services", "aliases", "credentials"].map((noun) => ["observe", noun, ...db]);
  const surveyed = ["identities", "posture", "fix-first"].map((noun) => ["observe", noun, ...declared]);
  const lists = [
    ...observed,
    ["observe", "edges", "--proxied", ...db],
    ...surveyed,
    ["alerts", "list", "--status", "all", ...db],
  ];
  for (const list of lists) {
    for (const format of FORMATS) expect((await expectSilence([...list, "-o", format])).code).toBe(0);
  }
  const pages = [
    ...["web", "stock"].map((name) => ["observe", "blast-radius", name, ...declared]),
    ["doctor", ...declared],
    ["explain", "web", "stock", "GET /items/{id}", "--audience", "canary-api", "--baseline", baselineFile],
  ];
  for (const page of pages) for (const format of ["table", "json"]) await expectSilence([...page, "-o", format]);
  for (const command of [
    ["baseline", "seed", ...db],
    ["keys", "list", ...db],
  ])
    await expectSilence(command);
}, 60_000);

test("no alert, with its evidence and its history, shows a part of a secret", async () => {
  const [decided = "", ...others] = await alertIds();
  const flags = ["--reason", `it was ${TELLING.access}`, "--as", TELLING.github ?? ""];
  const { code, out, err } = await collector.run("alerts", "dismiss", decided, ...flags);
  expect({ code, found: findSecrets(out + err) }).toEqual({ code: 0, found: [] });
  for (const id of [decided, ...others]) {
    for (const format of FORMATS.filter((each) => each !== "wide")) {
      await expectSilence(["alerts", "show", id, "-o", format, "--db", collector.dbFile]);
    }
  }
}, 60_000);

test("a check of a capture shows no part of a secret, nor does one that cannot read its input", async () => {
  const calls = carriers().filter((_, index) => index % 7 === 0);
  const lines = calls.map((carrier) => JSON.stringify({ resourceSpans: callWith(carrier) }));
  const captures = [
    lines.join("\n"),
    `{"resourceSpans": [{"${TELLING.access}]}\n`,
    `{"resourceSpans": ["${TELLING.access}"]}`,
  ];
  for (const [index, capture] of captures.entries()) {
    const input = join(folder, `capture-${index}.jsonl`);
    writeFileSync(input, capture);
    for (const format of ["table", "json"])
      await expectSilence(["check", "--input", input, "--baseline", baselineFile, "-o", format]);
  }
}, 60_000);

test("what is kept of a credential on standard input is not the credential, and nothing is said of what is none", async () => {
  const each = (text: string) =>
    expectSilence(["observe", "credential", "--stdin", "-o", "json", "--db", collector.dbFile], {
      credential: (options) => describeCredential(options, asInput(text)),
    });
  for (const secret of [...Object.values(TELLING), ...Object.values(MUTE)]) {
    for (const header of ["", "Authorization: Bearer ", "X-Api-Key: ", "Cookie: session=", "DPoP: "]) {
      await each(header + secret.replaceAll("\n", ""));
    }
  }
  for (const text of NO_CREDENTIALS) expect((await each(text)).code).toBe(1);
  const process = await trustdrift(["observe", "credential", "--stdin", "--db", collector.dbFile], {}, TELLING.access);
  expect(process).toMatchObject({ code: 0, err: "" });
  expect(process.out).toContain("https://canary.example");
  expect(findSecrets(process.out)).toEqual([]);
}, 60_000);

test("no mistake in a baseline, an attribute map or a command line is told with the secret in it", async () => {
  const [file, map] = [join(folder, "mistaken.yaml"), join(folder, "map.yaml")];
  for (const body of BASELINES) {
    writeBaseline(file, body);
    for (const format of ["table", "json"]) {
      expect((await expectSilence(["baseline", "lint", "--baseline", file, "-o", format])).code).toBe(3);
    }
    expect((await expectSilence(["check", "--input", file, "--baseline", file])).code).toBe(3);
  }
  const check = ["check", "--input", file, "--baseline", baselineFile, "--attribute-map", map];
  for (const text of ATTRIBUTE_MAPS) {
    writeFileSync(map, text);
    expect((await expectSilence(check)).code).toBe(1);
  }
  const commands = [...COMMAND_LINES.map((command) => [...command, "--db", collector.dbFile]), ...OTHER_COMMAND_LINES];
  for (const command of commands) expect((await expectSilence(command)).code).not.toBe(0);
  const process = await trustdrift(["alerts", "show", TELLING.access ?? "", "--db", collector.dbFile]);
  expect({ code: process.code, found: findSecrets(process.out + process.err) }).toEqual({ code: 1, found: [] });
}, 60_000);

test("a baseline with a credential in it is refused by a running collector, which neither shows nor keeps it", async () => {
  for (const [index, body] of BASELINES.slice(0, 6).entries()) {
    writeBaseline(baselineFile, "\n".repeat(index) + body);
    collector.process.child.kill("SIGHUP");
    const { problems } = await until("the problem is shown", async () => {
      const ready = await collector.readyz();
      return ready.problems.some((problem) => problem.includes(`:${3 + index}:1: error BL009`)) && ready;
    });
    expect(findSecrets(problems.join("\n"))).toEqual([]);
  }
  writeBaseline(baselineFile, BASELINE);
  collector.process.child.kill("SIGHUP");
  await until("the baseline is in force again", async () => (await collector.readyz()).problems.length === 0);
}, 60_000);

test("no file that the collector leaves, no copy of it and no line that it wrote holds a part of a secret", async () => {
  collector.process.child.kill("SIGUSR2");
  await until("Node has written its report", () => filesIn(data).some((name) => name.startsWith("report")));
  const db = new Database(collector.dbFile);
  db.exec(`VACUUM INTO '${join(data, "backup.db")}'`);
  db.close();
  expect(filesIn(data)).toEqual(
    expect.arrayContaining([
      ...["", "-wal", "-shm", ".lock"].map((end) => `trustdrift.db${end}`),
      ...["fingerprint.key", "backup.db"],
    ]),
  );
  const journal = unpackJournal(join(data, "backup.db")).map((batch) => Buffer.from(batch).toString("latin1"));
  expect(journal.join()).toContain("[credential removed]");
  expect(searchFolder(data)).toEqual([]);
  const { code, out, err } = await collector.stop();
  expect(code).toBe(0);
  expect(findSecrets(out + err)).toEqual([]);
  expect(searchFolder(data)).toEqual([]);
  doors.close();
}, 60_000);

test("a collector that a bug ends while it reads a token says and leaves no part of it", async () => {
  const bug = join(folder, "bug.mjs");
  writeFileSync(bug, FAULTY);
  const NODE_OPTIONS = `${REPORTS.NODE_OPTIONS} --import ${bug}`;
  const crashing = await startCollectorProcess({ folder: data, environment: { NODE_OPTIONS } });
  const crashed = openDoors(crashing);
  await crashed.http(toProtobuf({ resourceSpans: [...callWith(BEARER)] })).catch(() => {});
  const { code, out, err } = await ended(crashing.process);
  expect(code).not.toBe(0);
  expect(err).toContain("a bug");
  expect(filesIn(data).filter((name) => name.startsWith("report")).length).toBeGreaterThan(1);
  expect(findSecrets(out + err + crashed.answers.join())).toEqual([]);
  expect(searchFolder(data)).toEqual([]);
  crashed.close();
}, 60_000);

/** From the first new token on, what makes fingerprints throws what nobody expects. */
const FAULTY = `
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
const fail = () => { throw new RangeError("a bug"); };
crypto.createHmac = fail;
syncBuiltinESMExports();
`;
