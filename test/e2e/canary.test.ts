import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { credentials, Metadata, makeGenericClientConstructor, type ServiceError } from "@grpc/grpc-js";
import { generateKeyPair, SignJWT } from "jose";
import { beforeAll, expect, test } from "vitest";
import { run } from "../review/cli/run.ts";
import { type CollectorProcess, startCollectorProcess } from "../support/collector-process.ts";
import {
  encodeJsonRequest,
  encodeRequest,
  type OtlpAttributes,
  type OtlpRequest,
  type OtlpSpan,
} from "../support/otlp.ts";
import { postBytes } from "../support/post-spans.ts";
import { killAtEnd } from "../support/processes.ts";
import { scratchFolder } from "../support/scratch-folder.ts";
import { until } from "../support/until.ts";

/*
 * Secrets that exist nowhere else go in through every door and every field; then everything that the collector leaves,
 * says or shows is searched for them, or for parts of them, in any usual spelling.
 */

const BASELINE = `
services:
  web: { calls: { stock: { token: { mode: own, audiences: [other-api] } } } }
  stock:
    callers: [web]
    accepts: [{ issuer: "https://other.example", audiences: [other-api] }]
`;
const { privateKey } = await generateKeyPair("ES256");
const JWT = await new SignJWT({
  iss: "https://canary.example",
  aud: "canary-api",
  sub: "canary-subject-8d2f1c",
  exp: 1_700_000_000,
})
  .setProtectedHeader({ alg: "ES256", kid: "canary-key-77ab" })
  .sign(privateKey);
const SIGNATURE = JWT.split(".")[2] ?? "";
const API_KEY = "sk_live_canary4eC39HqLyjWDarjtT1";
const PASSWORD = "canary-password-9f4b";
const BASIC = Buffer.from(`canary-user:${PASSWORD}`).toString("base64");
const OPAQUE = "canary-opaque-token-6b1d";
const COOKIE = "canary-session-51c7e09a";

const folder = scratchFolder();
killAtEnd();
let collector: CollectorProcess;
/** Whatever came back over a socket. */
const answers: string[] = [];

/** One call as both sides tell it, with something extra on both spans. */
function callWith(extra: Partial<OtlpSpan>, resource: OtlpAttributes = {}): OtlpRequest {
  const traceId = randomHex(16);
  const spanId = randomHex(8);
  const http = { "http.request.method": "GET", "http.route": "/items/{id}", "http.response.status_code": 200 };
  const attributes = { ...http, ...extra.attributes };
  const times = { startMs: Date.now(), endMs: Date.now() + 5 };
  const web = { ...times, ...extra, traceId, spanId, kind: 3, attributes };
  const stock = { ...times, ...extra, traceId, spanId: randomHex(8), parentSpanId: spanId, kind: 2, attributes };
  return {
    resourceSpans: [
      { resource: { "service.name": "web", ...resource }, scopeSpans: [{ spans: [web] }] },
      { resource: { "service.name": "stock", ...resource }, scopeSpans: [{ scope: JWT, spans: [stock] }] },
    ],
  };
}

function randomHex(bytes: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("hex");
}

const HEADERS = [
  "http.request.header.authorization",
  "rpc.request.metadata.authorization",
  "rpc.grpc.request.metadata.authorization",
  "rpc.connect_rpc.request.metadata.authorization",
  "messaging.header.authorization",
  "trustdrift.credential.authorization.fingerprint",
  "trustdrift.credential.authorization.token.client.id",
];
const UNKNOWN_HEADERS = [
  "http.request.header.cookie",
  "http.response.header.set-cookie",
  "http.request.header.x-api-key",
];
const PLACES = [
  ...[
    "http.route",
    "url.path",
    "http.target",
    "url.template",
    "url.query",
    "user_agent.original",
    "db.statement",
    "db.query.text",
  ],
  ...["peer.service", "server.address", "net.peer.name", "http.host", "client.address", "network.peer.address"],
  ...[
    "rpc.service",
    "rpc.method",
    "rpc.system",
    "db.system",
    "db.namespace",
    "db.collection.name",
    "db.operation.name",
  ],
  ...["messaging.system", "messaging.destination.name", "graphql.operation.name", "http.request.method", "url.scheme"],
  ...["exception.message", "some.application.attribute", "tls.protocol.version", "http.response.status_code"],
];
const RESOURCE_PLACES = [
  "service.name",
  "service.namespace",
  "service.version",
  "deployment.environment",
  "telemetry.sdk.language",
  "host.name",
];

