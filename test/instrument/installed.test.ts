import { copyFileSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { beforeAll, expect, test } from "vitest";
import { type CollectorProcess, startCollectorProcess } from "../support/collector-process.ts";
import { ended, killAtEnd, start } from "../support/processes.ts";
import { scratchFolder } from "../support/scratch-folder.ts";
import { until } from "../support/until.ts";

/*
 * The package as others get it: built, packed, unpacked into an application's node_modules. Two services of that
 * application call each other over HTTP, fetch and gRPC, once telling facts by `trustdrift/instrument`, once with raw
 * headers captured; a collector of its own listens to each, both with one fingerprint key.
 */

const root = fileURLToPath(new URL("../../", import.meta.url));
const application = join(root, "test/instrument/application");
const modules = join(root, "node_modules");
const KEY_LINE = `k1 ${Buffer.alloc(32, 7).toString("base64url")}\n`;
const BASELINE = `
issuers:
  idp: { iss: "https://id.example" }
services:
  shop:
    calls:
      orders: { token: { mode: own, audiences: [orders, billing] } }
  orders:
    accepts: [{ issuer: idp, audiences: [orders] }]
`;

/** `keyed`: facts, from an application that was given the collector's fingerprint key. */
const CAPTURES = ["facts", "keyed", "raw"] as const;
type Capture = (typeof CAPTURES)[number];
type Call = { readonly via: string; readonly headers: Readonly<Record<string, string>> };

const CALLS = 11;

const folder = scratchFolder();
killAtEnd();
const collectors = new Map<Capture, CollectorProcess>();

beforeAll(async () => {
  await install();
  const calls = await drawCalls();
  // One after the other: three collectors that start at once, beside other test files, are too much for a small machine.
  for (const capture of CAPTURES) await exchange(capture, calls);
}, 90_000);

async function run(command: readonly string[], directory: string): Promise<void> {
  const [program = "", ...rest] = command;
  const { code, err } = await ended(start(["/usr/bin/env", "-C", directory, program, ...rest]), 40_000);
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${err}`);
}

async function install(): Promise<void> {
  await run(["npm", "pack", "--silent", "--pack-destination", folder], root);
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "";
  const target = join(folder, "node_modules/trustdrift");
  mkdirSync(target, { recursive: true });
  await run(["tar", "-xzf", join(folder, tarball), "--strip-components=1", "-C", target], folder);
  for (const scope of ["@opentelemetry", "@grpc"])
    symlinkSync(join(modules, scope), join(folder, "node_modules", scope));
  for (const file of readdirSync(application)) copyFileSync(join(application, file), join(folder, file));
}

async function drawCalls(): Promise<readonly Call[]> {
  const { privateKey } = await generateKeyPair("ES256");
  const nowS = Math.floor(Date.now() / 1000);
  const sign = async (claims: JWTPayload, typ = "at+jwt") => {
    const times = { iss: "https://id.example", client_id: "shop", sub: "shop", iat: nowS, exp: nowS + 300, ...claims };
    return `Bearer ${await new SignJWT(times).setProtectedHeader({ alg: "ES256", typ }).sign(privateKey)}`;
  };
  const good = await sign({ aud: "orders", jti: "1" });
  const elsewhere = await sign({ aud: ["billing"], jti: "2" });
  const expired = await sign({ aud: "orders", iat: nowS - 900, exp: nowS - 600, jti: "3" });
  const person = await sign({ aud: "orders", sub: "jane@example.org", email: "jane@example.org", nonce: "n" }, "JWT");
  const opaque = "Bearer 7Fjfp0ZBr1KtDRbnfVdmIw_opaque_token";
  const call = (via: string, authorization: string): Call => ({ via, headers: { authorization } });
  return [
    ...["http", "http-late", "fetch", "grpc", "grpc-refused"].map((via) => call(via, good)),
    call("fetch", elsewhere),
    call("grpc", elsewhere),
    call("http", expired),
    call("fetch", person),
    call("http", opaque),
    call("http", "Basic c2hvcDpodW50ZXIy"),
  ];
}

async function exchange(capture: Capture, calls: readonly Call[]): Promise<void> {
  const own = join(folder, capture);
  mkdirSync(own);
  writeFileSync(join(own, "fingerprint.key"), KEY_LINE, { mode: 0o600 });
  const collector = await startCollectorProcess({ folder: own, baseline: BASELINE, settleSeconds: 30 });
  collectors.set(capture, collector);
  const launch = (service: string, env: Readonly<Record<string, string>> = {}) =>
    start([process.execPath, "--import", join(folder, "telemetry.mjs"), join(folder, `${service}.cjs`)], {
      OTEL_SERVICE_NAME: service,
      OTEL_NODE_RESOURCE_DETECTORS: "env",
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test",
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `http://${collector.otlpHttp}/v1/traces`,
      OTEL_METRICS_EXPORTER: "none",
      OTEL_LOGS_EXPORTER: "none",
      PROTO: join(root, "demo/proto/inventory.proto"),
      CAPTURE: capture,
      FINGERPRINT_KEY: KEY_LINE,
      ...env,
    });
  const orders = launch("orders");
  const listening = /listening on (\d+) and (\d+)/u;
  const [, http = "", grpc = ""] = await until("orders listens", () => listening.exec(orders.out()));
  const shop = launch("shop", { HTTP_PORT: http, GRPC_PORT: grpc, CALLS: JSON.stringify(calls) });
  expect(await ended(shop)).toMatchObject({ code: 0, err: "" });
  orders.child.kill("SIGTERM");
  expect(await ended(orders)).toMatchObject({ code: 0, err: "" });
  await collector.stop();
}