/** Every secret as it may stand in a text. */
const TEXTS = [
  JWT,
  `Bearer ${JWT}`,
  API_KEY,
  `Basic ${BASIC}`,
  `token=${JWT}&password=${PASSWORD}`,
  `https://u:${PASSWORD}@h.example/${JWT}`,
];

function requests(): OtlpRequest[] {
  const header = (text: string) =>
    HEADERS.flatMap((key) => [
      callWith({ attributes: { [key]: text } }),
      callWith({ attributes: { [key]: [text, `${text}x`] } }),
      callWith({ attributes: { [key]: [text] } }),
    ]);
  const place = (text: string) => PLACES.map((key) => callWith({ attributes: { [key]: text } }));
  const url = (text: string) => ["url.full", "http.url"].map((key) => callWith({ attributes: { [key]: text } }));
  const resource = (text: string) => RESOURCE_PLACES.map((key) => callWith({}, { [key]: text }));
  return [
    ...[`Bearer ${JWT}`, JWT, `Basic ${BASIC}`, `ApiKey ${API_KEY}`, `Bearer ${OPAQUE}`].flatMap(header),
    ...UNKNOWN_HEADERS.map((key) => callWith({ attributes: { [key]: [`session=${COOKIE}`, API_KEY, JWT] } })),
    ...[
      `https://h.example/a?token=${JWT}#${JWT}`,
      `https://h.example/reset/${JWT}/x`,
      `https://u:${PASSWORD}@h.example/`,
    ].flatMap(url),
    ...TEXTS.flatMap(place),
    ...TEXTS.slice(0, 3).flatMap(resource),
    callWith({ name: `GET ${JWT}` }),
    callWith({ traceState: `vendor=${JWT}` }),
    callWith({ attributes: { [JWT]: "value", [`http.request.header.${JWT}`]: JWT } }),
    callWith({ attributes: { "db.statement": `SELECT * FROM t WHERE token = '${JWT}' AND p = '${PASSWORD}'` } }),
    callWith({
      attributes: { "url.path": `/${"a".repeat(65_500)}/${JWT}`, "some.attribute": `${"x".repeat(200_000)}${JWT}` },
    }),
    callWith({
      events: [
        {
          name: `failed ${JWT}`,
          timeMs: Date.now(),
          attributes: { "exception.message": `bad token ${JWT}`, "exception.stacktrace": JWT },
        },
      ],
    }),
    callWith({ links: [{ traceId: randomHex(16), spanId: randomHex(8), attributes: { authorization: JWT } }] }),
    callWith({ spanId: "00", traceId: JWT.replaceAll(/[^0-9a-f]/gu, "") }),
  ];
}

/** The request with a status message, which the test's encoder does not write: JSON only. */
function withStatusMessage(): Uint8Array {
  const request = JSON.parse(Buffer.from(encodeJsonRequest(callWith({ status: 2 }))).toString());
  for (const { scopeSpans } of request.resourceSpans) scopeSpans[0].spans[0].status.message = `401 for ${JWT}`;
  return Buffer.from(JSON.stringify(request));
}