function ask<Row>(capture: Capture, ...args: readonly string[]): Promise<readonly Row[]> {
  return collectors.get(capture)?.ask<Row>(...args) ?? Promise.reject(new Error(`no collector for ${capture}`));
}

/** What became of it in the database: one line per kind of call, with its credential and an example's fingerprint. */
function shapes(capture: Capture): readonly string[] {
  const db = new Database(join(folder, capture, "trustdrift.db"), { readonly: true });
  const rows = db
    .prepare<[], { operation: string; outcome: string; fingerprint: string | null; facts: string }>(
      `SELECT operation, outcome, shape.evidence ->> 'fingerprint' AS fingerprint,
         concat_ws(' ', slot, scheme, format, role, quality, issuer, client, audiences) AS facts
       FROM shape LEFT JOIN credential ON credential.key = credential_key`,
    )
    .all();
  db.close();
  return rows
    .map(({ operation, outcome, fingerprint, facts }) => [operation, outcome, fingerprint, facts].join(" "))
    .sort();
}

async function alerts(capture: Capture) {
  const rows = await ask<Record<string, unknown>>(capture, "alerts", "list");
  return rows
    .map(({ rule, severity, caller, callee, audiences, count, key }) => {
      return { rule, severity, caller, callee, audiences, count, key };
    })
    .sort((a, b) => String(a.key).localeCompare(String(b.key)));
}

test("the installed package tells what was presented over HTTP, fetch and gRPC, at both ends", async () => {
  const [edge, ...others] = await ask<Record<string, unknown>>("facts", "observe", "edges");
  expect(others).toEqual([]);
  expect(edge).toMatchObject({
    caller: "shop",
    callee: "orders",
    confidence: "paired",
    audiences: ["billing", "orders"],
  });
  const services = await ask<Record<string, number>>("facts", "observe", "services");
  expect(services).toMatchObject([
    { service: "orders", inbound: CALLS, inboundWithCredential: CALLS },
    { service: "shop", outbound: CALLS, outboundWithCredential: CALLS },
  ]);
});

test("the installed launcher says where the collector is to be had", async () => {
  const { code, err } = await ended(start([join(folder, "node_modules/trustdrift/bin/trustdrift"), "serve"]));
  expect({ code, err }).toEqual({
    code: 1,
    err: expect.stringMatching(/^trustdrift: .*checkout of the project\.\n$/u),
  });
});

test("a token for somebody else and one that has ended are found, over whatever way they came", async () => {
  const raised = await alerts("facts");
  expect(raised.map(({ rule, count }) => `${rule} ${count}`)).toEqual(
    expect.arrayContaining(["audience-mismatch-accepted 2", "expired-token-accepted 1"]),
  );
});

test("told facts and captured headers come to the same fingerprints, and to the same facts of every token", () => {
  const told = shapes("keyed");
  expect(told.filter((line) => line.includes("h1:k1:")).length).toBeGreaterThanOrEqual(8);
  expect(told).toEqual(shapes("raw"));
  // Without the key nothing is told of a password that could be guessed from it; the rest is the same.
  const tokens = (lines: readonly string[]) => lines.filter((line) => !line.includes(" basic "));
  expect(tokens(shapes("facts"))).toEqual(tokens(told));
});

test("told facts and captured headers come to the same verdicts", async () => {
  const raised = await alerts("raw");
  expect(raised.length).toBeGreaterThanOrEqual(2);
  expect(await alerts("facts")).toEqual(raised);
  expect(await alerts("keyed")).toEqual(raised);
});