const TraceService = makeGenericClientConstructor(
  {
    Export: {
      path: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
      requestStream: false,
      responseStream: false,
      requestSerialize: (bytes: Buffer) => bytes,
      requestDeserialize: (bytes: Buffer) => bytes,
      responseSerialize: (bytes: Buffer) => bytes,
      responseDeserialize: (bytes: Buffer) => bytes,
    },
  },
  "TraceService",
);

/** Sends bytes over gRPC, the secret in the metadata as well, and keeps what comes back. */
function sendGrpc(client: InstanceType<typeof TraceService>, bytes: Uint8Array): Promise<void> {
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${JWT}`);
  const deadline = Date.now() + 15_000;
  return new Promise((resolve) => {
    const done = (error: ServiceError | null, answer?: Buffer) => {
      answers.push(error === null ? String(answer) : `${error.message}${JSON.stringify(error.metadata)}`);
      resolve();
    };
    client.Export?.(Buffer.from(bytes), metadata, { deadline }, done);
  });
}

async function keep(response: Response): Promise<number> {
  answers.push(JSON.stringify([...response.headers]) + (await response.text()));
  return response.status;
}

async function sendHttp(bytes: Uint8Array, contentType: string): Promise<number> {
  return keep(await postBytes(collector.otlpHttp, bytes, contentType));
}

/** A request with its end cut off, one with a wire type that does not exist in its midst, and one that is no protobuf. */
function malformed(bytes: Uint8Array): Uint8Array[] {
  const broken = Uint8Array.from(bytes);
  broken[bytes.length - 40] = 0xff;
  return [bytes.subarray(0, bytes.length - 30), broken, Buffer.from(JWT)];
}

beforeAll(async () => {
  collector = await startCollectorProcess({ folder, baseline: BASELINE });
  const client = new TraceService(collector.otlpGrpc, credentials.createInsecure());
  const all = requests();
  for (const [index, request] of all.entries()) {
    if (index % 3 === 0) await sendGrpc(client, encodeRequest(request));
    else if (index % 3 === 1) await sendHttp(encodeRequest(request), "application/x-protobuf");
    else await sendHttp(encodeJsonRequest(request), "application/json");
  }
  await sendHttp(withStatusMessage(), "application/json");
  const whole = callWith({ attributes: { "http.request.header.authorization": `Bearer ${JWT}` } });
  for (const bytes of malformed(encodeRequest(whole))) {
    await sendGrpc(client, bytes);
    await sendHttp(bytes, "application/x-protobuf");
  }
  for (const bytes of malformed(encodeJsonRequest(whole))) await sendHttp(bytes, "application/json");
  await sendHttp(Buffer.from(`{"resourceSpans":[{"resource":{"attributes":"${JWT}"}}]}`), "application/json");
  await sendHttp(encodeRequest(whole), `text/${JWT}`);
  client.close();
  for (const address of [collector.otlpHttp, collector.api]) {
    await keep(await fetch(`http://${address}/${JWT}?token=${JWT}`, { method: "POST", body: JWT }));
  }
  await keep(await fetch(`http://${collector.api}/readyz`));
  await keep(await fetch(`http://${collector.api}/metrics`));
  await until("all guesses are made", async () => (await collector.ask("observe", "edges")).length > 1);
}, 60_000);

/** All alerts by id. */
async function alertIds(): Promise<readonly string[]> {
  const alerts = await collector.ask<{ readonly id: string }>("alerts", "list", "--status", "all");
  return alerts.map(({ id }) => id);
}

/** Fails, naming the place and not the secret, where a text holds a part of a secret in plain, base64 or hex. */
function findSecrets(text: string): string[] {
  const lower = text.toLowerCase();
  return NEEDLES.filter(([, needle]) => lower.includes(needle)).map(([what]) => what);
}

const NEEDLES: readonly (readonly [string, string])[] = Object.entries({
  jwt: JWT,
  key: API_KEY,
  password: PASSWORD,
  basic: BASIC,
  opaque: OPAQUE,
  cookie: COOKIE,
})
  .flatMap(([what, secret]) => [
    [what, secret],
    [
      `${what} in base64`,
      Buffer.from(secret)
        .toString("base64")
        .replace(/.{2}=*$/u, ""),
    ],
    [`${what} in hex`, Buffer.from(secret).toString("hex")],
  ])
  .concat(
    Array.from({ length: SIGNATURE.length - 11 }, (_, start) => [
      `signature from ${start}`,
      SIGNATURE.slice(start, start + 12),
    ]),
    [
      ["subject", "canary-subject-8d2f1c"],
      ["signature bytes in hex", Buffer.from(SIGNATURE, "base64url").toString("hex")],
    ],
  )
  .map(([what = "", needle = ""]) => [what, needle.toLowerCase()] as const);

test("the spans were taken and their credentials read: the search below has something to find", async () => {
  expect(await collector.metric("trustdrift_spans_total")).toBeGreaterThan(500);
  const families = await collector.ask<{ readonly issuer: string | null; readonly format: string }>(
    "observe",
    "credentials",
  );
  expect(families).toContainEqual(
    expect.objectContaining({ issuer: "https://canary.example", audiences: ["canary-api"] }),
  );
  expect(new Set(families.map(({ format }) => format))).toEqual(new Set(["jwt", "opaque", "basic", "key", "unknown"]));
  expect(await alertIds()).not.toHaveLength(0);
  expect(answers.join("\n")).toContain("INVALID_ARGUMENT");
  expect(findSecrets(`x${JWT}x`).slice(0, 2)).toEqual(["jwt", "signature from 0"]);
});

test("no answer over HTTP or gRPC, no metric and no problem holds a part of a secret", () => {
  expect(answers.flatMap((answer) => findSecrets(answer).map((what) => [what, answer]))).toEqual([]);
});

test("no command prints a part of a secret", async () => {
  const nouns = ["edges", "services", "credentials"].map((noun) => ["observe", noun]);
  const lists = [...nouns, ["alerts", "list", "--status", "all"]];
  const commands = lists.flatMap((list) => ["table", "wide", "json", "yaml"].map((format) => [...list, "-o", format]));
  for (const command of [...commands, ["baseline", "seed"]]) await expectSilence(command);
});

test("no alert shows a part of a secret, whether to people or to programs", async () => {
  for (const id of await alertIds()) {
    for (const format of ["table", "json"]) await expectSilence(["alerts", "show", id, "-o", format]);
  }
});

/** Runs a command in this process, because there are many: the other tests show that a process of its own says the same. */
async function expectSilence(command: readonly string[]): Promise<void> {
  const { code, out, err } = await run([...command, "--db", collector.dbFile]);
  expect({ code, found: findSecrets(out + err) }, command.join(" ")).toEqual({ code: 0, found: [] });
}

test("no file that the collector leaves and no line that it wrote holds a part of a secret", async () => {
  const live = searchFiles();
  expect(live.read).toEqual(
    expect.arrayContaining([
      "trustdrift.db",
      "trustdrift.db-wal",
      "trustdrift.db-shm",
      "trustdrift.db.lock",
      "fingerprint.key",
    ]),
  );
  expect(live.found).toEqual([]);
  const { code, out, err } = await collector.stop();
  expect(code).toBe(0);
  expect(findSecrets(out + err)).toEqual([]);
  expect(searchFiles().found).toEqual([]);
});

/** Searches every file beside the database; also as UTF-16, in which some libraries keep text. */
function searchFiles() {
  const read = readdirSync(folder).filter((name) => statSync(join(folder, name)).isFile());
  const found = read.flatMap((name) => {
    const bytes = readFileSync(join(folder, name));
    return [...findSecrets(bytes.toString("latin1")), ...findSecrets(bytes.toString("utf16le"))].map(
      (what) => `${name}: ${what}`,
    );
  });
  return { read, found };
}
